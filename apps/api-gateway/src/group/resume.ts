// May the group be resumed, and what has then happened?
import type { GroupResumeRequested } from '#contracts';
import { Refusal } from '#decider';
import { knownGroup, type Group } from './group.ts';

export interface ResumeGroup {
  readonly type: 'ResumeGroup';
  readonly data: GroupResumeRequested['data'] & {
    /** Trials that were never made, since the group was stopped first. */
    readonly unmade: number;
  };
}

/** What has succeeded stays; what was stopped or has failed goes on in its outputs, and the search from where it was. */
export function resume({ data: { unmade, ...data } }: ResumeGroup, group: Group): GroupResumeRequested[] {
  const { groupId, members } = data;
  const { state, order, iterations, results } = knownGroup(group, groupId);
  if (!order.isManaged) throw new Refusal('group-not-managed', `group ${groupId} was only tracked here, not run`, 'polyaxon run -f polyaxonfile.yml -u');
  if (members.some(({ experimentId, iteration, index }) => iterations[iteration]?.[index]?.experimentId === experimentId)) return []; // this very command, delivered again
  if (state !== 'done') throw new Refusal('group-not-done', `group ${groupId} is not done`, `polyaxon group -g ${groupId} stop`);
  if (members.length === 0 && unmade === 0 && results.length === iterations.length)
    throw new Refusal('group-succeeded', `every member of group ${groupId} has succeeded: there is nothing to resume`, `polyaxon group -g ${groupId} experiments`);
  return [{ type: 'GroupResumeRequested', data }];
}
