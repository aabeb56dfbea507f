// Nothing of the group is live, and nothing more will be: has it ended?
import type { GroupDone } from '#contracts';
import type { Group } from './group.ts';

export interface EndGroup {
  readonly type: 'EndGroup';
  readonly data: GroupDone['data'];
}

/** By a stop, or after a resume when the search was over before. Who ends an iteration ends the group with it (end-iteration.ts). */
export function end({ data }: EndGroup, group: Group): GroupDone[] {
  if (group.state !== 'live') return [];
  return group.stop !== null || group.results.length === group.iterations.length ? [{ type: 'GroupDone', data }] : [];
}
