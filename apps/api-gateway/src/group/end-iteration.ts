// Every member of the iteration has ended: how does the search go on?
import type { GroupDone, GroupDoneStatus, GroupId, GroupIterationEnded, GroupIterationStarted, NewMember, Time, TrialResult } from '#contracts';
import type { Group } from './group.ts';

export interface EndIteration {
  readonly type: 'EndIteration';
  readonly data: {
    readonly groupId: GroupId;
    readonly iteration: number;
    /** In the order of its members. */
    readonly results: readonly TrialResult[];
    /** What the search proposes next; none: it is over. */
    readonly next: readonly NewMember[];
    /** How the group has ended if the search is over. */
    readonly outcome: { readonly status: GroupDoneStatus; readonly message: string | null };
    readonly at: Time;
  };
}

/** Results and what follows from them are one append: killed before it, the same is done again; after it, nothing is. */
export function endIteration({ data }: EndIteration, group: Group): (GroupIterationEnded | GroupIterationStarted | GroupDone)[] {
  const { groupId, iteration, results, next, outcome, at } = data;
  const isOpen = group.state === 'live' && group.stop === null && group.results.length === iteration && group.iterations.length === iteration + 1;
  if (!isOpen) return [];
  const ended: GroupIterationEnded = { type: 'GroupIterationEnded', data: { groupId, iteration, results, endedAt: at } };
  if (next.length === 0) return [ended, { type: 'GroupDone', data: { groupId, ...outcome, doneAt: at } }];
  return [ended, { type: 'GroupIterationStarted', data: { groupId, iteration: iteration + 1, members: next, startedAt: at } }];
}
