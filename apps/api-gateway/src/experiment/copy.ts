// May it be copied, and what has then happened?
import type { ExperimentCopyRequested } from '#contracts';
import { Refusal } from '#decider';
import { cloneOrder, refuseUnreadable, sourceOf, type CloneCommand, type OutputsFound } from './clone.ts';
import { refuseDeleted } from './delete-outputs.ts';
import { liveWriter, type Original } from './experiment.ts';

export interface CopyExperiment {
  readonly type: 'CopyExperiment';
  readonly data: CloneCommand & {
    readonly outputs: OutputsFound;
    /** Relative to the outputs path; with `copyFiles` empty too: everything. */
    readonly copyFolders: readonly string[];
    readonly copyFiles: readonly string[];
    /** Copy although nothing that is whole could be gone on from. */
    readonly force?: boolean;
    /** The checkpoint to go on from. */
    readonly from?: string;
  };
}

/** Decided on the source, whose outputs are those of its original; the event opens the stream of the new experiment, which runs once they are copied. */
export function copy({ data }: CopyExperiment, original: Original): ExperimentCopyRequested[] {
  const { sourceExperimentId: id, outputs, copyFolders, copyFiles, force = false, from } = data;
  const source = sourceOf(original, id);
  refuseDeleted(id, original);
  if (outputs.files === 0) throw new Refusal('outputs-empty', `the outputs of experiment ${id} are empty: there is nothing to copy`, `polyaxon experiment -xp ${id} restart`);
  const isWhole = copyFolders.length + copyFiles.length === 0; // a part may be copied for something else than to go on from it
  if (isWhole || from !== undefined) refuseUnreadable('restart --copy', id, outputs, force);

  const { originalExperimentId: sourceOriginalExperimentId, outputsPath: sourceOutputsPath, outputsStore: sourceOutputsStore } = source.order;
  const sourceIsLive = liveWriter(original) !== undefined;
  const clone = cloneOrder(source, data, 'copy');
  const wanted = { ...(from !== undefined && { from }), ...(force && { forced: true }) };
  const copied = { sourceOriginalExperimentId, sourceOutputsPath, ...(sourceOutputsStore !== undefined && { sourceOutputsStore }), sourceIsLive };
  return [{ type: 'ExperimentCopyRequested', data: { ...clone, ...copied, copyFolders, copyFiles, ...wanted } }];
}
