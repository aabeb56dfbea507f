// May it be stopped, and what has then happened?
import type { ExperimentId, ExperimentStopRequested, Time } from '#contracts';
import { Refusal } from '#decider';
import { knownExperiment, type Original } from './experiment.ts';

export interface StopExperiment {
  readonly type: 'StopExperiment';
  readonly data: { readonly experimentId: ExperimentId; readonly reason?: string; readonly requestedBy: string; readonly requestedAt: Time };
}

/** Asked twice is asked once. A done status never changes. */
export function stop({ data }: StopExperiment, original: Original): ExperimentStopRequested[] {
  const { experimentId: id } = data;
  const experiment = knownExperiment(original, id);
  if (experiment.state === 'done') throw new Refusal('experiment-already-done', `experiment ${id} has ${experiment.doneStatus} already`, `polyaxon experiment -xp ${id} resume`);
  return experiment.stopRequested ? [] : [{ type: 'ExperimentStopRequested', data }];
}
