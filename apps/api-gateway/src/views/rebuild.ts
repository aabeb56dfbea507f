// How are the views made again from the events while everybody goes on reading and writing?
import type { PoolClient } from 'pg';
import { Refusal } from '#decider';
import { parse, patient, theBeginning, type Cursor, type EventStore, type Recorded, type Stored } from '#event-store';
import { projections } from './project-events.ts';
import { rebuiltTables } from './entities.ts';
import { closeViews, rebuildPatienceMs, viewsSchema } from './view.ts';

const nextSchema = 'api_gateway_next';
const batchSize = 5000;

export interface Rebuilt {
  readonly events: number;
  readonly tookMs: number;
}

/**
 * Fills shadow tables behind the horizon of commits, then locks the views, takes in the rest and swaps them, all in one transaction: readers see the old tables or the
 * new ones, never a half. Writers wait for the swap, at most as long as the last few events take.
 */
export async function rebuildViews(store: EventStore, now: () => number): Promise<Rebuilt> {
  const started = now();
  const lock = await store.pool.connect();
  try {
    const { rows } = await lock.query<{ held: boolean }>(`SELECT pg_try_advisory_lock(hashtext('rebuild-views')) AS held`);
    if (!rows[0]?.held) throw new Refusal('request-in-progress', 'the views are being rebuilt already');
    try {
      await createShadows(lock);
      const { cursor, events } = await fill(store, lock);
      const rest = await swap(store, cursor);
      return { events: events + rest, tookMs: now() - started };
    } finally {
      await lock.query(`SELECT pg_advisory_unlock(hashtext('rebuild-views'))`);
    }
  } finally {
    lock.release();
  }
}

async function createShadows(on: PoolClient): Promise<void> {
  await on.query(`DROP SCHEMA IF EXISTS ${nextSchema} CASCADE; CREATE SCHEMA ${nextSchema}`);
  for (const table of rebuiltTables) await on.query(`CREATE TABLE ${nextSchema}.${table} (LIKE ${viewsSchema}.${table} INCLUDING ALL)`);
}

async function fill(store: EventStore, on: PoolClient): Promise<{ cursor: Cursor; events: number }> {
  let cursor = theBeginning;
  for (let events = 0; ; ) {
    const batch = await store.readAfter(cursor, batchSize, on);
    const last = batch.at(-1);
    if (!last) return { cursor, events };
    await on.query('BEGIN');
    await projectInto(on, batch);
    await on.query('COMMIT');
    cursor = last.cursor;
    events += batch.length;
  }
}

/**
 * Under the lock every committed event of ours is in the old tables, and those that come after it will be written to the new ones. Events of others may be taken in twice,
 * here and by their consumer, which changes nothing. So the horizon must not be kept here: it would lose what is committed beyond it.
 */
async function swap(store: EventStore, cursor: Cursor): Promise<number> {
  return store.transaction(async (on) => {
    await on.query(`SET LOCAL statement_timeout = ${rebuildPatienceMs}`);
    await closeViews(on);
    await on.query(patient(`LOCK TABLE ${rebuiltTables.map((table) => `${viewsSchema}.${table}`).join(', ')} IN ACCESS EXCLUSIVE MODE`, rebuildPatienceMs));
    const rest = await store.readCommittedAfter(cursor, on);
    await projectInto(on, rest);
    for (const table of rebuiltTables) {
      await on.query(`DROP TABLE ${viewsSchema}.${table}`);
      await on.query(`ALTER TABLE ${nextSchema}.${table} SET SCHEMA ${viewsSchema}`);
    }
    await on.query(`DROP SCHEMA ${nextSchema}`);
    return rest.length;
  });
}

async function projectInto(on: PoolClient, batch: readonly Stored[]): Promise<void> {
  for (const message of batch) {
    const event: Recorded = parse(message);
    for (const projection of projections) await projection(event, { on, schema: nextSchema });
  }
}
