// What does the api-gateway hear, and what does it do about it?
import type { Recorded } from '#event-store';
import type { Topology, Unit } from '#messaging';
import type { Endings } from './experiment/endings.ts';
import { project } from './views/project-events.ts';

/** Every event of the others shows in the views; the ends of a run and of its console output open the gate for the next writer of the outputs. */
export const topology = (endings: Endings): Topology => {
  const show = (event: Recorded, { on }: Unit) => project(on, [event]);
  return {
    service: 'api-gateway',
    owns: ['experiment', 'project', 'group'],
    consumes: {
      'run.events': {
        RunQueued: 'ignore',
        RunOutputsReady: 'ignore',
        RunHeld: show,
        RunScheduled: show,
        RunStarted: show,
        RunWarned: show,
        RunStopRequested: 'ignore',
        RunSucceeded: (event, { on }) => endings.runEnded(event, on),
        RunFailed: (event, { on }) => endings.runEnded(event, on),
        RunStopped: (event, { on }) => endings.runEnded(event, on),
        RunPreempted: 'ignore',
      },
      'outputs.events': {
        OutputsPrepared: 'ignore',
        OutputsPrepareFailed: 'ignore', // the scheduler ends the run, with its reason
        OutputsCopyStarted: show,
        OutputsCopied: 'ignore',
        OutputsCopyFailed: 'ignore', // as above
        CheckpointsFound: 'ignore',
        OutputsDeleted: 'ignore',
      },
      'logs.events': {
        LogsArchived: (event, { on }) => endings.logsEnded(event, on),
        LogsArchiveFailed: (event, { on }) => endings.logsEnded(event, on),
        LogsDeleted: 'ignore',
      },
    },
  };
};
