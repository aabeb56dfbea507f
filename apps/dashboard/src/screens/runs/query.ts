// What is asked of the list, and what can still be added to it?

/** As the address of the page says it. */
export interface Asked {
  readonly query: string;
  readonly sort: string;
  readonly cursor: string | null;
  readonly offset: number;
  /** Of each chain its newest run, and no members of groups. */
  readonly isFolded: boolean;
  /** Pages that were loaded on behind the one that is asked for. */
  readonly more: number;
}

/** Behind so many the list goes on on a page of its own: a browser has to bear it, too. */
export const moreMax = 19;

export const pageSize = 50;
const fields = ['status', 'name', 'id', 'user', 'tags', 'created_at', 'started_at', 'finished_at', 'group', 'chain', 'latest', 'independent', 'original', 'cloning_strategy', 'commit', 'framework', 'description'];
const statuses = ['running', 'succeeded', 'failed', 'stopped', 'created', 'scheduled', 'starting', 'copying', 'building', 'warning', 'unschedulable'];

export function askedIn({ searchParams }: URL): Asked {
  const offset = Number(searchParams.get('offset') ?? 0);
  const [query, sort, fold] = [searchParams.get('q') ?? '', searchParams.get('sort') ?? '', searchParams.get('fold')];
  // Whoever searches or sorts means every run there is, unless they say otherwise.
  const isFolded = fold === null ? query === '' && sort === '' : fold === '1';
  const more = Number(searchParams.get('more') ?? 0);
  return { more: Number.isSafeInteger(more) ? Math.min(moreMax, Math.max(0, more)) : 0, query, sort, cursor: searchParams.get('cursor'), offset: Number.isSafeInteger(offset) && offset > 0 ? offset : 0, isFolded };
}

/** The address of the platform for it. */
export function pathFor(user: string, project: string, { query: written, sort, cursor, offset, isFolded }: Asked): string {
  const query = [written, isFolded ? 'latest: true' : ''].filter((one) => one.trim() !== '').join(', ');
  const questions = new URLSearchParams({
    limit: String(pageSize), brief: 'true', ...(query && { query }), ...(isFolded && { independent: 'true' }), ...(sort && { sort }), ...(cursor && { cursor }), ...(offset > 0 && { offset: String(offset) }),
  });
  return `/${encodeURIComponent(user)}/${encodeURIComponent(project)}/experiments?${questions.toString()}`;
}

/** The runs of one chain, newest first. */
export function chainPath(user: string, project: string, original: number): string {
  return `/${encodeURIComponent(user)}/${encodeURIComponent(project)}/experiments?${new URLSearchParams({ limit: '100', brief: 'true', query: `chain: ${original}` }).toString()}`;
}

/** What a neighbour's address says of where it is; null: there is none. */
export function neighbour(address: string | null): { readonly cursor: string | null; readonly offset: string | null } | null {
  if (address === null) return null;
  const { searchParams } = new URL(address);
  const offset = searchParams.get('offset');
  return { cursor: searchParams.get('cursor'), offset: offset === '0' ? null : offset };
}

/** The whole text as it would be, for the last condition that is being written. */
export function completions(query: string, names: readonly string[]): readonly string[] {
  const [, done = '', open = ''] = /^(.*,\s*|)([^,]*)$/s.exec(query) ?? [];
  const [, field, operator = '', value = ''] = /^~?(status)\s*:\s*((?:.*\|)?~?)(\w*)$/.exec(open) ?? [];
  if (field) return statuses.filter((one) => one.startsWith(value) && one !== value).map((one) => `${done}${field}: ${operator}${one}`);
  if (open.includes(':')) return [];
  return [...fields, ...names].filter((name) => name.startsWith(open.replace(/^~/, ''))).map((name) => `${done}${open.startsWith('~') ? '~' : ''}${name}: `);
}
