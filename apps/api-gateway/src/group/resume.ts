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
  const { iterations } = knownGroup(group, groupId);
  if (members.some(({ experimentId, iteration, index }) => iterations[iteration]?.[index]?.experimentId === experimentId)) return []; // this very command, delivered again
  refuseResume({ groupId, members: members.length, unmade }, group);
  return [{ type: 'GroupResumeRequested', data }];
}

/** `members`: how many would go on. */
export function refuseResume({ groupId, members, unmade }: { groupId: number; members: number; unmade: number }, group: Group): void {
  const { state, order, iterations, results } = knownGroup(group, groupId);
  if (!order.isManaged) throw new Refusal('group-not-managed', `group ${groupId} was only tracked here, not run`, 'polyaxon run -f polyaxonfile.yml -u');
  if (state !== 'done') throw new Refusal('group-not-done', `group ${groupId} is not done`, `polyaxon group -g ${groupId} stop`);
  if (members === 0 && unmade === 0 && results.length === iterations.length)
    throw new Refusal('group-succeeded', `every member of group ${groupId} has succeeded: there is nothing to resume`, `polyaxon group -g ${groupId} experiments`);
}
