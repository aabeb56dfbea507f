// May it be created, and what has then happened?
import type { ExperimentCreated, ExperimentOrder } from '#contracts';
import type { Original } from './experiment.ts';

export interface CreateExperiment {
  readonly type: 'CreateExperiment';
  readonly data: ExperimentOrder;
}

/** A new experiment owns its outputs path: its id names the stream, so nothing can be in its way. */
export function create({ data }: CreateExperiment, original: Original): ExperimentCreated[] {
  if (original.experiments.has(data.experimentId)) return []; // this very command, delivered again
  return [{ type: 'ExperimentCreated', data }];
}
