// May it be deleted, and do its outputs go with it?
import type { ExperimentDeleted, ExperimentId, Time } from '#contracts';
import { Refusal } from '#decider';
import type { Original } from './experiment.ts';

export interface DeleteExperiment {
  readonly type: 'DeleteExperiment';
  readonly data: {
    readonly experimentId: ExperimentId;
    /** Live experiments whose outputs are being copied from these, or whose programs read them. */
    readonly copiedBy: readonly ExperimentId[];
    /** Although it is pinned. */
    readonly force?: boolean;
    readonly deletedBy: string;
    readonly deletedAt: Time;
  };
}

/** Outputs that another uses are never taken from it. A deleted resume leaves them to its original; the last one takes them along. */
export function deleteExperiment({ data }: DeleteExperiment, original: Original): ExperimentDeleted[] {
  const { experimentId: id, copiedBy, force = false, deletedBy, deletedAt } = data;
  const experiment = original.experiments.get(id);
  if (!experiment) throw new Refusal('experiment-not-found', `experiment ${id} was not found`, 'polyaxon project experiments');
  if (experiment.state === 'deleted') return []; // this very command, delivered again
  if (experiment.state === 'live') throw new Refusal('experiment-not-done', `experiment ${id} is not done`, `polyaxon experiment -xp ${id} stop`);
  if (experiment.isPinned && !force) throw new Refusal('experiment-pinned', `experiment ${id} is pinned`, `polyaxon experiment -xp ${id} unpin`);

  const { originalExperimentId, outputsPath, outputsStore, logsPath } = experiment.order;
  const others = [...original.experiments.values()].filter(({ order, state }) => state !== 'deleted' && order.experimentId !== id).map(({ order }) => order.experimentId);
  const users = id === originalExperimentId ? [...others, ...copiedBy] : copiedBy;
  const [first] = users;
  if (first !== undefined)
    throw new Refusal('outputs-in-use', `the outputs of experiment ${id} are used by experiment${users.length > 1 ? 's' : ''} ${users.join(', ')}`, `polyaxon experiment -xp ${first} delete`);

  const outputsUnused = others.length === 0;
  return [{ type: 'ExperimentDeleted', data: { experimentId: id, originalExperimentId, outputsPath, ...(outputsStore !== undefined && { outputsStore }), logsPath, outputsUnused, deletedBy, deletedAt } }];
}
