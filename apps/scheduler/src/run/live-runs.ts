// Which runs have not ended, and what is left of those that have?
import type { Attempt, CheckpointOffer, CloningStrategy, ExperimentId, ExperimentOrder } from '#contracts';
import { currentErrand, type Queryable } from '#event-store';
import type { AttemptId, AttemptSpec } from '../executors/executor.ts';
import { isReady, type Run } from './run.ts';

/** What the worker looks at, again and again, so the order is not in it. */
export interface LiveRun extends AttemptId {
  readonly correlationId: string;
  /** Of the span in which it last changed; null: nothing is traced. */
  readonly traceparent: string | null;
  readonly state: 'waiting' | 'scheduled' | 'started';
  readonly isReady: boolean;
  readonly stopRequested: boolean;
  readonly isBuilding: boolean;
  /** ISO-8601; the pause after a failed attempt. */
  readonly notBefore: string | null;
  readonly heldReason: string | null;
  readonly groupId: number | null;
  /** Members of the group that may run at once; null: it is in none, or there is no bound. */
  readonly groupConcurrency: number | null;
  /** What the experiment itself asks for. */
  readonly graceSeconds: number | null;
}

/** One that is taken. */
export interface Slot {
  readonly groupId: number | null;
}

export interface Leftover extends AttemptId {
  readonly keepConsole: boolean;
}

/** These are asked several times for each attempt, so the server plans them once for a connection. */
const project = {
  name: 'project-run',
  text: `INSERT INTO scheduler.runs
      (experiment_id, correlation_id, state, attempt, is_ready, stop_requested, held_reason, grace_seconds, "order", cloning_strategy, source_experiment_id, group_id, group_concurrency,
       is_building, not_before, checkpoint, traceparent, pending)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
    ON CONFLICT (experiment_id) DO UPDATE SET state = $3, attempt = $4, is_ready = $5, stop_requested = $6, held_reason = $7, is_building = $14, not_before = $15, checkpoint = $16,
      traceparent = $17, pending = $18, changed_at = clock_timestamp()`,
};
const list = {
  name: 'list-live-runs',
  text: `SELECT experiment_id AS "experimentId", correlation_id AS "correlationId", traceparent, state, attempt, is_ready AS "isReady", stop_requested AS "stopRequested",
      held_reason AS "heldReason", is_building AS "isBuilding", not_before AS "notBefore", group_id AS "groupId", group_concurrency AS "groupConcurrency",
      grace_seconds AS "graceSeconds" FROM scheduler.runs ORDER BY experiment_id`,
};
const find = {
  name: 'find-attempt-spec',
  text: `SELECT "order", cloning_strategy AS strategy, source_experiment_id AS source, checkpoint FROM scheduler.runs WHERE experiment_id = $1 AND attempt = $2`,
};

/** Brings the tables up to what the stream says of one run; in the transaction of each append, whose version check keeps two of them apart. */
export async function projectRun(on: Queryable, experimentId: ExperimentId, run: Run, correlationId: string): Promise<void> {
  if (run.state === 'done') {
    await on.query(`DELETE FROM scheduler.runs WHERE experiment_id = $1`, [experimentId]);
    if (run.attempt > 0 && !run.wasStarted) await leave(on, { experimentId, attempt: run.attempt, keepConsole: false });
    return;
  }
  if (run.order === null) return;
  if (run.state === 'waiting' && run.attempt > 0 && !run.wasStarted) await leave(on, { experimentId, attempt: run.attempt, keepConsole: false }); // taken away before it printed anything
  const grace = run.order.environment.grace_period_seconds;
  const values = [
    experimentId, correlationId, run.state, run.attempt, isReady(run), run.stopRequested, run.heldReason, typeof grace === 'number' ? grace : null,
    JSON.stringify(run.order), run.cloningStrategy, run.sourceExperimentId, run.order.groupId, run.order.groupConcurrency ?? null, run.isBuilding, run.notBefore,
    run.checkpoint && JSON.stringify(run.checkpoint), currentErrand()?.traceparent ?? null, run.pending?.cause ?? null,
  ];
  await on.query({ ...project, values });
}

/** In the order in which they get their slots: oldest first. */
export async function listLiveRuns(on: Queryable): Promise<LiveRun[]> {
  const { rows } = await on.query<Omit<LiveRun, 'experimentId' | 'groupId'> & { experimentId: string; groupId: string | null }>(list);
  return rows.map((row) => ({ ...row, experimentId: Number(row.experimentId), groupId: row.groupId === null ? null : Number(row.groupId) }));
}

/** Who has the slots, by whichever scheduler: the lock keeps two of them from taking the last one, of all or of a group, until the transaction ends. */
export async function listTakenSlots(on: Queryable): Promise<readonly Slot[]> {
  await on.query(`SELECT pg_advisory_xact_lock(hashtext('scheduler.slots'))`);
  const { rows } = await on.query<{ groupId: string | null }>(`SELECT group_id AS "groupId" FROM scheduler.runs WHERE state <> 'waiting' ORDER BY experiment_id`);
  return rows.map(({ groupId }) => ({ groupId: groupId === null ? null : Number(groupId) }));
}

/** Undefined: the run has ended, or is at another attempt by now. */
export async function findSpec(on: Queryable, { experimentId, attempt }: AttemptId): Promise<AttemptSpec | undefined> {
  const { rows } = await on.query<{ order: ExperimentOrder; strategy: CloningStrategy | null; source: string | null; checkpoint: CheckpointOffer | null }>(
    { ...find, values: [experimentId, attempt] },
  );
  const [row] = rows;
  if (!row) return undefined;
  const { order, strategy: cloningStrategy, source, checkpoint } = row;
  return { experimentId, attempt, order, cloningStrategy, sourceExperimentId: source === null ? null : Number(source), ...(checkpoint && { checkpoint }) };
}

/** Nobody needs it any more, the worker may remove it. */
export async function leave(on: Queryable, { experimentId, attempt, keepConsole }: Leftover): Promise<void> {
  await on.query(
    `INSERT INTO scheduler.leftovers VALUES ($1, $2, $3) ON CONFLICT (experiment_id, attempt) DO UPDATE SET keep_console = $3`,
    [experimentId, attempt, keepConsole],
  );
}

export async function listLeftovers(on: Queryable, limit: number): Promise<Leftover[]> {
  const { rows } = await on.query<{ experiment: string; attempt: Attempt; keepConsole: boolean }>(
    `SELECT experiment_id AS experiment, attempt, keep_console AS "keepConsole" FROM scheduler.leftovers AS leftovers
     WHERE NOT EXISTS (SELECT FROM scheduler.runs AS runs WHERE runs.experiment_id = leftovers.experiment_id AND runs.attempt = leftovers.attempt AND runs.state <> 'waiting')
     ORDER BY experiment_id, attempt LIMIT $1`,
    [limit],
  );
  return rows.map(({ experiment, attempt, keepConsole }) => ({ experimentId: Number(experiment), attempt, keepConsole }));
}

/** Unless it was asked for in another way meanwhile. */
export async function strikeOff(on: Queryable, { experimentId, attempt, keepConsole }: Leftover): Promise<void> {
  await on.query(`DELETE FROM scheduler.leftovers WHERE experiment_id = $1 AND attempt = $2 AND keep_console = $3`, [experimentId, attempt, keepConsole]);
}

/** `<experiment>-<attempt>` of all that is live, or about to be removed. */
export async function listEpochs(on: Queryable): Promise<ReadonlySet<string>> {
  const { rows } = await on.query<{ epoch: string }>(
    `SELECT experiment_id || '-' || attempt AS epoch FROM scheduler.runs WHERE attempt > 0 UNION SELECT experiment_id || '-' || attempt FROM scheduler.leftovers`,
  );
  return new Set(rows.map(({ epoch }) => epoch));
}

/** One object, so that `Runs` and the worker can be given another keeper of the same rows. */
export const liveRuns = { projectRun, listLiveRuns, listTakenSlots, findSpec, leave, listLeftovers, strikeOff };
export type LiveRuns = typeof liveRuns;
