// May it be restarted, and what has then happened?
import type { ExperimentRestartRequested } from '#contracts';
import { cloneOrder, sourceOf, type CloneCommand } from './clone.ts';
import type { Original } from './experiment.ts';

export interface RestartExperiment {
  readonly type: 'RestartExperiment';
  readonly data: CloneCommand;
}

/** Decided on the source, which may be doing anything; the event opens the stream of the new experiment, whose outputs are its own and empty. */
export function restart({ data }: RestartExperiment, original: Original): ExperimentRestartRequested[] {
  const source = sourceOf(original, data.sourceExperimentId);
  return [{ type: 'ExperimentRestartRequested', data: cloneOrder(source, data, 'restart') }];
}
