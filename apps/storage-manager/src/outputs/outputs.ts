// What is known of an outputs path, which an original experiment and all its resumes write?
import type { Attempt, ExperimentId, OutputsEvent } from '#contracts';

/** Of the one experiment that asked for the path to be filled from another's. running -> copied | failed, once. */
export interface Copy {
  readonly experimentId: ExperimentId;
  readonly sourceExperimentId: ExperimentId;
  readonly sourceOutputsPath: string;
  readonly state: 'running' | 'copied' | 'failed';
}

/** The stream `outputs-<id of the original>`. */
export interface Outputs {
  /** Experiments that were told whether they may write, and for which attempt at last; nobody is told twice. */
  readonly answered: ReadonlyMap<ExperimentId, Attempt>;
  readonly copy: Copy | null;
  readonly isDeleted: boolean;
}

export const unknownOutputs: Outputs = { answered: new Map(), copy: null, isDeleted: false };

export function evolve(outputs: Outputs, event: OutputsEvent): Outputs {
  switch (event.type) {
    case 'OutputsPrepared':
    case 'OutputsPrepareFailed':
      return answered(outputs, event.data.experimentId, event.data.attempt);
    case 'OutputsCopyStarted': {
      const { experimentId, sourceExperimentId, sourceOutputsPath } = event.data;
      return { ...outputs, copy: { experimentId, sourceExperimentId, sourceOutputsPath, state: 'running' } };
    }
    case 'OutputsCopied':
      return answered(ended(outputs, 'copied'), event.data.experimentId);
    case 'OutputsCopyFailed':
      return answered(ended(outputs, 'failed'), event.data.experimentId);
    case 'OutputsDeleted':
      return { ...outputs, isDeleted: true };
    case 'CheckpointsFound':
      return outputs; // nothing is decided by what a run wrote
    default:
      return event satisfies never;
  }
}

/** Also of a later attempt: the run has gone on. */
export function isAnswered({ answered: known }: Outputs, id: ExperimentId, attempt: Attempt = 1): boolean {
  return (known.get(id) ?? 0) >= attempt;
}

function answered(outputs: Outputs, id: ExperimentId, attempt: Attempt = 1): Outputs {
  return { ...outputs, answered: new Map(outputs.answered).set(id, attempt) };
}

function ended(outputs: Outputs, state: 'copied' | 'failed'): Outputs {
  return outputs.copy ? { ...outputs, copy: { ...outputs.copy, state } } : outputs;
}
