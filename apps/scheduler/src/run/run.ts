// What is known of a run, and what does it wait for?
import type { Attempt, CloningStrategy, ExperimentId, ExperimentOrder, RunEvent } from '#contracts';

/**
 * waiting -> scheduled -> started -> done; a preempted one waits again, for its next attempt. Waiting, it needs its order, its outputs path and a slot,
 * in whatever sequence they come. At most one attempt is scheduled or started, and once done nothing changes any more.
 */
export interface Run {
  readonly state: 'waiting' | 'scheduled' | 'started' | 'done';
  /** Null until the request was heard: other messages may be faster. */
  readonly order: ExperimentOrder | null;
  readonly cloningStrategy: CloningStrategy | null;
  readonly sourceExperimentId: ExperimentId | null;
  readonly outputsReady: boolean;
  readonly stopRequested: boolean;
  /** Why it waits, as it was last said. */
  readonly heldReason: string | null;
  /** The latest one that was scheduled; 0: none was. */
  readonly attempt: Attempt;
  /** Whether that attempt's process was ever there. */
  readonly wasStarted: boolean;
  readonly warnings: readonly string[];
}

export const unknownRun: Run = {
  state: 'waiting',
  order: null,
  cloningStrategy: null,
  sourceExperimentId: null,
  outputsReady: false,
  stopRequested: false,
  heldReason: null,
  attempt: 0,
  wasStarted: false,
  warnings: [],
};

/** Only a slot is missing. */
export function isReady(run: Run): boolean {
  return run.state === 'waiting' && run.order !== null && run.outputsReady && !run.stopRequested;
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
      return { ...run, outputsReady: true };
    case 'RunHeld':
      return { ...run, heldReason: event.data.reason };
    case 'RunScheduled':
      return { ...run, state: 'scheduled', attempt: event.data.attempt, wasStarted: false, heldReason: null };
    case 'RunStarted':
      return { ...run, state: 'started', wasStarted: true };
    case 'RunWarned':
      return { ...run, warnings: [...run.warnings, event.data.message] };
    case 'RunStopRequested':
      return { ...run, stopRequested: true };
    case 'RunPreempted':
      return { ...run, state: 'waiting' };
    case 'RunSucceeded':
    case 'RunFailed':
    case 'RunStopped':
      return { ...run, state: 'done' };
    default:
      return event satisfies never;
  }
}
