// Which tables does this service keep for itself?
import type { Queryable } from '#event-store';

/**
 * runs: what must be known of an experiment to say whether more will come. archives: how far each attempt's console is in `run.log`, one attempt behind
 * the other; following -> ending (the attempt is over) -> archived | failed; is_unkept: the store was away, so it is in the folder alone. deletions: asked for and not done.
 */
const statements = `
SELECT pg_advisory_xact_lock(hashtext('log_collector.schema'));
CREATE SCHEMA IF NOT EXISTS log_collector;
CREATE TABLE IF NOT EXISTS log_collector.runs (
  experiment_id bigint PRIMARY KEY,
  is_over boolean NOT NULL DEFAULT false,
  is_deleted boolean NOT NULL DEFAULT false
);
CREATE TABLE IF NOT EXISTS log_collector.archives (
  experiment_id bigint NOT NULL,
  attempt integer NOT NULL,
  console text NOT NULL,
  logs_path text NOT NULL,
  cause jsonb NOT NULL,
  state text NOT NULL DEFAULT 'following' CHECK (state IN ('following', 'ending', 'archived', 'failed')),
  boot_id text NOT NULL,
  start_offset bigint,
  console_offset bigint NOT NULL DEFAULT 0,
  archive_offset bigint NOT NULL DEFAULT 0,
  lines bigint NOT NULL DEFAULT 0,
  lost_bytes bigint NOT NULL DEFAULT 0,
  is_unkept boolean NOT NULL DEFAULT false,
  PRIMARY KEY (experiment_id, attempt)
);
ALTER TABLE log_collector.archives ADD COLUMN IF NOT EXISTS is_unkept boolean NOT NULL DEFAULT false;
CREATE INDEX IF NOT EXISTS archives_unkept ON log_collector.archives (experiment_id) WHERE is_unkept;
CREATE INDEX IF NOT EXISTS archives_unfinished ON log_collector.archives (experiment_id, attempt) WHERE state IN ('following', 'ending');
CREATE TABLE IF NOT EXISTS log_collector.deletions (
  experiment_id bigint PRIMARY KEY,
  logs_path text NOT NULL,
  cause jsonb NOT NULL
);`;

/** Idempotent; instances may start at the same moment, so `on` is a transaction. */
export async function createTables(on: Queryable): Promise<void> {
  await on.query(statements);
}
