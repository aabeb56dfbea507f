// Which numbers did a program log?
import type { Measure } from '#contracts';
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
  const measures = Object.entries(values).map(([name, value]): [string, Measure] => {
    const measure = measureOf(value);
    if (measure === undefined) throw new Refusal('request-invalid', `metric ${JSON.stringify(name.slice(0, 100))} must be a number, not ${JSON.stringify(value)?.slice(0, 100)}`);
    return [name, measure];
  });
  return { values: Object.fromEntries(measures), createdAt: (timeOf(createdAt) ?? now()).toISOString() };
}

const notFinite = new Map<unknown, Measure>([['nan', 'nan'], ['inf', 'inf'], ['infinity', 'inf'], ['-inf', '-inf'], ['-infinity', '-inf']]);

/** A loss that has become NaN or infinite is kept as that: it is what its user has to see. */
function measureOf(value: unknown): Measure | undefined {
  if (value === null) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : notFinite.get(String(value).toLowerCase());
  return typeof value === 'string' ? notFinite.get(value.toLowerCase()) : undefined;
}

/** ISO-8601, also with a blank instead of the T; without a zone it is UTC. */
function timeOf(text: unknown): Date | undefined {
  if (typeof text !== 'string' || text.length > 64) return undefined;
  const iso = text.trim().replace(' ', 'T');
  const time = new Date(/(Z|[+-]\d\d:?\d\d)$/i.test(iso) ? iso : `${iso}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
