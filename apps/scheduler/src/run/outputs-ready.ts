// May the outputs path be written, and is that news?
import type { RunOutputsReady } from '#contracts';
import { isAwaitingOutputs, type Run } from './run.ts';

export interface ReleaseOutputs {
  readonly type: 'ReleaseOutputs';
  readonly data: RunOutputsReady['data'];
}

/** What was said of an earlier attempt says nothing of the next. */
export function outputsReady({ data }: ReleaseOutputs, run: Run): RunOutputsReady[] {
  return isAwaitingOutputs(run, data.attempt ?? 1) ? [{ type: 'RunOutputsReady', data }] : [];
}
