// What is known of an experiment's console output?
import type { Attempt, ExperimentId, LogsEvent, StreamName } from '#contracts';

/** The stream `logs-<experiment id>`. */
export interface Logs {
  /** Attempts of which it was told that their output is archived, or can't be; nobody is told twice. */
  readonly answered: ReadonlySet<Attempt>;
  readonly isDeleted: boolean;
}

export const unknownLogs: Logs = { answered: new Set(), isDeleted: false };

export function evolve(logs: Logs, event: LogsEvent): Logs {
  switch (event.type) {
    case 'LogsArchived':
    case 'LogsArchiveFailed':
      return { ...logs, answered: new Set(logs.answered).add(event.data.attempt) };
    case 'LogsDeleted':
      return { ...logs, isDeleted: true };
    default:
      return event satisfies never;
  }
}

export function streamOf(experimentId: ExperimentId): StreamName {
  return `logs-${experimentId}`;
}
