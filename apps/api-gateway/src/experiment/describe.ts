// What may be said of an experiment, by its user or by its program?
import { isDone, type ExperimentDescribed, type ExperimentDone, type ExperimentStatusReported } from '#contracts';
import { knownExperiment, type Original } from './experiment.ts';

export interface DescribeExperiment {
  readonly type: 'DescribeExperiment';
  readonly data: ExperimentDescribed['data'];
}

export interface ReportStatus {
  readonly type: 'ReportStatus';
  readonly data: ExperimentStatusReported['data'];
}

/** At any time, also after the end: tags and descriptions are afterthoughts, and metrics' metadata may arrive late. */
export function describe({ data }: DescribeExperiment, original: Original): ExperimentDescribed[] {
  knownExperiment(original, data.experimentId);
  return [{ type: 'ExperimentDescribed', data }];
}

/** A managed run ends when its process does, whatever it says; one that is only tracked ends when it says so. After the end nothing brings it back. */
export function reportStatus({ data }: ReportStatus, original: Original): (ExperimentStatusReported | ExperimentDone)[] {
  const { experimentId, status, message, reportedAt: doneAt } = data;
  const { state, order } = knownExperiment(original, experimentId);
  if (state !== 'live') return [];
  const reported: ExperimentStatusReported = { type: 'ExperimentStatusReported', data };
  if (order.isManaged || !isDone(status)) return [reported];
  return [reported, { type: 'ExperimentDone', data: { experimentId, attempt: 0, status, message, exitCode: null, doneAt } }];
}
