// How do outputs go?
import type { TreeOf } from '../outputs-stores.ts';
import type { DeleteTask } from './task.ts';
import type { Clock, Performer } from './worker.ts';

/** Tried until it works: nobody waits for it, and giving up would leave files that nothing knows of. */
export function deleteOutputs(treeOf: TreeOf, now: Clock): Performer<DeleteTask> {
  return {
    async perform({ experimentId, originalExperimentId, payload: { outputsPath, outputsStore } }) {
      await (await treeOf(outputsStore)).remove(outputsPath);
      return { type: 'DeleteOutputs', data: { experimentId, originalExperimentId, outputsPath, deletedAt: now() } };
    },
  };
}
