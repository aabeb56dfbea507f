// Is it news what a program says, or shows, of the checkpoint it was given?
import type { ExperimentCheckpointReported } from '#contracts';
import { knownExperiment, type Original } from './experiment.ts';

export interface ReportCheckpoint {
  readonly type: 'ReportCheckpoint';
  readonly data: ExperimentCheckpointReported['data'];
}

/** Once for each attempt; what a program says is never doubted for the numbers it logs, which may be counted in another way. */
export function reportCheckpoint({ data }: ReportCheckpoint, original: Original): ExperimentCheckpointReported[] {
  const { state, checkpointReport: known } = knownExperiment(original, data.experimentId);
  const isKnown = known?.attempt === data.attempt && (known.read === 'read' || known.read === data.read);
  return state !== 'live' || isKnown ? [] : [{ type: 'ExperimentCheckpointReported', data }];
}
