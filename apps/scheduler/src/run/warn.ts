// Should users know this, and do they not know it yet?
import type { RunWarned } from '#contracts';
import { isLive, type Run } from './run.ts';

export interface WarnOfRun {
  readonly type: 'WarnOfRun';
  readonly data: RunWarned['data'];
}

export function warn({ data }: WarnOfRun, run: Run): RunWarned[] {
  return isLive(run, data.attempt) && !run.warnings.includes(data.message) ? [{ type: 'RunWarned', data }] : [];
}
