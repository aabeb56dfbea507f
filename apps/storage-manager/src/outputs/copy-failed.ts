// Has the copy failed?
import type { ExperimentId, OutputsCopyFailed, Time } from '#contracts';
import type { Outputs } from './outputs.ts';

export interface FailCopy {
  readonly type: 'FailCopy';
  readonly data: {
    readonly experimentId: ExperimentId;
    readonly originalExperimentId: ExperimentId;
    readonly outputsPath: string;
    readonly reason: string;
    readonly message: string;
    readonly failedAt: Time;
  };
}

/** A copy that is complete can't fail any more: a stop that came too late finds its files in place. */
export function copyFailed({ data }: FailCopy, { copy }: Outputs): OutputsCopyFailed[] {
  if (copy?.state !== 'running') return [];
  return [{ type: 'OutputsCopyFailed', data: { ...data, sourceExperimentId: copy.sourceExperimentId } }];
}
