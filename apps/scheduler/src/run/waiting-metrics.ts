// What do the runs wait for that have no process, and for how long?
import { catalogue, gauge, type LabelValues } from '#service-host';
import type { Queryable } from '#event-store';
import { turnOfGroup } from './free-slots.ts';

/** What is named first is what has to happen first. */
const reasonOf = `CASE
  WHEN stop_requested THEN 'stop'
  WHEN state = 'scheduled' THEN CASE WHEN pending IN ('unschedulable', 'image', 'building', 'cluster') THEN pending ELSE 'start' END
  WHEN NOT is_ready THEN CASE WHEN cloning_strategy = 'copy' AND attempt = 0 THEN 'copy' ELSE 'outputs' END
  WHEN not_before IS NOT NULL AND not_before::timestamptz > clock_timestamp() THEN 'pause'
  WHEN starts_with(held_reason, $1) THEN 'group'
  WHEN held_reason IS NOT NULL THEN 'slots'
  ELSE 'scheduler' END`;

/** From the table, so that every scheduler says the same, also one that stands by. */
export function showWaiting(on: Queryable): void {
  const ages = gauge('run_oldest_waiting_age_seconds');
  gauge('runs_waiting', async (waiting) => {
    const { rows } = await on.query<{ reason: LabelValues<'runs_waiting'>['reason']; runs: number; age: number }>(
      `SELECT ${reasonOf} AS reason, count(*)::int AS runs, greatest(0, extract(epoch FROM clock_timestamp() - min(changed_at)))::float8 AS age
       FROM scheduler.runs WHERE state <> 'started' GROUP BY 1`,
      [turnOfGroup],
    );
    for (const reason of catalogue.runs_waiting.labels.reason) {
      const { runs, age } = rows.find((row) => row.reason === reason) ?? { runs: 0, age: 0 };
      waiting.set({ reason }, runs);
      ages.set({ reason }, age);
    }
  });
}
