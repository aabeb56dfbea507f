// What is known of a run, and what does it wait for?
import type { Attempt, CheckpointOffer, CloningStrategy, ExperimentId, ExperimentOrder, RunEvent, RunPending, RunPreempted, Time } from '#contracts';

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
  /** Why that attempt can't start yet, as it was last said; null: nothing holds it up, as far as is known. */
  readonly pending: Pick<RunPending['data'], 'cause' | 'reason' | 'pendingAt'> | null;
  /** Of the latest attempt that was there. */
  readonly startedAt: Time | null;
  /** Attempts that failed and were given another one. */
  readonly failedAttempts: number;
  /** Attempts that the machine took away and that were given another one. */
  readonly preemptions: number;
  /** Of these the latest ones, in a row, that were taken away at once. */
  readonly quickPreemptions: number;
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
  pending: null,
  startedAt: null,
  failedAttempts: 0,
  preemptions: 0,
  quickPreemptions: 0,
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

/** Attempts in all, with the first: as the polyaxonfile says, and one more for each that the machine took away. */
export function attemptsAllowed({ order, preemptions }: Run): number {
  const restarts = order?.environment.max_restarts;
  return 1 + (typeof restarts === 'number' ? restarts : 0) + preemptions;
}

/** An attempt that was taken away sooner has got nowhere. */
export const quickSeconds = 60;

/** Nothing, while no attempt has printed anything: then the end is told of the one that is meant. */
export function lastToPrint({ startedAttempt }: Run): { attempt: Attempt; wasStarted: true } | Record<never, never> {
  return startedAttempt > 0 ? { attempt: startedAttempt, wasStarted: true } : {};
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
      return { ...run, state: 'scheduled', attempt: event.data.attempt, wasStarted: false, isStarting: false, isBuilding: false, pending: null, heldReason: null, notBefore: null };
    case 'RunStarting':
      return { ...run, isStarting: true };
    case 'RunStarted':
      return { ...run, state: 'started', wasStarted: true, pending: null, startedAttempt: event.data.attempt, startedAt: event.data.startedAt, isBuilding: event.data.isBuilding ?? false };
    case 'RunBuilt':
      return { ...run, isBuilding: false };
    case 'RunPending': {
      const { cause, reason, pendingAt } = event.data;
      return { ...run, pending: { cause, reason, pendingAt } };
    }
    case 'RunWarned':
      return { ...run, warnings: [...run.warnings, event.data.message] };
    case 'RunCheckpointSeen':
      return { ...run, seenAttempt: event.data.attempt };
    case 'RunStopRequested':
      return { ...run, stopRequested: true };
    case 'RunPreempted':
      return preempted(run, event.data);
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

/** Those of former days didn't look at the outputs again, and went on at once. */
function preempted(run: Run, { wasStarted, endedAt, nextAttemptAt, outputs }: RunPreempted['data']): Run {
  const isQuick = !wasStarted || run.startedAt === null || Date.parse(endedAt) - Date.parse(run.startedAt) < 1000 * quickSeconds;
  const counted = { preemptions: run.preemptions + 1, quickPreemptions: isQuick ? run.quickPreemptions + 1 : 0 };
  return { ...run, state: 'waiting', ...counted, notBefore: nextAttemptAt ?? null, ...(outputs && { outputsReady: false, checkpoint: null }) };
}
