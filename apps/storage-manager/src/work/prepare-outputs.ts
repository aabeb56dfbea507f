// How does an outputs path come to be there?
import type { CheckpointOffer } from '#contracts';
import { Refusal } from '#decider';
import type { FileTree } from '#storage';
import type { TreeOf } from '../outputs-stores.ts';
import type { OutputsCommand } from '../outputs/decider.ts';
import { NothingWhole, type OfferCheckpoint } from '../checkpoints/offer.ts';
import type { PrepareTask } from './task.ts';
import type { Clock, Performer } from './worker.ts';

/** Looks before it makes anything: the folder of a new experiment has to be its own. */
export function prepareOutputs(treeOf: TreeOf, now: Clock, offerFrom?: (tree: FileTree) => OfferCheckpoint): Performer<PrepareTask> {
  const command = (task: PrepareTask, folder: (OutputsCommand & { type: 'PrepareOutputs' })['data']['folder'], checkpoint?: CheckpointOffer): OutputsCommand => {
    const { experimentId, originalExperimentId, payload } = task;
    const { outputsPath, isResume, attempt } = payload;
    return { type: 'PrepareOutputs', data: { experimentId, originalExperimentId, outputsPath, ...(attempt !== undefined && { attempt }), isResume, folder, ...(checkpoint && { checkpoint }), preparedAt: now() } };
  };
  return {
    async perform(task, { isDeleted }) {
      if (isDeleted) return command(task, { state: 'empty' }); // which is refused
      const { outputsPath, outputsStore, isResume, from = null, forced = false, attempt = 1 } = task.payload;
      const tree = await treeOf(outputsStore);
      const state = (await tree.isEmpty(outputsPath)) ? 'empty' : 'filled';
      if (state === 'empty' && attempt === 1) await tree.makeFolder(outputsPath); // of a later one it was there: what was deleted meanwhile stays so
      const goesOn = state === 'filled' && isResume;
      return command(task, { state }, goesOn ? await offerFrom?.(tree)({ experimentId: task.experimentId, attempt, outputsPath, from, forced }) : undefined);
    },
    isFinal: (error) => error instanceof Refusal || error instanceof NothingWhole,
    async failed(task, error) {
      const root = await treeOf(task.payload.outputsStore).then((tree) => tree.root, () => undefined);
      return command(task, { state: 'failed', problem: problemOf(error, root) });
    },
  };
}

/** In the words of the system, without the place where everything is mounted. */
function problemOf(error: unknown, root: string | undefined): string {
  const message = error instanceof Error ? error.message : String(error);
  return (root === undefined ? message : message.replaceAll(`${root}/`, '')).replace(/\.$/, '');
}
