// Which bytes of `run.log` are an experiment's logs, or an attempt's, and will there be more?
import type { Pool } from 'pg';
import type { ExperimentId } from '#contracts';
import { Refusal } from '#decider';

export interface Extent {
  /** Null: nothing was started yet. */
  readonly logsPath: string | null;
  readonly start: number;
  /** Null: it ends where the file does. */
  readonly end: number | null;
  /** What is there is all that will ever be. */
  readonly isComplete: boolean;
  /** Where each attempt of it begins. */
  readonly attempts: readonly AttemptStart[];
}

export interface AttemptStart {
  readonly attempt: number;
  readonly start: number;
}

interface Row {
  is_over: boolean;
  is_deleted: boolean;
  attempt: number | null;
  logs_path: string | null;
  is_settled: boolean | null;
  start_offset: string | null;
  archive_offset: string | null;
}

const nothingYet: Extent = { logsPath: null, start: 0, end: null, isComplete: false, attempts: [] };

/** Throws a refusal when there can't be any. */
export async function extentOf(pool: Pool, experimentId: ExperimentId, attempt: number | 'all'): Promise<Extent> {
  const { rows } = await pool.query<Row>(
    `SELECT is_over, is_deleted, attempt, logs_path, state IN ('archived', 'failed') AS is_settled, start_offset, archive_offset
     FROM log_collector.runs LEFT JOIN log_collector.archives USING (experiment_id) WHERE experiment_id = $1 ORDER BY attempt`,
    [experimentId],
  );
  const [first] = rows;
  if (!first) return nothingYet;
  if (first.is_deleted) throw new Refusal('logs-not-found', `the logs of experiment ${experimentId} were deleted`);
  if (attempt === 'all') {
    const isSettled = rows.every((row) => row.is_settled !== false);
    return { logsPath: first.logs_path, start: 0, end: null, isComplete: first.is_over && isSettled, attempts: rows.flatMap(startOf) };
  }
  const row = rows.find((one) => one.attempt === attempt);
  if (row) return partOf(row);
  if (first.is_over) throw new Refusal('logs-not-found', `experiment ${experimentId} has no attempt ${attempt}`);
  return nothingYet;
}

function partOf(row: Row): Extent {
  const { logs_path: logsPath, start_offset: start, archive_offset: end, is_settled: isComplete } = row;
  if (start === null) return nothingYet; // the attempt before is still being archived
  return { logsPath, start: Number(start), end: isComplete ? Number(end) : null, isComplete: isComplete === true, attempts: startOf(row) };
}

function startOf({ attempt, start_offset: start }: Row): AttemptStart[] {
  return attempt === null || start === null ? [] : [{ attempt, start: Number(start) }];
}
