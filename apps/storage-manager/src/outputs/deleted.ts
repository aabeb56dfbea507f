// Are the outputs gone?
import type { ExperimentId, OutputsDeleted, Time } from '#contracts';
import { Refusal } from '#decider';
import type { Outputs } from './outputs.ts';

export interface DeleteOutputs {
  readonly type: 'DeleteOutputs';
  readonly data: { readonly experimentId: ExperimentId; readonly originalExperimentId: ExperimentId; readonly outputsPath: string; readonly deletedAt: Time };
}

/** Nothing comes back after this: whoever asks for the path later is told so. */
export function deleted({ data }: DeleteOutputs, { copy, isDeleted }: Outputs): OutputsDeleted[] {
  if (isDeleted) return [];
  if (copy?.state === 'running') throw new Refusal('experiment-not-done', `the outputs path ${data.outputsPath} is still being filled`);
  return [{ type: 'OutputsDeleted', data }];
}
