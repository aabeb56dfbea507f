// Has it ended, so that the next may write its outputs?
import type { ExperimentDone } from '#contracts';
import type { Original } from './experiment.ts';

export interface EndExperiment {
  readonly type: 'EndExperiment';
  readonly data: ExperimentDone['data'];
}

/** Only the live one can end: the late end of an earlier run must not open the gate for a second writer. */
export function end({ data }: EndExperiment, original: Original): ExperimentDone[] {
  const experiment = original.experiments.get(data.experimentId);
  if (experiment?.state !== 'live') return [];
  const message = data.status === 'stopped' ? (experiment.stopReason ?? data.message) : data.message;
  return [{ type: 'ExperimentDone', data: { ...data, message } }];
}
