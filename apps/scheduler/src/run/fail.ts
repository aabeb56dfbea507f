// Something it needs can't be had: has it then failed?
import type { Attempt, ExperimentId, RunFailed, RunStopped, Time } from '#contracts';
import { isAwaitingOutputs, isLive, type Run } from './run.ts';

export interface FailOutputs {
  readonly type: 'FailOutputs';
  readonly data: { readonly experimentId: ExperimentId; readonly attempt?: Attempt; readonly message: string; readonly endedAt: Time };
}

export interface FailLaunch {
  readonly type: 'FailLaunch';
  readonly data: { readonly experimentId: ExperimentId; readonly attempt: Attempt; readonly reason: 'start' | 'code'; readonly message: string; readonly endedAt: Time };
}

/** Also before the request was heard. Once the outputs were ready, a failure to prepare them is not about this run. */
export function failOutputs({ data: { experimentId, message, endedAt, attempt: next = 1 } }: FailOutputs, run: Run): RunFailed[] {
  if (!isAwaitingOutputs(run, next)) return [];
  const { attempt, wasStarted } = run;
  return [{ type: 'RunFailed', data: { experimentId, attempt, wasStarted, reason: 'outputs', exitCode: null, message, endedAt } }];
}

/** Only before the process was there; from then on it ends by itself. What an earlier attempt printed stays, so the end is told of that one. */
export function failLaunch({ data: { experimentId, attempt, reason, message, endedAt } }: FailLaunch, run: Run): (RunFailed | RunStopped)[] {
  if (!isLive(run, attempt) || run.state !== 'scheduled') return [];
  const { startedAttempt } = run;
  const wasStarted = startedAttempt > 0;
  const ended = { experimentId, attempt: wasStarted ? startedAttempt : attempt, wasStarted, exitCode: null, message, endedAt };
  return run.stopRequested ? [{ type: 'RunStopped', data: ended }] : [{ type: 'RunFailed', data: { ...ended, reason } }];
}
