// Does a restart or a copy, decided on its source, open its own stream?
import type { ExperimentCopyRequested, ExperimentRestartRequested } from '#contracts';
import type { Original } from './experiment.ts';

export interface OpenClone {
  readonly type: 'OpenClone';
  readonly data: ExperimentRestartRequested | ExperimentCopyRequested;
}

export function open({ data: event }: OpenClone, original: Original): (ExperimentRestartRequested | ExperimentCopyRequested)[] {
  if (original.experiments.has(event.data.experimentId)) return []; // this very command, delivered again
  return [event];
}
