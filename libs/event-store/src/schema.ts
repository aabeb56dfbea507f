// Which tables keep the events, and how do they come into being?
import type { Pool } from 'pg';

/**
 * `transaction_id` is the order of commits together with `global_position`: positions are handed out before the commit, so a reader that goes by them
 * alone skips a row whose transaction commits late.
 */
const statements = `
CREATE SCHEMA IF NOT EXISTS event_store;
CREATE TABLE IF NOT EXISTS event_store.messages (
  global_position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  id uuid NOT NULL UNIQUE,
  stream_name text NOT NULL,
  position bigint NOT NULL,
  category text NOT NULL,
  type text NOT NULL,
  data jsonb NOT NULL,
  metadata jsonb NOT NULL,
  time timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (stream_name, position)
);
CREATE INDEX IF NOT EXISTS messages_by_commit ON event_store.messages (transaction_id, global_position);
CREATE TABLE IF NOT EXISTS event_store.cursors (
  consumer_group text PRIMARY KEY,
  transaction_id xid8 NOT NULL,
  global_position bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS event_store.inbox (
  consumer_group text NOT NULL,
  message_id uuid NOT NULL,
  PRIMARY KEY (consumer_group, message_id)
);
CREATE TABLE IF NOT EXISTS event_store.leases (
  name text PRIMARY KEY,
  epoch bigint NOT NULL,
  taken_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE IF NOT EXISTS event_store.refills (
  relay text NOT NULL,
  category text NOT NULL,
  transaction_id xid8 NOT NULL DEFAULT '0',
  global_position bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (relay, category)
);
CREATE TABLE IF NOT EXISTS event_store.dead_letters (
  consumer_group text NOT NULL,
  message_id uuid NOT NULL,
  stream_name text NOT NULL,
  type text NOT NULL,
  reason text NOT NULL,
  tries integer NOT NULL,
  replay boolean NOT NULL DEFAULT false,
  died_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer_group, message_id)
);
CREATE TABLE IF NOT EXISTS event_store.dropped_letters (
  consumer_group text NOT NULL,
  message_id uuid NOT NULL,
  stream_name text NOT NULL,
  type text NOT NULL,
  reason text NOT NULL,
  tries integer NOT NULL,
  died_at timestamptz NOT NULL,
  dropped_by text NOT NULL,
  dropped_because text NOT NULL,
  dropped_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer_group, message_id)
);`;

/** Idempotent; services may start at the same moment, so it goes one at a time under a lock. */
export async function createEventStore(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('event_store.schema'))`);
    await client.query(statements);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
