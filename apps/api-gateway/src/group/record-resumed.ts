// Has every member that goes on been asked for?
import type { GroupResumed } from '#contracts';
import type { Group } from './group.ts';

export interface RecordResumed {
  readonly type: 'RecordResumed';
  readonly data: GroupResumed['data'];
}

export function recordResumed({ data }: RecordResumed, group: Group): GroupResumed[] {
  return group.state === 'live' && group.isResuming ? [{ type: 'GroupResumed', data }] : [];
}
