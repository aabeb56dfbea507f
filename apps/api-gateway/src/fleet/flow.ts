// How far behind is who, as the database knows it, whether they answer or not?
import type { Pool } from 'pg';
import { owners, type FleetBody, type FlowBody, type Service } from '#contracts';

export const services = [...new Set(Object.values(owners))] as readonly Service[];

interface Row {
  group: string;
  lag: string | null;
}

/** A cursor is written when its consumer has nothing to do, so it is behind by what one has just read; of a consumer that is gone it stays where it was. */
const behind = `
  SELECT c.consumer_group AS group, (
    SELECT extract(epoch FROM clock_timestamp() - m.time) FROM event_store.messages m WHERE (m.transaction_id, m.global_position) > (c.transaction_id, c.global_position)
    ORDER BY m.transaction_id, m.global_position LIMIT 1
  ) AS lag FROM event_store.cursors c`;
const counted = 10_000;

export class Flow {
  constructor(private readonly pool: Pool) {}

  /** Undefined: nobody keeps its place here, as when it hears the others through Kafka. */
  async lags(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.pool.query<Row>(behind);
    return new Map(rows.map(({ group, lag }) => [group, Math.max(0, Number(lag ?? 0))]));
  }

  async deadLetters(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.pool.query<{ group: string; count: number }>(`SELECT consumer_group AS group, count(*)::int AS count FROM event_store.dead_letters GROUP BY 1`);
    return new Map(rows.map(({ group, count }) => [group, count]));
  }

  /** Of the relay that is furthest behind. */
  async relay(): Promise<FleetBody['relay']> {
    const { rows } = await this.pool.query<{ events: number; lag: string | null }>(
      `SELECT count(*)::int AS events, extract(epoch FROM clock_timestamp() - min(time)) AS lag FROM (
         SELECT m.time FROM event_store.messages m, (SELECT transaction_id, global_position FROM event_store.cursors WHERE consumer_group LIKE 'relay%' ORDER BY 1, 2 LIMIT 1) c
         WHERE (m.transaction_id, m.global_position) > (c.transaction_id, c.global_position) ORDER BY m.transaction_id, m.global_position LIMIT ${counted}) AS waiting
       HAVING EXISTS (SELECT FROM event_store.cursors WHERE consumer_group LIKE 'relay%')`,
    );
    const [row] = rows;
    return row ? { events: row.events, lag_seconds: Math.max(0, Number(row.lag ?? 0)) } : null;
  }
}

/** What the database knows, else what the service said itself; null: neither. */
export function flowOf(lags: ReadonlyMap<string, number>, told: ReadonlyMap<Service, number | null>, dead: ReadonlyMap<string, number>): FlowBody[] {
  return services.map((group) => ({ group, lag_seconds: lags.get(group) ?? told.get(group) ?? null, dead_letters: dead.get(group) ?? 0 }));
}
