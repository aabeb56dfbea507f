// How do outputs go?
import type { FileTree } from '#storage';
import type { DeleteTask } from './task.ts';
import type { Clock, Performer } from './worker.ts';

/** Tried until it works: nobody waits for it, and giving up would leave files that nothing knows of. */
export function deleteOutputs(tree: FileTree, now: Clock): Performer<DeleteTask> {
  return {
    async perform({ experimentId, originalExperimentId, payload: { outputsPath } }) {
      await tree.remove(outputsPath);
      return { type: 'DeleteOutputs', data: { experimentId, originalExperimentId, outputsPath, deletedAt: now() } };
    },
  };
}
