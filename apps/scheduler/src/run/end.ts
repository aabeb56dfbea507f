// The attempt's process is gone: how has the run ended?
import type { Attempt, EndCause, ExperimentId, RepeatedReason, RunAttemptFailed, RunFailed, RunPreempted, RunStopped, RunSucceeded, TakenCause, Time } from '#contracts';
import { outputsAgain, pauseUntil } from './again.ts';
import { attemptsAllowed, isLive, type Run } from './run.ts';
import { isTaken, takenAway, type TakenBudget } from './taken-away.ts';
import { withWhatToDo } from './what-to-do.ts';

export interface EndRun {
  readonly type: 'EndRun';
  readonly data: {
    readonly experimentId: ExperimentId;
    readonly attempt: Attempt;
    /** Null: nobody knows, it vanished. */
    readonly exitCode: number | null;
    /** Not given: its program ended it. */
    readonly cause?: EndCause;
    /** What happened; what to do about it is said here. */
    readonly message: string | null;
    readonly endedAt: Time;
    /** Before a second attempt; it doubles with each further one. */
    readonly restartDelaySeconds?: number;
    /** With which its program says that the machine failed it. */
    readonly infrastructureExitCodes?: readonly number[];
  } & TakenBudget;
}

type FailedFor = RunFailed['data']['reason'];

/**
 * Who asked for a stop reads `stopped`, whichever code the program left with. What the machine took away goes on, also when its program left in good order once it was asked to; what the program did itself
 * counts for `max_restarts`. The late end of an earlier attempt says nothing of this one.
 */
export function end({ data }: EndRun, run: Run): (RunSucceeded | RunFailed | RunStopped | RunAttemptFailed | RunPreempted)[] {
  if (!isLive(run, data.attempt)) return [];
  const { experimentId, attempt, exitCode, message, endedAt } = data;
  const ended = { experimentId, attempt, wasStarted: run.wasStarted, exitCode, message, endedAt };
  if (run.stopRequested) return [{ type: 'RunStopped', data: ended }];
  const taken = takenBy(data);
  if (taken) return takenAway({ ...ended, cause: taken }, run, data);
  if (exitCode === 0) return [{ type: 'RunSucceeded', data: ended }];
  const reason = reasonOf(data);
  const failed = { ...ended, message: withWhatToDo(reason, message) };
  const allowed = attemptsAllowed(run);
  if (!isRepeated(reason) || attempt >= allowed) return [{ type: 'RunFailed', data: { ...failed, reason } }];
  const nextAttemptAt = pauseUntil(endedAt, data.restartDelaySeconds ?? 0, run.failedAttempts);
  return [{ type: 'RunAttemptFailed', data: { ...failed, reason, attemptsAllowed: allowed, nextAttemptAt, ...outputsAgain(run) } }];
}

function takenBy({ cause, exitCode, infrastructureExitCodes = [] }: EndRun['data']): TakenCause | undefined {
  if (cause !== undefined) return isTaken(cause) ? cause : undefined;
  return exitCode !== null && exitCode !== 0 && infrastructureExitCodes.includes(exitCode) ? 'infrastructure' : undefined;
}

function reasonOf({ cause, exitCode }: EndRun['data']): FailedFor {
  if (cause !== undefined && !isTaken(cause)) return cause;
  return exitCode === null ? 'lost' : 'program';
}

/** What can't be had for one attempt can't be had for the next. */
function isRepeated(reason: FailedFor): reason is RepeatedReason {
  return reason === 'program' || reason === 'out-of-memory' || reason === 'lost';
}
