// How does an outputs path come to be there?
import { Refusal } from '#decider';
import type { FileTree } from '#storage';
import type { OutputsCommand } from '../outputs/decider.ts';
import type { PrepareTask } from './task.ts';
import type { Clock, Performer } from './worker.ts';

/** Looks before it makes anything: the folder of a new experiment has to be its own. */
export function prepareOutputs(tree: FileTree, now: Clock): Performer<PrepareTask> {
  const command = (task: PrepareTask, folder: (OutputsCommand & { type: 'PrepareOutputs' })['data']['folder']): OutputsCommand => {
    const { experimentId, originalExperimentId, payload } = task;
    return { type: 'PrepareOutputs', data: { experimentId, originalExperimentId, ...payload, folder, preparedAt: now() } };
  };
  return {
    async perform(task) {
      const { outputsPath } = task.payload;
      const state = (await tree.isEmpty(outputsPath)) ? 'empty' : 'filled';
      if (state === 'empty') await tree.makeFolder(outputsPath);
      return command(task, { state });
    },
    isFinal: (error) => error instanceof Refusal,
    failed: (task, error) => command(task, { state: 'failed', problem: problemOf(error, tree.root) }),
  };
}

/** In the words of the system, without the place where everything is mounted. */
function problemOf(error: unknown, root: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(`${root}/`, '').replace(/\.$/, '');
}
