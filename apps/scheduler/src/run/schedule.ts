// May it take a slot, and as which attempt?
import type { ExperimentId, RunScheduled, Time } from '#contracts';
import { isDue, isReady, type Run } from './run.ts';

export interface ScheduleRun {
  readonly type: 'ScheduleRun';
  readonly data: { readonly experimentId: ExperimentId; readonly scheduledAt: Time };
}

/** Numbered here and nowhere else, so that no two attempts of a run share a number, and a late message of an earlier one shows itself. */
export function schedule({ data: { experimentId, scheduledAt } }: ScheduleRun, run: Run): RunScheduled[] {
  if (!isReady(run) || !isDue(run, scheduledAt)) return [];
  return [{ type: 'RunScheduled', data: { experimentId, attempt: run.attempt + 1, scheduledAt } }];
}
