// Where does the platform tell of groups, and when may it tell something else?
import type { Concerns } from '../../api/happened.ts';

export interface GroupAddress {
  readonly user: string;
  readonly project: string;
  readonly id: number;
}

/** So many members are drawn and listed at once. */
export const membersMax = 500;

export function groupsPath(user: string, project: string, limit: number, offset = 0): string {
  return `/${encodeURIComponent(user)}/${encodeURIComponent(project)}/groups?${new URLSearchParams({ limit: String(limit), ...(offset > 0 && { offset: String(offset) }) }).toString()}`;
}

export function groupPath({ user, project, id }: GroupAddress): string {
  return `/${encodeURIComponent(user)}/${encodeURIComponent(project)}/groups/${id}`;
}

/** The best by the metric, when it is known; else the newest. */
export function membersPath({ user, project, id }: GroupAddress, sort: string | null): string {
  return `/${encodeURIComponent(user)}/${encodeURIComponent(project)}/experiments?${new URLSearchParams({ group: String(id), limit: String(membersMax), brief: 'true', ...(sort !== null && { sort }) }).toString()}`;
}

/** What happens to a member happens to its group, too, and an event doesn't say which one it is in. */
export const concernsGroups: Concerns = ({ type }) => /^(Group|Experiment|Run)/.test(type);
