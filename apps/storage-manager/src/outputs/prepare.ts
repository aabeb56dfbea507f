// May the experiment write its outputs path, and what has then happened?
import type { Attempt, CheckpointOffer, ExperimentId, OutputsPrepared, OutputsPrepareFailed, Time } from '#contracts';
import { isAnswered, type Outputs } from './outputs.ts';

export interface PrepareOutputs {
  readonly type: 'PrepareOutputs';
  readonly data: {
    readonly experimentId: ExperimentId;
    readonly originalExperimentId: ExperimentId;
    readonly outputsPath: string;
    /** Absent: the first. */
    readonly attempt?: Attempt;
    /** It goes on in what is there; anything else begins in an empty folder. */
    readonly isResume: boolean;
    /** The folder as it is now, or why there is none. */
    readonly folder: { readonly state: 'empty' | 'filled' } | { readonly state: 'failed'; readonly problem: string };
    readonly checkpoint?: CheckpointOffer;
    readonly preparedAt: Time;
  };
}

/** Nothing is ever emptied here: files under the path of a new experiment are somebody's, and are left for them. */
export function prepare({ data }: PrepareOutputs, outputs: Outputs): (OutputsPrepared | OutputsPrepareFailed)[] {
  const { experimentId, originalExperimentId, outputsPath, attempt, isResume, folder, checkpoint, preparedAt } = data;
  if (isAnswered(outputs, experimentId, attempt)) return []; // this very request, delivered again

  const of = { experimentId, originalExperimentId, outputsPath, ...(attempt !== undefined && { attempt }) };
  const failed = (reason: string): OutputsPrepareFailed[] => [{ type: 'OutputsPrepareFailed', data: { ...of, reason, failedAt: preparedAt } }];
  const { copy, isDeleted } = outputs;
  if (copy?.state === 'running') return copy.experimentId === experimentId ? [] : failed(`the outputs path ${outputsPath} is still being filled`);
  if (isDeleted) return failed(`the outputs path ${outputsPath} was deleted`);
  if (folder.state === 'failed') return failed(`the outputs path ${outputsPath} can't be used: ${folder.problem}`);
  if (folder.state === 'filled' && !isResume) return failed(`the outputs path ${outputsPath} holds files of somebody else, which were left as they are`);
  return [{ type: 'OutputsPrepared', data: { ...of, ...(checkpoint && { checkpoint }), preparedAt } }];
}
