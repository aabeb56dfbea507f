// The attempt's process is gone: how has the run ended?
import type { Attempt, ExperimentId, RunFailed, RunStopped, RunSucceeded, Time } from '#contracts';
import { isLive, type Run } from './run.ts';

export interface EndRun {
  readonly type: 'EndRun';
  readonly data: {
    readonly experimentId: ExperimentId;
    readonly attempt: Attempt;
    /** Null: nobody knows, it vanished. */
    readonly exitCode: number | null;
    readonly message: string | null;
    readonly endedAt: Time;
  };
}

/** Who asked for a stop reads `stopped`, whichever code the program left with. The late end of an earlier attempt says nothing of this one. */
export function end({ data }: EndRun, run: Run): (RunSucceeded | RunFailed | RunStopped)[] {
  if (!isLive(run, data.attempt)) return [];
  const ended = { ...data, wasStarted: run.wasStarted };
  if (run.stopRequested) return [{ type: 'RunStopped', data: ended }];
  if (data.exitCode === 0) return [{ type: 'RunSucceeded', data: ended }];
  return [{ type: 'RunFailed', data: { ...ended, reason: data.exitCode === null ? 'lost' : 'program' } }];
}
