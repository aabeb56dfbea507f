// Which decisions are there about an experiment's logs?
import type { LogsEvent } from '#contracts';
import type { Decider } from '#decider';
import { archiveFailed, type FailArchive } from './archive-failed.ts';
import { archived, type CompleteArchive } from './archived.ts';
import { deleted, type DeleteLogs } from './deleted.ts';
import { evolve, unknownLogs, type Logs } from './logs.ts';

export type LogsCommand = CompleteArchive | FailArchive | DeleteLogs;

export const logsDecider: Decider<Logs, LogsCommand, LogsEvent> = {
  initialState: unknownLogs,
  evolve,
  decide(command, logs) {
    switch (command.type) {
      case 'CompleteArchive':
        return archived(command, logs);
      case 'FailArchive':
        return archiveFailed(command, logs);
      case 'DeleteLogs':
        return deleted(command, logs);
      default:
        return command satisfies never;
    }
  },
};
