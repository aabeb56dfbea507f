// Is this the first news that the attempt is launched, is there, has been built?
import type { Attempt, ExperimentId, RunBuilt, RunStarted, RunStarting, Time } from '#contracts';
import { isLive, type Run } from './run.ts';

export interface RecordStart {
  readonly type: 'RecordStart';
  readonly data: { readonly experimentId: ExperimentId; readonly attempt: Attempt; readonly console: string; readonly isBuilding?: boolean; readonly startedAt: Time };
}

export interface BeginStart {
  readonly type: 'BeginStart';
  readonly data: RunStarting['data'];
}

export interface RecordBuilt {
  readonly type: 'RecordBuilt';
  readonly data: RunBuilt['data'];
}

export function starting({ data }: BeginStart, run: Run): RunStarting[] {
  return isLive(run, data.attempt) && run.state === 'scheduled' && !run.isStarting && !run.stopRequested ? [{ type: 'RunStarting', data }] : [];
}

export function built({ data }: RecordBuilt, run: Run): RunBuilt[] {
  return isLive(run, data.attempt) && run.isBuilding ? [{ type: 'RunBuilt', data }] : [];
}

/** Also when a stop was asked for meanwhile: what it printed must find its reader. */
export function started({ data }: RecordStart, run: Run): RunStarted[] {
  if (!isLive(run, data.attempt) || run.state !== 'scheduled' || run.order === null) return [];
  const { experimentId, attempt, console, isBuilding = false, startedAt } = data;
  return [{ type: 'RunStarted', data: { experimentId, attempt, console, logsPath: run.order.logsPath, ...(isBuilding && { isBuilding }), startedAt } }];
}
