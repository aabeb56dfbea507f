// Is it certain that an attempt's console output can't be archived?
import type { LogsArchiveFailed } from '#contracts';
import type { Logs } from './logs.ts';

export interface FailArchive {
  readonly type: 'FailArchive';
  readonly data: LogsArchiveFailed['data'];
}

/** Whoever waits for the end of an attempt's logs goes on with the first answer, so there is no second one. */
export function archiveFailed({ data }: FailArchive, { answered, isDeleted }: Logs): LogsArchiveFailed[] {
  if (isDeleted || answered.has(data.attempt)) return [];
  return [{ type: 'LogsArchiveFailed', data }];
}
