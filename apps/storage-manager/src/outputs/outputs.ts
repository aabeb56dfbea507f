// What is known of an outputs path, which an original experiment and all its resumes write?
import type { ExperimentId, OutputsEvent } from '#contracts';

/** Of the one experiment that asked for the path to be filled from another's. running -> copied | failed, once. */
export interface Copy {
  readonly experimentId: ExperimentId;
  readonly sourceExperimentId: ExperimentId;
  readonly sourceOutputsPath: string;
  readonly state: 'running' | 'copied' | 'failed';
}

/** The stream `outputs-<id of the original>`. */
export interface Outputs {
  /** Experiments that were told whether they may write; nobody is told twice. */
  readonly answered: ReadonlySet<ExperimentId>;
  readonly copy: Copy | null;
  readonly isDeleted: boolean;
}

export const unknownOutputs: Outputs = { answered: new Set(), copy: null, isDeleted: false };

export function evolve(outputs: Outputs, event: OutputsEvent): Outputs {
  switch (event.type) {
    case 'OutputsPrepared':
    case 'OutputsPrepareFailed':
      return answered(outputs, event.data.experimentId);
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

function answered(outputs: Outputs, id: ExperimentId): Outputs {
  return { ...outputs, answered: new Set(outputs.answered).add(id) };
}

function ended(outputs: Outputs, state: 'copied' | 'failed'): Outputs {
  return outputs.copy ? { ...outputs, copy: { ...outputs.copy, state } } : outputs;
}
