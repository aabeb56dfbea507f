// Are the logs gone?
import type { LogsDeleted } from '#contracts';
import type { Logs } from './logs.ts';

export interface DeleteLogs {
  readonly type: 'DeleteLogs';
  readonly data: LogsDeleted['data'];
}

/** Also when nothing was ever printed: there is nothing left to find either way. */
export function deleted({ data }: DeleteLogs, { isDeleted }: Logs): LogsDeleted[] {
  return isDeleted ? [] : [{ type: 'LogsDeleted', data }];
}
