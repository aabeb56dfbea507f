// Which tables of its own does the scheduler keep?
import type { Pool } from 'pg';

/** `runs` holds those that have not ended, `leftovers` what executors still keep of attempts that have. Both follow from the events; `reports` is what pods say of themselves, again and again. */
const statements = `
CREATE SCHEMA IF NOT EXISTS scheduler;
CREATE TABLE IF NOT EXISTS scheduler.runs (
  experiment_id bigint PRIMARY KEY,
  correlation_id text NOT NULL,
  state text NOT NULL,
  attempt integer NOT NULL,
  is_ready boolean NOT NULL,
  stop_requested boolean NOT NULL,
  held_reason text,
  grace_seconds double precision,
  "order" jsonb NOT NULL,
  cloning_strategy text,
  source_experiment_id bigint
);
ALTER TABLE scheduler.runs ADD COLUMN IF NOT EXISTS group_id bigint;
ALTER TABLE scheduler.runs ADD COLUMN IF NOT EXISTS group_concurrency integer;
ALTER TABLE scheduler.runs ADD COLUMN IF NOT EXISTS is_building boolean NOT NULL DEFAULT false, ADD COLUMN IF NOT EXISTS not_before text;
ALTER TABLE scheduler.runs ADD COLUMN IF NOT EXISTS checkpoint jsonb, ADD COLUMN IF NOT EXISTS traceparent text;
ALTER TABLE scheduler.runs ADD COLUMN IF NOT EXISTS changed_at timestamptz NOT NULL DEFAULT clock_timestamp();
ALTER TABLE scheduler.runs ADD COLUMN IF NOT EXISTS pending text;
CREATE TABLE IF NOT EXISTS scheduler.leftovers (
  experiment_id bigint NOT NULL,
  attempt integer NOT NULL,
  keep_console boolean NOT NULL,
  PRIMARY KEY (experiment_id, attempt)
);
CREATE TABLE IF NOT EXISTS scheduler.reports (
  experiment_id bigint PRIMARY KEY,
  attempt integer NOT NULL,
  report jsonb NOT NULL
);
CREATE TABLE IF NOT EXISTS scheduler.platform (id text NOT NULL, one boolean PRIMARY KEY DEFAULT true CHECK (one));`;

/** Idempotent, and one at a time: `IF NOT EXISTS` alone fails when two instances start at once. */
export async function createSchedulerSchema(pool: Pool): Promise<void> {
  await pool.query(`DO $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext('scheduler.schema')); ${statements} END $$`);
}

/** Of this database, and so of this platform, for ever: what it makes elsewhere carries it. */
export async function platformId(pool: Pool): Promise<string> {
  await pool.query(`INSERT INTO scheduler.platform (id) VALUES ('p' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)) ON CONFLICT DO NOTHING`);
  const { rows } = await pool.query<{ id: string }>(`SELECT id FROM scheduler.platform`);
  return rows[0]?.id ?? '';
}
