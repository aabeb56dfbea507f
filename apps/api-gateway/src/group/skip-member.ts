// A member can't be made: what has then happened?
import type { GroupMemberSkipped } from '#contracts';
import { trialsOf, type Group } from './group.ts';

export interface SkipMember {
  readonly type: 'SkipMember';
  readonly data: GroupMemberSkipped['data'];
}

export function skipMember({ data }: SkipMember, group: Group): GroupMemberSkipped[] {
  const trial = trialsOf(group).find(({ experimentId }) => experimentId === data.experimentId);
  return group.state === 'live' && trial && trial.skipped === null ? [{ type: 'GroupMemberSkipped', data }] : [];
}
