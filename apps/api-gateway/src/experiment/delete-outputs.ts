// May its outputs be deleted, while its record stays?
import type { ExperimentId, ExperimentOutputsDeleteRequested, GroupId, Time } from '#contracts';
import { Refusal } from '#decider';
import { knownExperiment, liveWriter, pinnedIn, type Original } from './experiment.ts';

export interface DeleteOutputs {
  readonly type: 'DeleteOutputs';
  readonly data: {
    readonly experimentId: ExperimentId;
    /** Live experiments whose outputs are being copied from these, or whose programs read them. */
    readonly usedBy: readonly ExperimentId[];
    /** Groups that are not done, and may go on in the outputs of their members. */
    readonly searchedBy: readonly GroupId[];
    /** Although it is pinned. */
    readonly force: boolean;
    readonly reason?: string;
    readonly requestedBy: string;
    readonly requestedAt: Time;
  };
}

/** Decided where resumes are: the outputs are those of the original and of all its resumes, and go for all of them at once. */
export function deleteOutputs({ data }: DeleteOutputs, original: Original): ExperimentOutputsDeleteRequested[] {
  const { experimentId: id, usedBy, searchedBy, force, reason, requestedBy, requestedAt } = data;
  const { originalExperimentId, outputsPath, outputsStore } = knownExperiment(original, id).order;
  if (original.outputsDeleted) return []; // somebody was here before

  const live = liveWriter(original)?.order.experimentId;
  if (live !== undefined) {
    const who = live === id ? `experiment ${id}` : `experiment ${live}, which writes the same outputs as ${id},`;
    throw new Refusal('experiment-not-done', `${who} is not done`, `polyaxon experiment -xp ${live} stop`);
  }
  const [user] = usedBy;
  if (user !== undefined)
    throw new Refusal('outputs-in-use', `the outputs of experiment ${id} are needed by experiment${usedBy.length > 1 ? 's' : ''} ${usedBy.join(', ')}`, `polyaxon experiment -xp ${user} wait`);
  const [group] = searchedBy;
  if (group !== undefined) throw new Refusal('group-not-done', `group ${group} is not done, and may go on from the outputs of experiment ${id}`, `polyaxon group -g ${group} wait`);
  const [pinned] = pinnedIn(original);
  if (pinned !== undefined && !force) throw new Refusal('experiment-pinned', `experiment ${pinned} is pinned, so that these outputs stay`, `polyaxon experiment -xp ${pinned} unpin`);

  const place = { outputsPath, ...(outputsStore !== undefined && { outputsStore }) };
  return [{ type: 'ExperimentOutputsDeleteRequested', data: { experimentId: id, originalExperimentId, ...place, ...(reason !== undefined && { reason }), requestedBy, requestedAt } }];
}

/** Of whoever wants to go on from them. */
export function refuseDeleted(id: ExperimentId, { outputsDeleted }: Pick<Original, 'outputsDeleted'>): void {
  if (outputsDeleted) throw outputsDeletedOf(id);
}

export function outputsDeletedOf(id: ExperimentId): Refusal {
  return new Refusal('outputs-deleted', `the outputs of experiment ${id} were deleted: only its record, metrics and logs are kept`, `polyaxon experiment -xp ${id} restart`);
}
