// What could not be reacted to, and how is it tried again?
import type { Queryable } from '#event-store';

export interface DeadLetter {
  readonly consumerGroup: string;
  readonly messageId: string;
  readonly stream: string;
  readonly type: string;
  readonly reason: string;
  readonly tries: number;
  readonly diedAt: string;
}

export async function listDeadLetters(on: Queryable): Promise<DeadLetter[]> {
  const { rows } = await on.query<{ consumer_group: string; message_id: string; stream_name: string; type: string; reason: string; tries: number; died_at: Date }>(
    `SELECT * FROM event_store.dead_letters ORDER BY died_at`,
  );
  return rows.map((row) => ({
    consumerGroup: row.consumer_group, messageId: row.message_id, stream: row.stream_name, type: row.type, reason: row.reason, tries: row.tries, diedAt: row.died_at.toISOString(),
  }));
}

export async function countDeadLetters(on: Queryable, group: string): Promise<number> {
  const { rows } = await on.query<{ count: number }>(`SELECT count(*)::int AS count FROM event_store.dead_letters WHERE consumer_group = $1`, [group]);
  return rows[0]?.count ?? 0;
}

/** Asks the consumers to react to all of them again; returns how many. One that fails again stays, with its new reason. */
export async function replayDeadLetters(on: Queryable): Promise<number> {
  const { rowCount } = await on.query(`UPDATE event_store.dead_letters SET replay = true`);
  return rowCount ?? 0;
}
