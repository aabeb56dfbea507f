// Is the outputs path to be filled from another experiment's?
import type { ExperimentId, OutputsCopyStarted, Time } from '#contracts';
import type { Outputs } from './outputs.ts';

export interface StartCopy {
  readonly type: 'StartCopy';
  readonly data: {
    readonly experimentId: ExperimentId;
    readonly originalExperimentId: ExperimentId;
    readonly outputsPath: string;
    readonly sourceExperimentId: ExperimentId;
    readonly sourceOutputsPath: string;
    readonly startedAt: Time;
  };
}

/** Once: whoever already writes there, or has deleted it, is not written over. */
export function startCopy({ data }: StartCopy, outputs: Outputs): OutputsCopyStarted[] {
  if (outputs.copy || outputs.answered.size > 0 || outputs.isDeleted) return [];
  return [{ type: 'OutputsCopyStarted', data }];
}
