// What has a group not reacted to yet? The store and the inbox know, whatever the broker says.
import { isBefore, theBeginning, type Cursor, type EventStore } from '#event-store';
import type { Topology } from '../topology.ts';

const cursor = `m.transaction_id::text AS "transactionId", m.global_position::text AS "globalPosition"`;

/** Looks only behind the place up to which everything was done before, so that it costs as much as there is to be done. */
export class Backlog {
  readonly #types: readonly string[];
  #doneUpTo: Cursor = theBeginning;

  constructor(
    private readonly store: EventStore,
    private readonly topology: Topology,
  ) {
    this.#types = Object.values(topology.consumes).flatMap((reactions) => Object.entries(reactions as Record<string, unknown>).filter(([, reaction]) => reaction !== 'ignore').map(([type]) => type));
  }

  /** Age of the oldest event that was neither reacted to nor buried; 0: there is none. */
  async ageMs(): Promise<number> {
    const settled = await this.#last(`WHERE m.transaction_id < pg_snapshot_xmin(pg_current_snapshot())`);
    const oldest = await this.#oldest(await this.last());
    // Behind the horizon an earlier one may still be committed: not to be passed by.
    if (oldest && settled && isBefore(oldest, settled)) this.#doneUpTo = { ...oldest, globalPosition: String(BigInt(oldest.globalPosition) - 1n) };
    else if (settled) this.#doneUpTo = settled;
    return oldest ? Math.max(0, Number(oldest.age)) : 0;
  }

  async isDone(upTo: Cursor | undefined): Promise<boolean> {
    return (await this.#oldest(upTo)) === undefined;
  }

  /** The last event committed so far. */
  last(): Promise<Cursor | undefined> {
    return this.#last('');
  }

  async #last(where: string): Promise<Cursor | undefined> {
    const { rows } = await this.store.pool.query<Cursor>(`SELECT ${cursor} FROM event_store.messages m ${where} ORDER BY m.transaction_id DESC, m.global_position DESC LIMIT 1`);
    return rows[0];
  }

  async #oldest(upTo: Cursor | undefined): Promise<(Cursor & { readonly age: string }) | undefined> {
    if (!upTo) return undefined;
    const { transactionId, globalPosition } = this.#doneUpTo;
    const { rows } = await this.store.pool.query<Cursor & { age: string }>(
      `SELECT ${cursor}, extract(epoch FROM clock_timestamp() - m.time) * 1000 AS age FROM event_store.messages m
       WHERE (m.transaction_id, m.global_position) > ($1::xid8, $2::bigint) AND (m.transaction_id, m.global_position) <= ($3::xid8, $4::bigint) AND m.type = ANY($5)
         AND NOT EXISTS (SELECT FROM event_store.inbox i WHERE i.consumer_group = $6 AND i.message_id = m.id)
         AND NOT EXISTS (SELECT FROM event_store.dead_letters d WHERE d.consumer_group = $6 AND d.message_id = m.id)
       ORDER BY m.transaction_id, m.global_position LIMIT 1`,
      [transactionId, globalPosition, upTo.transactionId, upTo.globalPosition, this.#types, this.topology.service],
    );
    const [row] = rows;
    return row && { transactionId: row.transactionId, globalPosition: row.globalPosition, age: row.age };
  }
}
