// What happens to console output, as its owner (the log-collector) tells it?
import type { Attempt, ExperimentId } from '../identity.ts';
import type { EventOf, Time } from './message.ts';

interface LogsOf {
  readonly experimentId: ExperimentId;
  readonly attempt: Attempt;
}

/** `run.log` holds every byte the attempt printed. */
export type LogsArchived = EventOf<
  'LogsArchived',
  LogsOf & { readonly sizeBytes: number; readonly lines: number; /** Console bytes that could not be had, marked in the text; 0: complete. */ readonly lostBytes: number; readonly archivedAt: Time }
>;
/** They could not be written after all tries; what there is stays readable. */
export type LogsArchiveFailed = EventOf<'LogsArchiveFailed', LogsOf & { readonly reason: string; readonly failedAt: Time }>;
export type LogsDeleted = EventOf<'LogsDeleted', { readonly experimentId: ExperimentId; readonly deletedAt: Time }>;

export type LogsEvent = LogsArchived | LogsArchiveFailed | LogsDeleted;
