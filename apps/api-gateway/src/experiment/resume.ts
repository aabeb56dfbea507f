// May it be resumed, and what has then happened?
import type { ExperimentResumeRequested } from '#contracts';
import { Refusal } from '#decider';
import { cloneOrder, refuseUnreadable, sourceOf, type CloneCommand, type OutputsFound } from './clone.ts';
import { refuseDeleted } from './delete-outputs.ts';
import { liveWriter, type Original } from './experiment.ts';

export interface ResumeExperiment {
  readonly type: 'ResumeExperiment';
  readonly data: CloneCommand & {
    readonly outputs: OutputsFound;
    /** Resume although there is nothing, or nothing whole, to go on from. */
    readonly force: boolean;
    /** The checkpoint to go on from. */
    readonly from?: string;
  };
}

/**
 * A resume trains again into the outputs of its original, so two of them must never run at once: the stream of the experiment that owns the outputs is where
 * they meet.
 */
export function resume({ data }: ResumeExperiment, original: Original): ExperimentResumeRequested[] {
  const { experimentId, sourceExperimentId: id, outputs, force, from } = data;
  if (original.experiments.has(experimentId)) return []; // this very command, delivered again

  const source = sourceOf(original, id);
  const writer = liveWriter(original);
  if (writer) {
    const live = writer.order.experimentId;
    const who = live === id ? `experiment ${id} is not done` : `experiment ${live}, which writes the same outputs as ${id}, is not done`;
    throw new Refusal('experiment-not-done', `${who}: two runs must never write one outputs path`, `polyaxon experiment -xp ${live} stop`);
  }
  refuseDeleted(id, original);
  if ([...original.experiments.values()].every(({ attempt }) => attempt === 0))
    throw new Refusal('experiment-never-ran', `experiment ${id} never ran, so it has nothing to resume from`, `polyaxon experiment -xp ${id} restart`);
  if (!force && outputs.files === 0)
    throw new Refusal('outputs-empty', `the outputs of experiment ${id} are empty, so it has nothing to resume from`, `polyaxon experiment -xp ${id} restart`);
  refuseUnreadable('resume', id, outputs, force);

  return [{ type: 'ExperimentResumeRequested', data: { ...cloneOrder(source, data, 'resume'), forced: force, ...(from !== undefined && { from }) } }];
}
