// What is known of a run, and what does it wait for?
import type { Attempt, CheckpointOffer, CloningStrategy, ExperimentId, ExperimentOrder, RunEvent, Time } from '#contracts';

/**
 * waiting -> scheduled -> started -> done; one that was preempted, or failed and may try again, waits again, for its next attempt. Waiting, it needs its order, its outputs path and a slot,
 * in whatever sequence they come. At most one attempt is scheduled or started, and once done nothing changes any more.
 */
export interface Run {
  readonly state: 'waiting' | 'scheduled' | 'started' | 'done';
  /** Null until the request was heard: other messages may be faster. */
  readonly order: ExperimentOrder | null;
  readonly cloningStrategy: CloningStrategy | null;
  readonly sourceExperimentId: ExperimentId | null;
  readonly outputsReady: boolean;
  /** What its next or latest attempt is given to go on from; null: its outputs were empty, or nobody looked. */
  readonly checkpoint: CheckpointOffer | null;
  readonly stopRequested: boolean;
  /** Why it waits, as it was last said. */
  readonly heldReason: string | null;
  /** The latest one that was scheduled; 0: none was. */
  readonly attempt: Attempt;
  /** Whether that attempt's process was ever there. */
  readonly wasStarted: boolean;
  /** The latest attempt whose process was there, and so has printed something; 0: none was. */
  readonly startedAttempt: Attempt;
  /** That it is being launched was told. */
  readonly isStarting: boolean;
  /** Its build steps are not done yet. */
  readonly isBuilding: boolean;
  /** Attempts that failed and were given another one. */
  readonly failedAttempts: number;
  /** The next attempt starts no earlier. */
  readonly notBefore: Time | null;
  readonly warnings: readonly string[];
  /** The latest attempt of which is known whether it has read its checkpoint; 0: none. */
  readonly seenAttempt: Attempt;
}

export const unknownRun: Run = {
  state: 'waiting',
  order: null,
  cloningStrategy: null,
  sourceExperimentId: null,
  outputsReady: false,
  checkpoint: null,
  stopRequested: false,
  heldReason: null,
  attempt: 0,
  wasStarted: false,
  startedAttempt: 0,
  isStarting: false,
  isBuilding: false,
  failedAttempts: 0,
  notBefore: null,
  warnings: [],
  seenAttempt: 0,
};

/** Only a slot is missing. */
export function isReady(run: Run): boolean {
  return run.state === 'waiting' && run.order !== null && run.outputsReady && !run.stopRequested;
}

/** Its outputs are being looked at, for this attempt. */
export function isAwaitingOutputs(run: Run, attempt: Attempt): boolean {
  return run.state === 'waiting' && !run.outputsReady && attempt === run.attempt + 1;
}

/** The pause after a failed attempt is over. */
export function isDue({ notBefore }: Pick<Run, 'notBefore'>, now: Time): boolean {
  return notBefore === null || Date.parse(notBefore) <= Date.parse(now);
}

/** As the polyaxonfile says: attempts in all, with the first. */
export function attemptsAllowed({ order }: Run): number {
  const restarts = order?.environment.max_restarts;
  return 1 + (typeof restarts === 'number' ? restarts : 0);
}

/** It is this attempt, and no later one, that may write. */
export function isLive(run: Run, attempt: Attempt): boolean {
  return (run.state === 'scheduled' || run.state === 'started') && run.attempt === attempt;
}

export function evolve(run: Run, event: RunEvent): Run {
  switch (event.type) {
    case 'RunQueued': {
      const { order, cloningStrategy, sourceExperimentId } = event.data;
      return { ...run, order, cloningStrategy, sourceExperimentId };
    }
    case 'RunOutputsReady':
      return { ...run, outputsReady: true, checkpoint: event.data.checkpoint ?? null };
    case 'RunHeld':
      return { ...run, heldReason: event.data.reason };
    case 'RunScheduled':
      return { ...run, state: 'scheduled', attempt: event.data.attempt, wasStarted: false, isStarting: false, isBuilding: false, heldReason: null, notBefore: null };
    case 'RunStarting':
      return { ...run, isStarting: true };
    case 'RunStarted':
      return { ...run, state: 'started', wasStarted: true, startedAttempt: event.data.attempt, isBuilding: event.data.isBuilding ?? false };
    case 'RunBuilt':
      return { ...run, isBuilding: false };
    case 'RunWarned':
      return { ...run, warnings: [...run.warnings, event.data.message] };
    case 'RunCheckpointSeen':
      return { ...run, seenAttempt: event.data.attempt };
    case 'RunStopRequested':
      return { ...run, stopRequested: true };
    case 'RunPreempted':
      return { ...run, state: 'waiting' };
    case 'RunAttemptFailed':
      return { ...run, state: 'waiting', failedAttempts: run.failedAttempts + 1, notBefore: event.data.nextAttemptAt, outputsReady: event.data.outputs === undefined, checkpoint: null };
    case 'RunSucceeded':
    case 'RunFailed':
    case 'RunStopped':
      return { ...run, state: 'done' };
    default:
      return event satisfies never;
  }
}
