// May it be copied, and what has then happened?
import type { ExperimentCopyRequested } from '#contracts';
import { Refusal } from '#decider';
import { cloneOrder, sourceOf, type CloneCommand, type OutputsFound } from './clone.ts';
import { liveWriter, type Original } from './experiment.ts';

export interface CopyExperiment {
  readonly type: 'CopyExperiment';
  readonly data: CloneCommand & {
    readonly outputs: OutputsFound;
    /** Relative to the outputs path; with `copyFiles` empty too: everything. */
    readonly copyFolders: readonly string[];
    readonly copyFiles: readonly string[];
  };
}

/** Decided on the source, whose outputs are those of its original; the event opens the stream of the new experiment, which runs once they are copied. */
export function copy({ data }: CopyExperiment, original: Original): ExperimentCopyRequested[] {
  const { sourceExperimentId: id, outputs, copyFolders, copyFiles } = data;
  const source = sourceOf(original, id);
  if (outputs.files === 0) throw new Refusal('outputs-empty', `the outputs of experiment ${id} are empty: there is nothing to copy`, `polyaxon experiment -xp ${id} restart`);

  const { originalExperimentId: sourceOriginalExperimentId, outputsPath: sourceOutputsPath } = source.order;
  const sourceIsLive = liveWriter(original) !== undefined;
  const clone = cloneOrder(source, data, 'copy');
  return [{ type: 'ExperimentCopyRequested', data: { ...clone, sourceOriginalExperimentId, sourceOutputsPath, sourceIsLive, copyFolders, copyFiles } }];
}
