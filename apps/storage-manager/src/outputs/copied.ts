// Is the copy complete?
import type { CheckpointOffer, ExperimentId, OutputsCopied, Time } from '#contracts';
import type { Outputs } from './outputs.ts';

export interface CompleteCopy {
  readonly type: 'CompleteCopy';
  readonly data: {
    readonly experimentId: ExperimentId;
    readonly originalExperimentId: ExperimentId;
    readonly outputsPath: string;
    readonly files: number;
    readonly sizeBytes: number;
    readonly digest: string;
    readonly skippedLinks: number;
    readonly checkpoint?: CheckpointOffer;
    readonly copiedAt: Time;
  };
}

/** A copy ends once; a late report of one that has failed changes nothing. */
export function copied({ data }: CompleteCopy, { copy }: Outputs): OutputsCopied[] {
  if (copy?.state !== 'running') return [];
  const { sourceExperimentId, sourceOutputsPath } = copy;
  return [{ type: 'OutputsCopied', data: { ...data, sourceExperimentId, sourceOutputsPath } }];
}
