// Which decisions are there about an experiment, in its own stream?
import type { ExperimentEvent } from '#contracts';
import type { Decider } from '#decider';
import { create, type CreateExperiment } from './create.ts';
import { deleteOutputs, type DeleteOutputs } from './delete-outputs.ts';
import { deleteExperiment, type DeleteExperiment } from './delete.ts';
import { describe, reportStatus, type DescribeExperiment, type ReportStatus } from './describe.ts';
import { end, type EndExperiment } from './end.ts';
import { evolve, nobody, type Original } from './experiment.ts';
import { pin, unpin, type PinExperiment, type UnpinExperiment } from './pin.ts';
import { reportCheckpoint, type ReportCheckpoint } from './report-checkpoint.ts';
import { resume, type ResumeExperiment } from './resume.ts';
import { stop, type StopExperiment } from './stop.ts';
import { open, type OpenClone } from './open.ts';
import { recordLostWork, type RecordLostWork } from './record-lost-work.ts';

export type ExperimentCommand =
  | CreateExperiment | OpenClone | ResumeExperiment | StopExperiment | EndExperiment | DescribeExperiment | ReportStatus | ReportCheckpoint | RecordLostWork
  | PinExperiment | UnpinExperiment | DeleteOutputs | DeleteExperiment;

export const experimentDecider: Decider<Original, ExperimentCommand, ExperimentEvent> = {
  initialState: nobody,
  evolve,
  decide(command, original) {
    switch (command.type) {
      case 'CreateExperiment':
        return create(command, original);
      case 'OpenClone':
        return open(command, original);
      case 'ResumeExperiment':
        return resume(command, original);
      case 'StopExperiment':
        return stop(command, original);
      case 'EndExperiment':
        return end(command, original);
      case 'DescribeExperiment':
        return describe(command, original);
      case 'ReportStatus':
        return reportStatus(command, original);
      case 'PinExperiment':
        return pin(command, original);
      case 'UnpinExperiment':
        return unpin(command, original);
      case 'DeleteOutputs':
        return deleteOutputs(command, original);
      case 'ReportCheckpoint':
        return reportCheckpoint(command, original);
      case 'RecordLostWork':
        return recordLostWork(command, original);
      case 'DeleteExperiment':
        return deleteExperiment(command, original);
      default:
        return command satisfies never;
    }
  },
};
