// Is this the first news that the attempt's process is there?
import type { Attempt, ExperimentId, RunStarted, Time } from '#contracts';
import { isLive, type Run } from './run.ts';

export interface RecordStart {
  readonly type: 'RecordStart';
  readonly data: { readonly experimentId: ExperimentId; readonly attempt: Attempt; readonly console: string; readonly startedAt: Time };
}

/** Also when a stop was asked for meanwhile: what it printed must find its reader. */
export function started({ data }: RecordStart, run: Run): RunStarted[] {
  if (!isLive(run, data.attempt) || run.state !== 'scheduled' || run.order === null) return [];
  const { experimentId, attempt, console, startedAt } = data;
  return [{ type: 'RunStarted', data: { experimentId, attempt, console, logsPath: run.order.logsPath, startedAt } }];
}
