// What does the storage-manager hear, and what does it do about it?
import type { Topology } from '#messaging';
import type { Requests } from './outputs/requests.ts';

/** A new experiment gets a folder, a resume finds its own again, a copy one that is filled; what its program does there is its own business. */
export const topology = (requests: Requests): Topology => ({
  service: 'storage-manager',
  owns: ['outputs'],
  consumes: {
    'experiment.events': {
      ExperimentCreated: (event, unit) => requests.prepare(event, unit),
      ExperimentResumeRequested: (event, unit) => requests.prepare(event, unit), // same outputs path: nothing to copy
      ExperimentRestartRequested: (event, unit) => requests.prepare(event, unit), // fresh outputs path: nothing to copy
      ExperimentCopyRequested: (event, unit) => requests.copy(event, unit),
      ExperimentStopRequested: (event, unit) => requests.cancelCopy(event, unit),
      ExperimentDone: (event, unit) => requests.cancelCopy(event, unit),
      ExperimentDescribed: 'ignore',
      ExperimentStatusReported: 'ignore',
      ExperimentOutputsDeleteRequested: (event, unit) => requests.delete(event, unit),
      ExperimentPinned: 'ignore', // only the gateway asks for anything to be deleted
      ExperimentUnpinned: 'ignore',
      ExperimentCheckpointReported: 'ignore',
      ExperimentWorkLost: 'ignore',
      ExperimentDeleted: (event, unit) => requests.delete(event, unit),
    },
    'run.events': {
      RunQueued: 'ignore',
      RunOutputsReady: 'ignore',
      RunHeld: 'ignore',
      RunScheduled: 'ignore',
      RunStarting: 'ignore',
      RunStarted: 'ignore',
      RunBuilt: 'ignore',
      RunPending: 'ignore',
      RunWarned: 'ignore',
      RunCheckpointSeen: 'ignore',
      RunStopRequested: 'ignore',
      RunSucceeded: 'ignore',
      RunFailed: 'ignore',
      RunAttemptFailed: (event, unit) => requests.prepareAgain(event, unit), // a further attempt follows
      RunStopped: 'ignore',
      RunPreempted: (event, unit) => requests.prepareAgain(event, unit), // as above
    },
  },
});
