// How many experiments are there of each status?
import type { Pool } from 'pg';
import { Gauge, register } from 'prom-client';
import { doneStatuses, type ExperimentStatus } from '#contracts';

const liveStatuses: readonly ExperimentStatus[] = ['created', 'copying', 'building', 'scheduled', 'starting', 'running', 'warning', 'unschedulable', 'unknown'];
/** All of them are counted, so not each time that somebody looks. */
const trueForMs = 15_000;
const name = 'polyaxon_experiments';

/** Shown by every gateway alike: of several, any one is right. */
export function showCensus(pool: Pool): void {
  register.removeSingleMetric(name);
  let countedAtMs = -Infinity;
  const gauge = new Gauge({
    name, help: 'experiments that are not deleted, as users see their status', labelNames: ['status'],
    async collect() {
      if (performance.now() - countedAtMs < trueForMs) return;
      const before = countedAtMs;
      countedAtMs = performance.now();
      try {
        const { rows } = await pool.query<{ status: string; count: number }>('SELECT last_status AS status, count(*)::int AS count FROM api_gateway.experiments WHERE NOT deleted GROUP BY 1');
        for (const status of [...liveStatuses, ...doneStatuses]) gauge.set({ status }, rows.find((row) => row.status === status)?.count ?? 0);
      } catch {
        countedAtMs = before; // nobody knows without the database; the other metrics are wanted all the more
      }
    },
  });
}
