// Which tasks are waiting, who does them, and how far are they?
import type { Pool } from 'pg';
import type { CopyProgressBody, CopyTaskBody, ExperimentId } from '#contracts';
import type { Queryable } from '#event-store';
import { storesOf, type Claimed, type Kind, type Task } from './task.ts';

interface Row {
  id: string;
  kind: Kind;
  experiment_id: string;
  original_experiment_id: string;
  payload: unknown;
  cause: unknown;
  tries: number;
  epoch: number;
  cancelled: boolean;
}

/**
 * Tasks of one outputs path go one after the other, in the order they were asked for, nothing is deleted before it was copied for those who asked earlier, and
 * nothing is copied while it is being deleted.
 * A task belongs to whoever holds its lease; one that runs out is free for the next.
 */
const claim = `
  UPDATE storage_manager.work SET lease_owner = $1, lease_until = clock_timestamp() + $2 * interval '1 millisecond', epoch = epoch + 1
  WHERE id IN (
    SELECT id FROM storage_manager.work AS task
    WHERE kind = ANY ($3) AND id <> ALL ($4) AND due_at <= clock_timestamp() AND (lease_until IS NULL OR lease_until < clock_timestamp()) AND ($6::text IS NULL OR stores = $6)
      AND NOT EXISTS (
        SELECT FROM storage_manager.work AS earlier
        WHERE earlier.id < task.id
          AND (earlier.original_experiment_id = task.original_experiment_id
            OR task.kind = 'delete' AND earlier.source_original_experiment_id = task.original_experiment_id
            OR earlier.kind = 'delete' AND earlier.original_experiment_id = task.source_original_experiment_id))
    ORDER BY id LIMIT $5 FOR UPDATE SKIP LOCKED)
  RETURNING id, kind, experiment_id, original_experiment_id, payload, cause, tries, epoch, cancelled`;

const renew = `
  UPDATE storage_manager.work AS work SET lease_until = clock_timestamp() + $2 * interval '1 millisecond'
  FROM unnest($3::bigint[], $4::integer[]) AS held (id, epoch)
  WHERE lease_owner = $1 AND work.id = held.id AND work.epoch = held.epoch RETURNING work.id, cancelled`;

/** A report says also that nothing came. */
const cameFurther = `(progress ->> 'bytes_done', progress ->> 'files_done') IS DISTINCT FROM ($4::jsonb ->> 'bytes_done', $4::jsonb ->> 'files_done')`;

export class WorkTable {
  /** Of the tasks that were taken here. */
  readonly #epochs = new Map<string, number>();

  constructor(
    private readonly pool: Pool,
    /** A UUID of this process: two instances never take each other for themselves. */
    private readonly owner: string,
    private readonly leaseMs: number,
  ) {}

  /**
   * In the transaction of the request that asked for it; asked for again while it waits it is the same task. A later attempt takes the place of an earlier one, which was told before and has only been
   * heard again: whoever is at that has lost it.
   */
  async add(on: Queryable, task: Task): Promise<void> {
    const { kind, experimentId, originalExperimentId, payload, cause } = task;
    const source = 'sourceOriginalExperimentId' in payload ? payload.sourceOriginalExperimentId : null;
    await on.query(
      `INSERT INTO storage_manager.work (kind, experiment_id, original_experiment_id, source_original_experiment_id, payload, cause, stores)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (kind, experiment_id) DO UPDATE
         SET payload = excluded.payload, cause = excluded.cause, tries = 0, due_at = clock_timestamp(), lease_owner = NULL, lease_until = NULL, epoch = work.epoch + 1
         WHERE coalesce((work.payload ->> 'attempt')::int, 1) < coalesce((excluded.payload ->> 'attempt')::int, 1)`,
      [kind, experimentId, originalExperimentId, source, JSON.stringify(payload), JSON.stringify(cause), storesOf(task)],
    );
  }

  /** Whoever copies for the experiment hears of it at its next renewal. True when there was something to cancel. */
  async cancelCopy(on: Queryable, experimentId: ExperimentId): Promise<boolean> {
    const { rowCount } = await on.query(
      `UPDATE storage_manager.work SET cancelled = true, due_at = least(due_at, clock_timestamp()) WHERE kind = 'copy' AND experiment_id = $1`,
      [experimentId],
    );
    return rowCount === 1;
  }

  /** Of the tasks that wait, in the words of `storesOf`. */
  async stores(kinds: readonly Kind[]): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ stores: string }>(`SELECT DISTINCT stores FROM storage_manager.work WHERE kind = ANY ($1)`, [kinds]);
    return rows.map(({ stores }) => stores);
  }

  /** Without `stores`: whichever they have to do with. */
  async claim(kinds: readonly Kind[], limit: number, except: readonly string[], stores?: string): Promise<Claimed[]> {
    if (limit <= 0) return [];
    const { rows } = await this.pool.query<Row>(claim, [this.owner, this.leaseMs, kinds, except, limit, stores ?? null]);
    for (const { id, epoch } of rows) this.#epochs.set(id, epoch);
    return rows.map(claimed);
  }

  /** Which of these are still ours, and whether each was cancelled. */
  async renew(ids: readonly string[]): Promise<ReadonlyMap<string, { readonly isCancelled: boolean }>> {
    const { rows } = await this.pool.query<Row>(renew, [this.owner, this.leaseMs, ids, ids.map((id) => this.#epochOf(id))]);
    return new Map(rows.map(({ id, cancelled }) => [id, { isCancelled: cancelled }]));
  }

  async report(id: string, progress: CopyProgressBody): Promise<void> {
    await this.pool.query(
      `UPDATE storage_manager.work SET progress = $4, progressed_at = CASE WHEN ${cameFurther} THEN clock_timestamp() ELSE progressed_at END WHERE id = $2 AND lease_owner = $1 AND epoch = $3`,
      [this.owner, id, this.#epochOf(id), JSON.stringify(progress)],
    );
  }

  /** In the transaction that tells the outcome. False: the lease was lost, so the outcome is somebody else's to tell. */
  async finish(on: Queryable, id: string): Promise<boolean> {
    const { rowCount } = await on.query(`DELETE FROM storage_manager.work WHERE id = $2 AND lease_owner = $1 AND epoch = $3`, [this.owner, id, this.#epochOf(id)]);
    return rowCount === 1;
  }

  /** Nothing is done for it here any more. */
  release(id: string): void {
    this.#epochs.delete(id);
  }

  async retryLater(id: string, delayMs: number, problem: string): Promise<void> {
    await this.pool.query(
      `UPDATE storage_manager.work
       SET lease_owner = NULL, lease_until = NULL, tries = tries + 1, problem = $5, due_at = clock_timestamp() + $4 * interval '1 millisecond'
       WHERE id = $2 AND lease_owner = $1 AND epoch = $3`,
      [this.owner, id, this.#epochOf(id), delayMs, problem],
    );
  }

  /** 0: never taken here, and so nobody's. */
  #epochOf(id: string): number {
    return this.#epochs.get(id) ?? 0;
  }

  /** Null: no copy for this experiment is asked for, or it has ended. */
  async copyProgress(experimentId: ExperimentId): Promise<CopyProgressBody | null> {
    const { rows } = await this.pool.query<{ progress: CopyProgressBody | null }>(
      `SELECT progress FROM storage_manager.work WHERE kind = 'copy' AND experiment_id = $1`,
      [experimentId],
    );
    return rows[0] ? (rows[0].progress ?? { files_done: 0, files: 0, bytes_done: 0, bytes: 0, bytes_per_second: null, seconds_left: null }) : null;
  }

  /** Those that are not complete yet. */
  async copies(): Promise<CopyTaskBody[]> {
    const { rows } = await this.pool.query<{ experiment_id: string; is_taken: boolean; progress: CopyProgressBody | null; progressed_at: Date | null; tries: number; problem: string | null }>(
      `SELECT experiment_id, coalesce(lease_until > clock_timestamp(), false) AS is_taken, progress, progressed_at, tries, problem FROM storage_manager.work WHERE kind = 'copy' ORDER BY id`,
    );
    return rows.map(({ experiment_id, progressed_at: at, ...row }) => ({ ...row, experiment_id: Number(experiment_id), progressed_at: at?.toISOString() ?? null }));
  }
}

function claimed({ id, kind, experiment_id, original_experiment_id, payload, cause, tries, epoch, cancelled: isCancelled }: Row): Claimed {
  return { id, kind, experimentId: Number(experiment_id), originalExperimentId: Number(original_experiment_id), payload, cause, tries, epoch, isCancelled } as Claimed;
}
