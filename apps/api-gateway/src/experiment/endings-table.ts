// Which halves of an attempt's end were told so far?
import type { Attempt, DoneStatus, ExperimentId } from '#contracts';
import type { Queryable } from '#event-store';
import { enterViews } from '../views/view.ts';

/** How the run of an attempt ended. */
export interface Ending {
  readonly status: DoneStatus;
  readonly message: string | null;
  readonly exitCode: number | null;
  readonly wasStarted: boolean;
  readonly endedAt: string;
}

export interface KnownEndings {
  /** Null: not told yet. */
  readonly runEnd: Ending | null;
  readonly logsEnded: boolean;
  readonly originalId: ExperimentId;
}

export const endingsTable = { keepRunEnd, keepLogsEnd, find };
export type EndingsTable = typeof endingsTable;

async function keepRunEnd(on: Queryable, experimentId: ExperimentId, attempt: Attempt, ending: Ending): Promise<void> {
  await on.query(
    `INSERT INTO api_gateway.endings (experiment_id, attempt, run_end) VALUES ($1, $2, $3) ON CONFLICT (experiment_id, attempt) DO UPDATE SET run_end = $3`,
    [experimentId, attempt, JSON.stringify(ending)],
  );
}

async function keepLogsEnd(on: Queryable, experimentId: ExperimentId, attempt: Attempt): Promise<void> {
  await on.query(
    `INSERT INTO api_gateway.endings (experiment_id, attempt, logs_ended) VALUES ($1, $2, true) ON CONFLICT (experiment_id, attempt) DO UPDATE SET logs_ended = true`,
    [experimentId, attempt],
  );
}

async function find(on: Queryable, experimentId: ExperimentId, attempt: Attempt): Promise<KnownEndings | undefined> {
  await enterViews(on);
  const { rows } = await on.query<KnownEndings>(
    `SELECT e.run_end AS "runEnd", e.logs_ended AS "logsEnded", x.original_id AS "originalId"
     FROM api_gateway.endings e JOIN api_gateway.experiments x ON x.id = e.experiment_id WHERE e.experiment_id = $1 AND e.attempt = $2`,
    [experimentId, attempt],
  );
  return rows[0];
}
