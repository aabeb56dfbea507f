// A group was asked for: what has then happened?
import type { GroupCreated, GroupIterationStarted, GroupOrder, NewMember } from '#contracts';
import type { Group } from './group.ts';

export interface CreateGroup {
  readonly type: 'CreateGroup';
  readonly data: {
    readonly order: GroupOrder;
    /** Of the first iteration; none for a group that is only tracked. */
    readonly members: readonly NewMember[];
  };
}

/** With its first iteration: there is never a group of which nobody knows what it will run. */
export function create({ data: { order, members } }: CreateGroup, group: Group): (GroupCreated | GroupIterationStarted)[] {
  if (group.state !== 'absent') return []; // this very command, delivered again
  const created: GroupCreated = { type: 'GroupCreated', data: order };
  if (members.length === 0) return [created];
  return [created, { type: 'GroupIterationStarted', data: { groupId: order.groupId, iteration: 0, members, startedAt: order.requestedAt } }];
}
