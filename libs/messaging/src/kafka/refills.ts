// Which topics have to be filled again from the store, and how far has that come?
import type { Category } from '#contracts';
import type { Cursor, Queryable } from '#event-store';

export interface Refill {
  readonly categories: readonly Category[];
  /** What was published again already. */
  readonly cursor: Cursor;
}

/** Noted in the database: whoever is the relay goes on with them. */
export class Refills {
  constructor(
    private readonly on: Queryable,
    private readonly relay: string,
  ) {}

  async ask(categories: readonly Category[]): Promise<void> {
    await this.on.query(`INSERT INTO event_store.refills (relay, category) SELECT $1, unnest($2::text[]) ${fromTheBeginning}`, [this.relay, categories]);
  }

  /** Those that are equally far are done together. */
  async next(): Promise<Refill | undefined> {
    const { rows } = await this.on.query<{ categories: Category[] } & Cursor>(
      `SELECT array_agg(category) AS categories, transaction_id::text AS "transactionId", global_position::text AS "globalPosition" FROM event_store.refills r WHERE relay = $1
       GROUP BY r.transaction_id, r.global_position ORDER BY r.transaction_id, r.global_position LIMIT 1`,
      [this.relay],
    );
    const [row] = rows;
    return row && { categories: row.categories, cursor: { transactionId: row.transactionId, globalPosition: row.globalPosition } };
  }

  /** One that was asked for again meanwhile stays at its beginning. */
  async move({ categories, cursor }: Refill, to: Cursor): Promise<void> {
    await this.on.query(
      `UPDATE event_store.refills SET transaction_id = $5::xid8, global_position = $6::bigint WHERE ${these}`,
      [this.relay, categories, cursor.transactionId, cursor.globalPosition, to.transactionId, to.globalPosition],
    );
  }

  async end({ categories, cursor }: Refill): Promise<void> {
    await this.on.query(`DELETE FROM event_store.refills WHERE ${these}`, [this.relay, categories, cursor.transactionId, cursor.globalPosition]);
  }
}

const these = 'relay = $1 AND category = ANY($2::text[]) AND (transaction_id, global_position) = ($3::xid8, $4::bigint)';
const fromTheBeginning = `ON CONFLICT (relay, category) DO UPDATE SET transaction_id = '0', global_position = 0`;

/** Of every relay of this store; resolves with how many there are, 0 when nothing has ever been published. */
export async function refillTopics(on: Queryable, categories: readonly Category[]): Promise<number> {
  const { rows } = await on.query<{ relay: string }>(
    `INSERT INTO event_store.refills (relay, category) SELECT consumer_group, category FROM event_store.cursors, unnest($1::text[]) AS category WHERE consumer_group LIKE 'relay%'
     ${fromTheBeginning} RETURNING relay`,
    [categories],
  );
  return new Set(rows.map(({ relay }) => relay)).size;
}
