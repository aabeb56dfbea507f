// Which tables does this service keep for itself?
import type { Queryable } from '#event-store';

/**
 * Work that was asked for and is not done: a row goes in the transaction that tells its outcome. `lease_until` is the database's time; `epoch` counts those who have
 * taken it, and only the latest may write.
 */
const statements = `
SELECT pg_advisory_xact_lock(hashtext('storage_manager.schema'));
CREATE SCHEMA IF NOT EXISTS storage_manager;
CREATE TABLE IF NOT EXISTS storage_manager.work (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('prepare', 'copy', 'delete')),
  experiment_id bigint NOT NULL,
  original_experiment_id bigint NOT NULL,
  source_original_experiment_id bigint,
  payload jsonb NOT NULL,
  cause jsonb NOT NULL,
  cancelled boolean NOT NULL DEFAULT false,
  tries integer NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  lease_owner uuid,
  lease_until timestamptz,
  progress jsonb,
  UNIQUE (kind, experiment_id)
);
ALTER TABLE storage_manager.work ADD COLUMN IF NOT EXISTS epoch integer NOT NULL DEFAULT 0, ADD COLUMN IF NOT EXISTS stores text NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS progressed_at timestamptz, ADD COLUMN IF NOT EXISTS problem text;
CREATE INDEX IF NOT EXISTS work_by_original ON storage_manager.work (original_experiment_id, id);`;

/** Idempotent; instances may start at the same moment, so `on` is a transaction. */
export async function createTables(on: Queryable): Promise<void> {
  await on.query(statements);
}
