// What does the log-collector hear, and what does it do about it?
import type { Topology } from '#messaging';
import type { Requests } from './logs/requests.ts';

/** From the start of an attempt to its end its console is followed into `run.log`; what never started has printed nothing. */
export const topology = (requests: Requests): Topology => ({
  service: 'log-collector',
  owns: ['logs'],
  consumes: {
    'run.events': {
      RunQueued: 'ignore',
      RunOutputsReady: 'ignore',
      RunHeld: 'ignore',
      RunScheduled: 'ignore',
      RunStarting: 'ignore',
      RunStarted: (event, unit) => requests.follow(event, unit),
      RunBuilt: 'ignore',
      RunPending: 'ignore',
      RunWarned: 'ignore',
      RunCheckpointSeen: 'ignore',
      RunStopRequested: 'ignore',
      RunSucceeded: (event, unit) => requests.over(event, unit),
      RunFailed: (event, unit) => requests.over(event, unit),
      RunAttemptFailed: (event, unit) => requests.attemptOver(event, unit), // a further attempt follows
      RunStopped: (event, unit) => requests.over(event, unit),
      RunPreempted: (event, unit) => requests.attemptOver(event, unit), // a further attempt follows
    },
    'experiment.events': {
      ExperimentCreated: 'ignore',
      ExperimentResumeRequested: 'ignore',
      ExperimentRestartRequested: 'ignore',
      ExperimentCopyRequested: 'ignore',
      ExperimentStopRequested: 'ignore',
      ExperimentDone: (event, unit) => requests.done(event, unit),
      ExperimentDescribed: 'ignore',
      ExperimentStatusReported: 'ignore',
      ExperimentOutputsDeleteRequested: 'ignore',
      ExperimentPinned: 'ignore',
      ExperimentUnpinned: 'ignore',
      ExperimentCheckpointReported: 'ignore',
      ExperimentWorkLost: 'ignore',
      ExperimentDeleted: (event, unit) => requests.delete(event, unit),
    },
  },
});
