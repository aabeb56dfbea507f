// The attempt's process is gone: how has the run ended?
import type { Attempt, CheckpointOffer, ExperimentId, ExperimentOrder, RunAttemptFailed, RunFailed, RunStopped, RunSucceeded, Time } from '#contracts';
import { attemptsAllowed, isLive, type Run } from './run.ts';

export interface EndRun {
  readonly type: 'EndRun';
  readonly data: {
    readonly experimentId: ExperimentId;
    readonly attempt: Attempt;
    /** Null: nobody knows, it vanished. */
    readonly exitCode: number | null;
    readonly message: string | null;
    readonly endedAt: Time;
    /** Before a second attempt; it doubles with each further one. */
    readonly restartDelaySeconds?: number;
  };
}

const longestDelaySeconds = 300;

/** Who asked for a stop reads `stopped`, whichever code the program left with. The late end of an earlier attempt says nothing of this one. */
export function end({ data: { restartDelaySeconds = 0, ...data } }: EndRun, run: Run): (RunSucceeded | RunFailed | RunStopped | RunAttemptFailed)[] {
  if (!isLive(run, data.attempt)) return [];
  const ended = { ...data, wasStarted: run.wasStarted };
  if (run.stopRequested) return [{ type: 'RunStopped', data: ended }];
  if (data.exitCode === 0) return [{ type: 'RunSucceeded', data: ended }];
  const failed = { ...ended, reason: data.exitCode === null ? ('lost' as const) : ('program' as const) };
  const allowed = attemptsAllowed(run);
  if (run.failedAttempts + 1 >= allowed) return [{ type: 'RunFailed', data: failed }];
  const delayMs = 1000 * Math.min(longestDelaySeconds, restartDelaySeconds * 2 ** run.failedAttempts);
  const nextAttemptAt = new Date(Date.parse(data.endedAt) + delayMs).toISOString();
  return [{ type: 'RunAttemptFailed', data: { ...failed, attemptsAllowed: allowed, nextAttemptAt, ...(run.order && { outputs: outputsOf(run.order, run.checkpoint) }) } }];
}

/** What the failed one has left there may be cut off. */
function outputsOf({ originalExperimentId, outputsPath, outputsStore }: ExperimentOrder, checkpoint: CheckpointOffer | null): NonNullable<RunAttemptFailed['data']['outputs']> {
  return { originalExperimentId, outputsPath, ...(outputsStore !== undefined && { outputsStore }), forced: checkpoint?.forced === true };
}
