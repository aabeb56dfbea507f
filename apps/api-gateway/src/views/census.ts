// How many experiments are there of each status, and is there a transaction that keeps events from being heard?
import type { Pool } from 'pg';
import { catalogue, gauge } from '#service-host';

/** All of them are counted, so not each time that somebody looks. */
const trueForMs = 15_000;

/** Shown by every gateway alike: of several, any one is right. */
export function showCensus(pool: Pool): void {
  let countedAtMs = -Infinity;
  gauge('experiments', async (experiments) => {
    if (performance.now() - countedAtMs < trueForMs) return;
    const before = countedAtMs;
    countedAtMs = performance.now();
    try {
      const { rows } = await pool.query<{ status: string; count: number }>('SELECT last_status AS status, count(*)::int AS count FROM api_gateway.experiments WHERE NOT deleted GROUP BY 1');
      for (const status of catalogue.experiments.labels.status) experiments.set({ status }, rows.find((row) => row.status === status)?.count ?? 0);
    } catch {
      countedAtMs = before;
    }
  });
  gauge('store_xmin_age_seconds', async (age) => {
    const { rows } = await pool.query<{ age: number }>(oldestWriter);
    age.set(rows[0]?.age ?? 0);
  });
}

/** Whoever has a number and is not done: readers go up to the oldest of them. One that only reads holds up nobody. */
const oldestWriter = `SELECT coalesce(extract(epoch FROM clock_timestamp() - min(began)), 0)::float8 AS age FROM (
  SELECT xact_start AS began FROM pg_stat_activity WHERE backend_xid IS NOT NULL UNION ALL SELECT prepared FROM pg_prepared_xacts) AS writers`;
