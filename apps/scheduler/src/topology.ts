// What does the scheduler hear, and what does it do about it?
import type { Topology } from '#messaging';
import type { Runs } from './run/runs.ts';

export const topology = (runs: Runs): Topology => ({
  service: 'scheduler',
  owns: ['run'],
  consumes: {
    'experiment.events': {
      ExperimentCreated: (event, unit) => runs.queue(event, event.data, null, unit),
      ExperimentResumeRequested: (event, unit) => runs.queue(event, event.data, event.data, unit),
      ExperimentRestartRequested: (event, unit) => runs.queue(event, event.data, event.data, unit),
      ExperimentCopyRequested: (event, unit) => runs.queue(event, event.data, event.data, unit),
      ExperimentStopRequested: (event, unit) => runs.stop(event, unit),
      ExperimentDone: 'ignore',
      ExperimentDescribed: 'ignore',
      ExperimentStatusReported: 'ignore',
      ExperimentOutputsDeleteRequested: 'ignore',
      ExperimentPinned: 'ignore',
      ExperimentUnpinned: 'ignore',
      ExperimentCheckpointReported: 'ignore',
      ExperimentWorkLost: 'ignore',
      ExperimentDeleted: (event, unit) => runs.deleted(event, unit),
    },
    'outputs.events': {
      OutputsPrepared: (event, unit) => runs.outputsReady(event, unit),
      OutputsPrepareFailed: (event, unit) => runs.outputsFailed(event, unit),
      OutputsCopyStarted: 'ignore',
      OutputsCopied: (event, unit) => runs.outputsReady(event, unit),
      OutputsCopyFailed: (event, unit) => runs.outputsFailed(event, unit),
      CheckpointsFound: 'ignore',
      OutputsDeleted: 'ignore',
    },
    'logs.events': {
      LogsArchived: (event, unit) => runs.logsEnded(event, unit),
      LogsArchiveFailed: (event, unit) => runs.logsEnded(event, unit),
      LogsDeleted: 'ignore',
    },
  },
});
