// Is the request new, and what has then happened?
import type { RunQueued } from '#contracts';
import type { Run } from './run.ts';

export interface QueueRun {
  readonly type: 'QueueRun';
  readonly data: RunQueued['data'];
}

/** Its outputs may be ready already, or it may have ended before anyone heard that it was asked for. */
export function queue({ data }: QueueRun, run: Run): RunQueued[] {
  return run.order !== null || run.state === 'done' ? [] : [{ type: 'RunQueued', data }];
}
