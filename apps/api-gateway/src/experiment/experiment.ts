// What is known of an original experiment and all its resumes, which write one outputs path?
import type { CloningStrategy, DoneStatus, ExperimentCheckpointReported, ExperimentEvent, ExperimentId, ExperimentOrder } from '#contracts';
import { Refusal } from '#decider';

/**
 * live -> done -> deleted. Live from its request to the end of its run *and* of its console output; while one is live no other may become so,
 * because both would write the same outputs path.
 */
export interface Experiment {
  readonly order: ExperimentOrder;
  readonly cloningStrategy: CloningStrategy | null;
  readonly sourceExperimentId: ExperimentId | null;
  readonly state: 'live' | 'done' | 'deleted';
  readonly doneStatus: DoneStatus | null;
  /** Of the attempt that ended; 0: no process was ever started. */
  readonly attempt: number;
  readonly stopRequested: boolean;
  /** Why the platform itself stops it; null: it doesn't, or a user asked. */
  readonly stopReason: string | null;
  readonly isPinned: boolean;
  /** The latest that its program said, or showed, of the checkpoint it was given. */
  readonly checkpointReport: Pick<ExperimentCheckpointReported['data'], 'attempt' | 'read'> | null;
  /** The latest attempt whose lost work was told; 0: none. */
  readonly lostAttempt: number;
}

/** The stream `experiment-<id of the original>`: where two resumes meet. */
export interface Original {
  readonly experiments: ReadonlyMap<ExperimentId, Experiment>;
  /** Nobody goes on from them any more. */
  readonly outputsDeleted: boolean;
}

export const nobody: Original = { experiments: new Map(), outputsDeleted: false };

/** The one that may write the outputs path now. */
export function liveWriter(original: Original): Experiment | undefined {
  return [...original.experiments.values()].find(({ state }) => state === 'live');
}

/** Those that keep the outputs from being deleted. */
export function pinnedIn(original: Original): ExperimentId[] {
  return [...original.experiments.values()].filter(({ isPinned, state }) => isPinned && state !== 'deleted').map(({ order }) => order.experimentId);
}

export function knownExperiment(original: Original, id: ExperimentId): Experiment {
  const experiment = original.experiments.get(id);
  if (!experiment || experiment.state === 'deleted') throw new Refusal('experiment-not-found', `experiment ${id} was not found`, 'polyaxon project experiments');
  return experiment;
}

export function evolve(original: Original, event: ExperimentEvent): Original {
  switch (event.type) {
    case 'ExperimentCreated':
      return born(original, event.data, null, null);
    case 'ExperimentResumeRequested': {
      const { forced, from, cloningStrategy, sourceExperimentId, ...order } = event.data;
      return born(original, order, cloningStrategy, sourceExperimentId);
    }
    case 'ExperimentRestartRequested': {
      const { cloningStrategy, sourceExperimentId, ...order } = event.data;
      return born(original, order, cloningStrategy, sourceExperimentId);
    }
    case 'ExperimentCopyRequested': {
      const { sourceOriginalExperimentId, sourceOutputsPath, sourceOutputsStore, sourceIsLive, copyFolders, copyFiles, from, forced, cloningStrategy, sourceExperimentId, ...order } = event.data;
      return born(original, order, cloningStrategy, sourceExperimentId);
    }
    case 'ExperimentStopRequested':
      return changed(original, event.data.experimentId, { stopRequested: true, stopReason: event.data.reason ?? null });
    case 'ExperimentDone':
      return changed(original, event.data.experimentId, { state: 'done', doneStatus: event.data.status, attempt: event.data.attempt });
    case 'ExperimentOutputsDeleteRequested':
      return { ...original, outputsDeleted: true };
    case 'ExperimentPinned':
    case 'ExperimentUnpinned':
      return changed(original, event.data.experimentId, { isPinned: event.type === 'ExperimentPinned' });
    case 'ExperimentDeleted':
      return changed(original, event.data.experimentId, { state: 'deleted' });
    case 'ExperimentCheckpointReported':
      return changed(original, event.data.experimentId, { checkpointReport: { attempt: event.data.attempt, read: event.data.read } });
    case 'ExperimentWorkLost':
      return changed(original, event.data.experimentId, { lostAttempt: event.data.attempt });
    case 'ExperimentDescribed':
    case 'ExperimentStatusReported':
      return original; // nothing is decided by what is said of it
    default:
      return event satisfies never;
  }
}

function born(original: Original, order: ExperimentOrder, cloningStrategy: CloningStrategy | null, sourceExperimentId: ExperimentId | null): Original {
  const nothingYet = { doneStatus: null, attempt: 0, stopRequested: false, stopReason: null, isPinned: false, checkpointReport: null, lostAttempt: 0 };
  const experiment: Experiment = { order, cloningStrategy, sourceExperimentId, state: 'live', ...nothingYet };
  return { ...original, experiments: new Map(original.experiments).set(order.experimentId, experiment) };
}

function changed(original: Original, id: ExperimentId, change: Partial<Experiment>): Original {
  const experiment = original.experiments.get(id);
  if (!experiment) return original;
  return { ...original, experiments: new Map(original.experiments).set(id, { ...experiment, ...change }) };
}
