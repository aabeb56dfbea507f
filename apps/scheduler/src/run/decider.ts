// Which decisions are there about a run, in its own stream?
import type { RunEvent } from '#contracts';
import type { Decider } from '#decider';
import { end, type EndRun } from './end.ts';
import { failLaunch, failOutputs, type FailLaunch, type FailOutputs } from './fail.ts';
import { hold, type HoldRun } from './hold.ts';
import { outputsReady, type ReleaseOutputs } from './outputs-ready.ts';
import { queue, type QueueRun } from './queue.ts';
import { pend, type PendRun } from './pend.ts';
import { evolve, unknownRun, type Run } from './run.ts';
import { seeCheckpoint, type SeeCheckpoint } from './see-checkpoint.ts';
import { schedule, type ScheduleRun } from './schedule.ts';
import { built, started, starting, type BeginStart, type RecordBuilt, type RecordStart } from './started.ts';
import { stop, type StopRun } from './stop.ts';
import { warn, type WarnOfRun } from './warn.ts';

export type RunCommand = QueueRun | ReleaseOutputs | FailOutputs | HoldRun | ScheduleRun | BeginStart | RecordStart | RecordBuilt | PendRun | WarnOfRun | SeeCheckpoint | FailLaunch | StopRun | EndRun;

export const runDecider: Decider<Run, RunCommand, RunEvent> = {
  initialState: unknownRun,
  evolve,
  decide(command, run) {
    switch (command.type) {
      case 'QueueRun':
        return queue(command, run);
      case 'ReleaseOutputs':
        return outputsReady(command, run);
      case 'FailOutputs':
        return failOutputs(command, run);
      case 'HoldRun':
        return hold(command, run);
      case 'ScheduleRun':
        return schedule(command, run);
      case 'BeginStart':
        return starting(command, run);
      case 'RecordStart':
        return started(command, run);
      case 'RecordBuilt':
        return built(command, run);
      case 'PendRun':
        return pend(command, run);
      case 'WarnOfRun':
        return warn(command, run);
      case 'SeeCheckpoint':
        return seeCheckpoint(command, run);
      case 'FailLaunch':
        return failLaunch(command, run);
      case 'StopRun':
        return stop(command, run);
      case 'EndRun':
        return end(command, run);
      default:
        return command satisfies never;
    }
  },
};
