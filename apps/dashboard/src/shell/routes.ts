// Which screen is at an address?

export const tabs = ['overview', 'charts', 'history', 'logs', 'outputs', 'checkpoints', 'lineage', 'spec'] as const;
export type Tab = (typeof tabs)[number];

export type Route =
  | { readonly screen: 'token' }
  | { readonly screen: 'compare' }
  | { readonly screen: 'copies' }
  | { readonly screen: 'fleet' }
  | { readonly screen: 'now' }
  | { readonly screen: 'projects'; readonly user: string }
  | { readonly screen: 'runs'; readonly user: string; readonly project: string }
  | { readonly screen: 'groups'; readonly user: string; readonly project: string }
  | { readonly screen: 'group'; readonly user: string; readonly project: string; readonly id: number }
  | { readonly screen: 'experiment'; readonly user: string; readonly project: string; readonly id: number; readonly tab: Tab }
  | { readonly screen: 'nowhere' };

const nowhere: Route = { screen: 'nowhere' };

/** Of a path; what stands behind `?` is the screen's own. */
export function routeOf(path: string): Route {
  const words = path.split('/').filter((word) => word !== '');
  if (words[0] !== 'app') return nowhere;
  const [, user, project, kind, number, word, ...more] = words.map(decoded);
  if (user === undefined) return { screen: 'now' };
  if (user === 'token' && project === undefined) return { screen: 'token' };
  if (user === 'compare' && project === undefined) return { screen: 'compare' };
  if (user === 'copies' && project === undefined) return { screen: 'copies' };
  if (user === 'fleet' && project === undefined) return { screen: 'fleet' };
  if (project === undefined) return { screen: 'projects', user };
  if (kind === undefined || (kind === 'experiments' && number === undefined)) return { screen: 'runs', user, project };
  if (kind === 'groups' && number === undefined) return { screen: 'groups', user, project };
  if (kind === 'groups') return word === undefined && isNumber(number) ? { screen: 'group', user, project, id: Number(number) } : nowhere;
  if (kind !== 'experiments' || more.length > 0 || !isNumber(number)) return nowhere;
  const tab = tabs.find((one) => one === (word ?? 'overview'));
  return tab ? { screen: 'experiment', user, project, id: Number(number), tab } : nowhere;
}

export const pathOf = {
  projects: (user?: string) => (user === undefined ? '/app' : `/app/${encodeURIComponent(user)}`),
  runs: (user: string, project: string) => `/app/${encodeURIComponent(user)}/${encodeURIComponent(project)}`,
  experiment: (user: string, project: string, id: number, tab: Tab = 'overview') => `${pathOf.runs(user, project)}/experiments/${id}${tab === 'overview' ? '' : `/${tab}`}`,
  compare: (...ids: readonly number[]) => `/app/compare?ids=${ids.join(',')}`,
  copies: () => '/app/copies',
  groups: (user: string, project: string) => `${pathOf.runs(user, project)}/groups`,
  group: (user: string, project: string, id: number) => `${pathOf.groups(user, project)}/${id}`,
  fleet: '/app/fleet',
  token: (next: string) => `/app/token?${new URLSearchParams({ next }).toString()}`,
};

/** Where to go after a login: only back into the page. */
export function nextOf(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '';
  return /^\/app(?:[/?#]|$)/.test(next) && !next.startsWith('/app/token') ? next : '/app';
}

function isNumber(word: string | undefined): boolean {
  return /^[1-9]\d{0,8}$/.test(word ?? '');
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
