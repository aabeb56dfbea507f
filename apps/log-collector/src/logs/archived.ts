// Is everything an attempt printed archived?
import type { LogsArchived } from '#contracts';
import type { Logs } from './logs.ts';

export interface CompleteArchive {
  readonly type: 'CompleteArchive';
  readonly data: LogsArchived['data'];
}

/** Once an attempt; and a deleted archive is not complete, whoever comes late with it. */
export function archived({ data }: CompleteArchive, { answered, isDeleted }: Logs): LogsArchived[] {
  if (isDeleted || answered.has(data.attempt)) return [];
  return [{ type: 'LogsArchived', data }];
}
