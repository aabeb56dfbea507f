// What is a part of the page told when something happens, and whom does it concern?

/** An event of the platform, as far as the page looks into it. */
export interface Happened {
  readonly cursor: string;
  readonly type: string;
  readonly experimentId: number | null;
  readonly user: string | null;
  readonly project: string | null;
}

export type Concerns = (happened: Happened) => boolean;

export function happenedOf(cursor: string, entry: { readonly type: string; readonly data: Readonly<Record<string, unknown>> }): Happened {
  const { experimentId, user, project, owner, name } = entry.data;
  const ofProject = entry.type.startsWith('Project');
  return { cursor, type: entry.type, experimentId: numberIn(experimentId), user: textIn(user) ?? textIn(owner), project: textIn(project) ?? (ofProject ? textIn(name) : null) };
}

/** Of a list: what is in it, or new and of its project. What was searched for may also be what has just come to match, of which an event tells no project. */
export const concernsList = (user: string, project: string, { ids, isSearched }: { ids: () => ReadonlySet<number>; isSearched: boolean }): Concerns => (happened) =>
  happened.experimentId !== null && (isSearched || ids().has(happened.experimentId) || (happened.user === user && happened.project === project));

export const concernsExperiment = (...ids: readonly number[]): Concerns => ({ experimentId }) => experimentId !== null && ids.includes(experimentId);

/** When to look again after something happened: as soon as those who hear of it will have shown it, if all is well. */
export const soonMs = 20;
/** And again when nothing has followed for so long, in case they were slow. */
export const laterMs: readonly number[] = [300, 1500];

function numberIn(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
