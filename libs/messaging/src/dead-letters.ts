// What could not be reacted to, how is it tried again, and who has given it up?
import type { Queryable } from '#event-store';

export interface DeadLetter {
  readonly consumerGroup: string;
  readonly messageId: string;
  readonly stream: string;
  readonly type: string;
  readonly reason: string;
  readonly tries: number;
  readonly diedAt: string;
  /** Somebody wants it to be tried again, and it wasn't yet. */
  readonly isReplayed: boolean;
  /** What could not be reacted to; null: it is not in the store. */
  readonly data: unknown;
}

export type LetterId = Pick<DeadLetter, 'consumerGroup' | 'messageId'>;

/** One that nobody will ever react to, and who has decided so. */
export interface DroppedLetter extends Omit<DeadLetter, 'isReplayed' | 'data'> {
  readonly droppedBy: string;
  readonly droppedBecause: string;
  readonly droppedAt: string;
}

interface Row {
  consumer_group: string;
  message_id: string;
  stream_name: string;
  type: string;
  reason: string;
  tries: number;
  died_at: Date;
}

export async function listDeadLetters(on: Queryable): Promise<DeadLetter[]> {
  const { rows } = await on.query<Row & { replay: boolean; data: unknown }>(
    `SELECT d.*, m.data FROM event_store.dead_letters d LEFT JOIN event_store.messages m ON m.id = d.message_id ORDER BY d.died_at`,
  );
  return rows.map((row) => ({ ...letterOf(row), isReplayed: row.replay, data: row.data }));
}

export async function countDeadLetters(on: Queryable, group: string): Promise<number> {
  const { rows } = await on.query<{ count: number }>(`SELECT count(*)::int AS count FROM event_store.dead_letters WHERE consumer_group = $1`, [group]);
  return rows[0]?.count ?? 0;
}

/** Asks the consumers to react to it again, or to all of them; returns how many. One that fails again stays, with its new reason. */
export async function replayDeadLetters(on: Queryable, only?: LetterId): Promise<number> {
  const { rowCount } = await on.query(`UPDATE event_store.dead_letters SET replay = true WHERE $1::text IS NULL OR (consumer_group = $1 AND message_id = $2)`, [
    only?.consumerGroup ?? null, only?.messageId ?? null,
  ]);
  return rowCount ?? 0;
}

/** It counts as reacted to from now on, however often the bus brings it. False: there is no such letter, or it was reacted to a moment ago. */
export async function dropDeadLetter(on: Queryable, { consumerGroup, messageId }: LetterId, { by, because }: { readonly by: string; readonly because: string }): Promise<boolean> {
  const { rowCount } = await on.query(
    `WITH dropped AS (DELETE FROM event_store.dead_letters WHERE consumer_group = $1 AND message_id = $2 RETURNING *),
       handled AS (INSERT INTO event_store.inbox SELECT consumer_group, message_id FROM dropped ON CONFLICT DO NOTHING)
     INSERT INTO event_store.dropped_letters (consumer_group, message_id, stream_name, type, reason, tries, died_at, dropped_by, dropped_because)
     SELECT consumer_group, message_id, stream_name, type, reason, tries, died_at, $3, $4 FROM dropped`,
    [consumerGroup, messageId, by, because],
  );
  return rowCount === 1;
}

/** The latest first. */
export async function listDroppedLetters(on: Queryable, limit: number): Promise<DroppedLetter[]> {
  const { rows } = await on.query<Row & { dropped_by: string; dropped_because: string; dropped_at: Date }>(`SELECT * FROM event_store.dropped_letters ORDER BY dropped_at DESC LIMIT $1`, [limit]);
  return rows.map((row) => ({ ...letterOf(row), droppedBy: row.dropped_by, droppedBecause: row.dropped_because, droppedAt: row.dropped_at.toISOString() }));
}

function letterOf(row: Row): Omit<DeadLetter, 'isReplayed' | 'data'> {
  return { consumerGroup: row.consumer_group, messageId: row.message_id, stream: row.stream_name, type: row.type, reason: row.reason, tries: row.tries, diedAt: row.died_at.toISOString() };
}
