// What does the api-gateway hear, and what does it do about it?
import type { Recorded } from '#event-store';
import type { Topology, Unit } from '#messaging';
import type { OutputsPrepared } from '#contracts';
import type { AttemptLosses } from './experiment/attempt-losses.ts';
import type { Endings, RunEnd } from './experiment/endings.ts';
import { project, projectInside } from './views/project-events.ts';

/**
 * Every event of the others shows in the views; the ends of a run and of its console output open the gate for the next writer of the outputs, and may be
 * what a group waits for.
 */
export const topology = (endings: Endings, losses: AttemptLosses, experimentMayBeDone: () => void = () => undefined): Topology => {
  const inside = new WeakSet<Unit>();
  // Of a transaction that shows many events each but the first is one question less.
  const show = async (event: Recorded, unit: Unit) => {
    if (inside.has(unit)) return projectInside(unit.on, [event]);
    await project(unit.on, [event]);
    inside.add(unit);
  };
  const runEnded = async (event: Recorded<RunEnd>, unit: Unit) => {
    await endings.runEnded(event, unit.on);
    unit.afterCommit(experimentMayBeDone);
  };
  const logsEnded = async (event: Recorded, unit: Unit) => {
    await endings.logsEnded(event, unit.on);
    unit.afterCommit(experimentMayBeDone);
  };
  const outputsPrepared = async (event: Recorded<OutputsPrepared>, unit: Unit) => {
    await show(event, unit);
    await losses.outputsPrepared(event, unit.on);
  };
  return {
    service: 'api-gateway',
    owns: ['experiment', 'project', 'group'],
    consumes: {
      'run.events': {
        RunQueued: 'ignore',
        RunOutputsReady: 'ignore',
        RunHeld: show,
        RunScheduled: show,
        RunStarting: show,
        RunStarted: show,
        RunBuilt: show,
        RunPending: show,
        RunWarned: show,
        RunCheckpointSeen: 'ignore', // read from the store when somebody asks
        RunStopRequested: 'ignore',
        RunSucceeded: runEnded,
        RunFailed: runEnded,
        RunAttemptFailed: show,
        RunStopped: runEnded,
        RunPreempted: show,
      },
      'outputs.events': {
        OutputsPrepared: outputsPrepared,
        OutputsPrepareFailed: 'ignore', // the scheduler ends the run, with its reason
        OutputsCopyStarted: show,
        OutputsCopied: show,
        OutputsCopyFailed: 'ignore', // as above
        CheckpointsFound: 'ignore',
        OutputsDeleted: show,
      },
      'logs.events': {
        LogsArchived: logsEnded,
        LogsArchiveFailed: logsEnded,
        LogsDeleted: 'ignore',
      },
    },
  };
};
