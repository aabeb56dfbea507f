// May the group be deleted?
import type { ExperimentId, GroupDeleted } from '#contracts';
import { Refusal } from '#decider';
import type { Group } from './group.ts';

export interface DeleteGroup {
  readonly type: 'DeleteGroup';
  readonly data: GroupDeleted['data'] & {
    /** Members that are not done, also those that users made in it. */
    readonly live: readonly ExperimentId[];
    /** Live experiments whose outputs are being copied from those of a member. */
    readonly copiedBy: readonly ExperimentId[];
    readonly pinned: readonly ExperimentId[];
  };
}

/** With all its members, once none of them runs and nobody needs their outputs. */
export function deleteGroup({ data: { live, copiedBy, pinned, ...data } }: DeleteGroup, group: Group): GroupDeleted[] {
  const { groupId } = data;
  if (group.state === 'deleted') return []; // this very command, delivered again
  if (group.state === 'absent') throw new Refusal('group-not-found', `there is no group ${groupId}`, 'polyaxon project groups');
  if (group.state === 'live') throw new Refusal('group-not-done', `group ${groupId} is not done`, `polyaxon group -g ${groupId} stop`);
  const [member] = live;
  if (member !== undefined) throw new Refusal('group-not-done', `experiment ${member} of group ${groupId} is not done`, `polyaxon experiment -xp ${member} stop`);
  const [user] = copiedBy;
  if (user !== undefined) throw new Refusal('outputs-in-use', `outputs of group ${groupId} are being copied by experiment ${copiedBy.join(', ')}`, `polyaxon experiment -xp ${user} wait`);
  const [kept] = pinned;
  if (kept !== undefined) throw new Refusal('experiment-pinned', `experiment ${kept} of group ${groupId} is pinned`, `polyaxon experiment -xp ${kept} unpin`);
  return [{ type: 'GroupDeleted', data }];
}
