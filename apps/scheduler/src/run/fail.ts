// Something it needs can't be had: has it then failed?
import type { Attempt, ExperimentId, RunFailed, RunPreempted, RunStarted, RunStopped, TakenCause, Time } from '#contracts';
import { isAwaitingOutputs, isLive, lastToPrint, type Run } from './run.ts';
import { takenAway, type TakenBudget } from './taken-away.ts';
import { withWhatToDo } from './what-to-do.ts';

export interface FailOutputs {
  readonly type: 'FailOutputs';
  readonly data: { readonly experimentId: ExperimentId; readonly attempt?: Attempt; readonly message: string; readonly endedAt: Time };
}

export interface FailLaunch {
  readonly type: 'FailLaunch';
  readonly data: {
    readonly experimentId: ExperimentId;
    readonly attempt: Attempt;
    readonly reason: 'start' | 'build' | 'code' | 'image' | 'unschedulable';
    /** The machine took it away before it could start. */
    readonly taken?: TakenCause;
    /** Where what it printed before it failed can be followed, such as how its image was to be built. */
    readonly console?: string;
    readonly message: string;
    readonly endedAt: Time;
  } & TakenBudget;
}

/** Also before the request was heard. Once the outputs were ready, a failure to prepare them is not about this run. */
export function failOutputs({ data: { experimentId, message, endedAt, attempt: next = 1 } }: FailOutputs, run: Run): RunFailed[] {
  if (!isAwaitingOutputs(run, next)) return [];
  const { attempt } = run;
  return [{ type: 'RunFailed', data: { experimentId, attempt, wasStarted: false, ...lastToPrint(run), reason: 'outputs', exitCode: null, message, endedAt } }];
}

/**
 * Only before the process was there; from then on it ends by itself. What an earlier attempt printed stays, so the end is told of that one, unless this one has
 * printed something, too: then it was there as far as its log goes.
 */
export function failLaunch({ data }: FailLaunch, run: Run): (RunStarted | RunFailed | RunStopped | RunPreempted)[] {
  const { experimentId, attempt, reason, taken, console, message, endedAt } = data;
  if (!isLive(run, attempt) || run.state !== 'scheduled') return [];
  const ended = { experimentId, attempt, wasStarted: false, exitCode: null, message, endedAt };
  const ofRun = { ...ended, ...lastToPrint(run) };
  if (run.stopRequested) return [{ type: 'RunStopped', data: ofRun }];
  if (taken) return takenAway({ ...ended, cause: taken }, run, data);
  const failed = { ...ofRun, message: withWhatToDo(reason, message) ?? message, reason };
  if (console === undefined || run.order === null) return [{ type: 'RunFailed', data: failed }];
  const printed: RunStarted = {
    type: 'RunStarted',
    data: { experimentId, attempt, console, logsPath: run.order.logsPath, isBuilding: true, startedAt: endedAt },
  };
  return [printed, { type: 'RunFailed', data: { ...failed, attempt, wasStarted: true } }];
}
