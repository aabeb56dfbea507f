// May the outputs path be written, and is that news?
import type { RunOutputsReady } from '#contracts';
import type { Run } from './run.ts';

export interface ReleaseOutputs {
  readonly type: 'ReleaseOutputs';
  readonly data: RunOutputsReady['data'];
}

export function outputsReady({ data }: ReleaseOutputs, run: Run): RunOutputsReady[] {
  return run.outputsReady || run.state === 'done' ? [] : [{ type: 'RunOutputsReady', data }];
}
