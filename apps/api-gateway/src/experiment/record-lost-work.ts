// Is it news what an ended attempt has lost?
import type { ExperimentWorkLost } from '#contracts';
import type { Original } from './experiment.ts';

export interface RecordLostWork {
  readonly type: 'RecordLostWork';
  readonly data: ExperimentWorkLost['data'];
}

/** Once for each attempt, and nothing of one whose end was in its checkpoint. */
export function recordLostWork({ data }: RecordLostWork, original: Original): ExperimentWorkLost[] {
  const experiment = original.experiments.get(data.experimentId);
  if (experiment?.state !== 'live' || experiment.lostAttempt >= data.attempt || (data.seconds === 0 && !data.steps)) return [];
  return [{ type: 'ExperimentWorkLost', data }];
}
