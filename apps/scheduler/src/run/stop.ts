// A stop was asked for: what has then happened?
import type { RunStopped, RunStopRequested } from '#contracts';
import { lastToPrint, type Run } from './run.ts';

export interface StopRun {
  readonly type: 'StopRun';
  readonly data: RunStopRequested['data'];
}

/** One that has no process ends at once, even if its request was not heard yet; a live one ends when its process does. */
export function stop({ data }: StopRun, run: Run): (RunStopRequested | RunStopped)[] {
  if (run.stopRequested || run.state === 'done') return [];
  const requested: RunStopRequested = { type: 'RunStopRequested', data };
  if (run.state !== 'waiting') return [requested];
  const { experimentId, requestedAt: endedAt } = data;
  const { attempt } = run;
  return [requested, { type: 'RunStopped', data: { experimentId, attempt, wasStarted: false, ...lastToPrint(run), exitCode: null, message: null, endedAt } }];
}
