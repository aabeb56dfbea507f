// Which numbers did a program log?
import { Refusal } from '#decider';
import type { MetricValues } from '../views/metrics.ts';

const rowsMax = 5000;

/** One report or an array of them. A time that can't be read is now: a clock of the run's machine must not cost a metric. */
export function metricRows(body: unknown, now: () => Date): MetricValues[] {
  const reports = Array.isArray(body) ? (body as unknown[]) : [body];
  if (reports.length > rowsMax) throw new Refusal('request-invalid', `at most ${rowsMax} metrics at once`);
  return reports.map((report) => row(report, now));
}

function row(report: unknown, now: () => Date): MetricValues {
  const { values, created_at: createdAt } = (report ?? {}) as { values?: unknown; created_at?: unknown };
  if (typeof values !== 'object' || values === null || Array.isArray(values)) throw new Refusal('request-invalid', 'a metric is {"values": {"name": number}}, or an array of such');
  for (const [name, value] of Object.entries(values))
    if (value !== null && typeof value !== 'number') throw new Refusal('request-invalid', `metric ${JSON.stringify(name.slice(0, 100))} must be a number, not ${JSON.stringify(value)?.slice(0, 100)}`);
  return { values: values as Record<string, number | null>, createdAt: (timeOf(createdAt) ?? now()).toISOString() };
}

/** ISO-8601, also with a blank instead of the T; without a zone it is UTC. */
function timeOf(text: unknown): Date | undefined {
  if (typeof text !== 'string' || text.length > 64) return undefined;
  const iso = text.trim().replace(' ', 'T');
  const time = new Date(/(Z|[+-]\d\d:?\d\d)$/i.test(iso) ? iso : `${iso}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
