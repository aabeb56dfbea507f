// Which consoles are to be archived, how far is each, and what is to be deleted?
import type { Pool } from 'pg';
import type { Attempt, ExperimentId } from '#contracts';
import type { Cause, Queryable } from '#event-store';

/** How far a console is archived. Everything before it is in `run.log`; what is behind it there is written again, with the same bytes. */
export interface Position {
  readonly consoleOffset: number;
  /** In `run.log`. */
  readonly archiveOffset: number;
  readonly lines: number;
  readonly lostBytes: number;
}

/** One attempt's part of an experiment's `run.log`. */
export interface Archive {
  readonly experimentId: ExperimentId;
  readonly attempt: Attempt;
  /** Where it prints. */
  readonly console: string;
  readonly logsPath: string;
  /** Of the events that will tell the outcome. */
  readonly cause: Cause;
  /** The attempt is over. */
  readonly isEnded: boolean;
  /** Under which its position was kept. */
  readonly bootId: string;
  readonly startOffset: number;
  readonly position: Position;
}

export type NewArchive = Pick<Archive, 'experimentId' | 'attempt' | 'console' | 'logsPath' | 'cause' | 'bootId'>;

/** `unkept`: it is in the folder, and the store that should keep it is away. */
export type Outcome = 'archived' | 'failed' | 'unkept';

export interface Unkept {
  readonly experimentId: ExperimentId;
  readonly logsPath: string;
  /** Of all its attempts. */
  readonly end: number;
}

export interface Deletion {
  readonly experimentId: ExperimentId;
  readonly logsPath: string;
  readonly cause: Cause;
}

interface Row {
  experiment_id: string;
  attempt: number;
  console: string;
  logs_path: string;
  cause: Cause;
  state: string;
  boot_id: string;
  start_offset: string;
  console_offset: string;
  archive_offset: string;
  lines: string;
  lost_bytes: string;
}

/** An attempt's part begins where that of the one before has ended, so it has to wait for that. */
const begin = `
  UPDATE log_collector.archives AS next SET start_offset = before.end_offset, archive_offset = before.end_offset
  FROM (
    SELECT waiting.experiment_id, waiting.attempt, COALESCE(max(earlier.archive_offset), 0) AS end_offset
    FROM log_collector.archives AS waiting
    LEFT JOIN log_collector.archives AS earlier ON earlier.experiment_id = waiting.experiment_id AND earlier.attempt < waiting.attempt
    WHERE waiting.start_offset IS NULL
    GROUP BY waiting.experiment_id, waiting.attempt
    HAVING COALESCE(bool_and(earlier.state IN ('archived', 'failed')), true)) AS before
  WHERE next.experiment_id = before.experiment_id AND next.attempt = before.attempt`;

const record = `
  UPDATE log_collector.archives AS archive
  SET console_offset = kept.console_offset, archive_offset = kept.archive_offset, lines = kept.lines, lost_bytes = kept.lost_bytes, boot_id = $1
  FROM unnest($2::bigint[], $3::integer[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
    AS kept (experiment_id, attempt, console_offset, archive_offset, lines, lost_bytes)
  WHERE archive.experiment_id = kept.experiment_id AND archive.attempt = kept.attempt AND archive.state IN ('following', 'ending')`;

export class ArchiveTable {
  constructor(private readonly pool: Pool) {}

  /** In the transaction that heard of the start. Nothing when the experiment was deleted meanwhile. */
  async add(on: Queryable, { experimentId, attempt, console, logsPath, cause, bootId }: NewArchive): Promise<void> {
    await on.query(`INSERT INTO log_collector.runs (experiment_id) VALUES ($1) ON CONFLICT DO NOTHING`, [experimentId]);
    await on.query(
      `INSERT INTO log_collector.archives (experiment_id, attempt, console, logs_path, cause, boot_id)
       SELECT experiment_id, $2, $3, $4, $5, $6 FROM log_collector.runs WHERE experiment_id = $1 AND NOT is_deleted ON CONFLICT DO NOTHING`,
      [experimentId, attempt, console, logsPath, JSON.stringify(cause), bootId],
    );
  }

  /** No process of `attempt` or an earlier one prints any more. True when `attempt` is, or was, being archived. */
  async end(on: Queryable, experimentId: ExperimentId, attempt: Attempt): Promise<boolean> {
    const of = [experimentId, attempt];
    await on.query(`UPDATE log_collector.archives SET state = 'ending' WHERE experiment_id = $1 AND attempt <= $2 AND state = 'following'`, of);
    const { rowCount } = await on.query(`SELECT FROM log_collector.archives WHERE experiment_id = $1 AND attempt = $2`, of);
    return rowCount === 1;
  }

  /** There will be no further attempt. */
  async over(on: Queryable, experimentId: ExperimentId): Promise<void> {
    await on.query(
      `INSERT INTO log_collector.runs (experiment_id, is_over) VALUES ($1, true) ON CONFLICT (experiment_id) DO UPDATE SET is_over = true`,
      [experimentId],
    );
  }

  /** All attempts there will ever be are settled. */
  async isOver(experimentId: ExperimentId): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `SELECT FROM log_collector.runs WHERE experiment_id = $1 AND is_over
         AND NOT EXISTS (SELECT FROM log_collector.archives WHERE experiment_id = $1 AND state NOT IN ('archived', 'failed'))`,
      [experimentId],
    );
    return rowCount === 1;
  }

  async delete(on: Queryable, { experimentId, logsPath, cause }: Deletion): Promise<void> {
    await on.query(
      `INSERT INTO log_collector.runs (experiment_id, is_over, is_deleted) VALUES ($1, true, true)
       ON CONFLICT (experiment_id) DO UPDATE SET is_over = true, is_deleted = true`,
      [experimentId],
    );
    await on.query(`INSERT INTO log_collector.deletions VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, [experimentId, logsPath, JSON.stringify(cause)]);
  }

  /** Everything that may be archived now. */
  async unfinished(): Promise<Archive[]> {
    await this.pool.query(begin);
    const { rows } = await this.pool.query<Row>(
      `SELECT * FROM log_collector.archives WHERE state IN ('following', 'ending') AND start_offset IS NOT NULL ORDER BY experiment_id, attempt`,
    );
    return rows.map(archiveOf);
  }

  /** One statement for all: a commit waits for the disk. */
  async record(bootId: string, kept: readonly { readonly archive: Archive; readonly position: Position }[], on: Queryable = this.pool): Promise<void> {
    await on.query(record, columns(bootId, kept));
  }

  /** In the transaction that tells the outcome. False: it was told before. */
  async finish(on: Queryable, bootId: string, archive: Archive, position: Position, outcome: Outcome): Promise<boolean> {
    await on.query(record, columns(bootId, [{ archive, position }]));
    const { rowCount } = await on.query(
      `UPDATE log_collector.archives SET state = $3, is_unkept = $4 WHERE experiment_id = $1 AND attempt = $2 AND state IN ('following', 'ending')`,
      [archive.experimentId, archive.attempt, outcome === 'archived' ? 'archived' : 'failed', outcome === 'unkept'],
    );
    if (outcome === 'archived') await this.kept(archive.experimentId, on); // with all that was there before
    return rowCount === 1;
  }

  /** Logs of runs that are over which are in the folder and not in the store. */
  async unkept(): Promise<Unkept[]> {
    const { rows } = await this.pool.query<{ experiment_id: string; logs_path: string; end_offset: string }>(
      `SELECT experiment_id, logs_path, max(archive_offset) AS end_offset FROM log_collector.archives
       WHERE experiment_id IN (SELECT experiment_id FROM log_collector.archives JOIN log_collector.runs USING (experiment_id) WHERE is_unkept AND is_over AND NOT is_deleted)
       GROUP BY experiment_id, logs_path HAVING bool_and(state IN ('archived', 'failed')) ORDER BY experiment_id`,
    );
    return rows.map(({ experiment_id, logs_path: logsPath, end_offset }) => ({ experimentId: Number(experiment_id), logsPath, end: Number(end_offset) }));
  }

  /** All of the experiment's is in the store. False: there is nothing of it any more. */
  async kept(experimentId: ExperimentId, on: Queryable = this.pool): Promise<boolean> {
    const { rowCount } = await on.query(`UPDATE log_collector.archives SET is_unkept = false WHERE experiment_id = $1`, [experimentId]);
    return (rowCount ?? 0) > 0;
  }

  /** Those whose archives nobody writes any more. */
  async deletions(): Promise<Deletion[]> {
    const { rows } = await this.pool.query<{ experiment_id: string; logs_path: string; cause: Cause }>(
      `SELECT * FROM log_collector.deletions AS deletion
       WHERE NOT EXISTS (
         SELECT FROM log_collector.archives AS archive WHERE archive.experiment_id = deletion.experiment_id AND state IN ('following', 'ending'))`,
    );
    return rows.map(({ experiment_id, logs_path: logsPath, cause }) => ({ experimentId: Number(experiment_id), logsPath, cause }));
  }

  /** In the transaction that tells it. */
  async deleted(on: Queryable, experimentId: ExperimentId): Promise<void> {
    await on.query(`DELETE FROM log_collector.deletions WHERE experiment_id = $1`, [experimentId]);
    await on.query(`DELETE FROM log_collector.archives WHERE experiment_id = $1`, [experimentId]);
  }
}

function columns(bootId: string, kept: readonly { readonly archive: Archive; readonly position: Position }[]): unknown[] {
  return [
    bootId,
    kept.map(({ archive }) => archive.experimentId),
    kept.map(({ archive }) => archive.attempt),
    kept.map(({ position }) => position.consoleOffset),
    kept.map(({ position }) => position.archiveOffset),
    kept.map(({ position }) => position.lines),
    kept.map(({ position }) => position.lostBytes),
  ];
}

function archiveOf(row: Row): Archive {
  const { attempt, console, logs_path: logsPath, cause, boot_id: bootId } = row;
  return {
    experimentId: Number(row.experiment_id), attempt, console, logsPath, cause, isEnded: row.state === 'ending', bootId, startOffset: Number(row.start_offset),
    position: {
      consoleOffset: Number(row.console_offset), archiveOffset: Number(row.archive_offset), lines: Number(row.lines), lostBytes: Number(row.lost_bytes),
    },
  };
}
