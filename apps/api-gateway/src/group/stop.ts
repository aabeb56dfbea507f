// May the group be stopped, and what has then happened?
import type { GroupDone, GroupStopRequested } from '#contracts';
import { Refusal } from '#decider';
import { knownGroup, type Group } from './group.ts';

export interface StopGroup {
  readonly type: 'StopGroup';
  readonly data: GroupStopRequested['data'];
}

/** Either way no further iteration starts. After a stop of what waits, a stop of everything may still be asked for. */
export function stop({ data }: StopGroup, group: Group): (GroupStopRequested | GroupDone)[] {
  const { groupId, pendingOnly, requestedAt: doneAt } = data;
  const { state, order, stop: before } = knownGroup(group, groupId);
  if (state === 'done') throw new Refusal('group-already-done', `group ${groupId} is ${group.doneStatus} already`, `polyaxon group -g ${groupId} resume`);
  if (before && (pendingOnly || !before.pendingOnly)) return [];
  const requested: GroupStopRequested = { type: 'GroupStopRequested', data };
  return order.isManaged ? [requested] : [requested, { type: 'GroupDone', data: { groupId, status: 'stopped', message: null, doneAt } }];
}
