// How far has a relay published, and how much is left?
import type { Cursor, Queryable } from '#event-store';
import type { KafkaSettings } from './connection.ts';

const counted = 10_000;

/** One for each set of topics that is filled from this store. */
export const relayName = ({ topicPrefix }: Pick<KafkaSettings, 'topicPrefix'>): string => `relay${topicPrefix && ` ${topicPrefix}`}`;

/** Where it is; a new one begins at the beginning. */
export async function enterRelay(on: Queryable, name: string): Promise<Cursor> {
  await on.query(`INSERT INTO event_store.cursors VALUES ($1, '0', 0) ON CONFLICT DO NOTHING`, [name]);
  return relayCursor(on, name);
}

export async function relayCursor(on: Queryable, name: string): Promise<Cursor> {
  const { rows } = await on.query<Cursor>(`SELECT transaction_id::text AS "transactionId", global_position::text AS "globalPosition" FROM event_store.cursors WHERE consumer_group = $1`, [name]);
  const [cursor] = rows;
  if (!cursor) throw new Error(`there is no ${name}`);
  return cursor;
}

export interface RelayBacklog {
  /** Not yet published; counted up to 10,000. */
  readonly events: number;
  /** Of the oldest of them; 0: there is none. */
  readonly ageMs: number;
}

/** Known to the database, so that every instance can tell it, active or not. */
export async function relayBacklog(on: Queryable, settings: Pick<KafkaSettings, 'topicPrefix'>): Promise<RelayBacklog> {
  const { rows } = await on.query<{ events: number; age: string | null }>(
    `SELECT count(*)::int AS events, extract(epoch FROM clock_timestamp() - min(time)) * 1000 AS age FROM (
       SELECT m.time FROM event_store.messages m WHERE (m.transaction_id, m.global_position) > (
         SELECT c.transaction_id, c.global_position FROM event_store.cursors c WHERE c.consumer_group = $1 UNION ALL SELECT '0'::xid8, 0::bigint LIMIT 1
       ) ORDER BY m.transaction_id, m.global_position LIMIT ${counted}) AS behind`,
    [relayName(settings)],
  );
  const [{ events, age }] = rows as [{ events: number; age: string | null }];
  return { events, ageMs: Math.max(0, Number(age ?? 0)) };
}
