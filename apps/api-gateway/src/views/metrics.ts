// What numbers did a program log?
import type { Pool } from 'pg';
import type { MetricBody, Measure } from '#contracts';
import type { Slice } from './experiments.view.ts';

export interface MetricValues {
  readonly values: Readonly<Record<string, Measure>>;
  /** ISO-8601. */
  readonly createdAt: string;
}

/** NaN and infinite ones are texts, as they were reported; null and undefined: this report had none. */
export type Reported = number | string | null | undefined;

/** What is wanted of what an experiment reported. */
export interface ReportsAsked {
  readonly experimentId: number;
  /** The metric that counts its steps; null: none does. */
  readonly step: string | null;
  readonly names: readonly string[];
}

/** What an experiment reported next, in the order it came: columns of one length. */
export interface ReportPage {
  readonly asked: ReportsAsked;
  /** One number: all are of this attempt. 0: it was not said which. */
  readonly attempts: number | readonly number[];
  /** Milliseconds. */
  readonly times: readonly number[];
  readonly steps: readonly unknown[];
  /** In the order of the names that were asked for. */
  readonly values: readonly (readonly Reported[])[];
}

/** With where its next page begins. */
type Wanted = ReportsAsked & { readonly after: string };

const rowsAtOnce = 20_000;
const experimentsAtOnce = 10;
const statementsAtOnce = 3;
/** Longer names than an index takes are found by their beginning. */
const indexedLength = 200;

/** Data beside the events: appended as it comes, never rebuilt. */
export class Metrics {
  constructor(private readonly pool: Pool) {}

  /** All rows or none; the last values follow in the same statement. */
  async add(experimentId: number, rows: readonly MetricValues[], attempt = 0): Promise<void> {
    if (rows.length === 0) return;
    const last = Object.assign({}, ...rows.map(({ values }) => values)) as Record<string, Measure>;
    // In one order, so that two reports at once never wait for each other.
    const names = Object.keys(last).sort();
    const searched = new Map(names.map((name) => [name.slice(0, indexedLength), searchable(last[name])]));
    await this.pool.query(
      `WITH added AS (
         INSERT INTO api_gateway.metrics (experiment_id, values, created_at, attempt)
         SELECT $1, t.values, t.created_at, $7::integer FROM unnest($2::jsonb[], $3::timestamptz[]) WITH ORDINALITY AS t (values, created_at, n) ORDER BY n
       ), found_by AS (
         INSERT INTO api_gateway.experiment_metrics (experiment_id, project_id, name, value)
         SELECT e.id, e.project_id, m.name, m.value FROM api_gateway.experiments e, unnest($5::text[], $6::float8[]) AS m (name, value) WHERE e.id = $1 AND NOT e.deleted
         ON CONFLICT (experiment_id, name) DO UPDATE SET value = excluded.value WHERE experiment_metrics.value IS DISTINCT FROM excluded.value
       )
       INSERT INTO api_gateway.last_metrics VALUES ($1, $4) ON CONFLICT (experiment_id) DO UPDATE SET values = api_gateway.last_metrics.values || $4`,
      [experimentId, rows.map(({ values }) => JSON.stringify(values)), rows.map(({ createdAt }) => createdAt), JSON.stringify(last), [...searched.keys()], [...searched.values()], attempt],
    );
  }

  /** Every value of these metrics, in the order they came; what is no number is left out. */
  async series(experimentIds: readonly number[], names: readonly string[]): Promise<ReadonlyMap<number, Readonly<Record<string, readonly number[]>>>> {
    const { rows } = await this.pool.query<{ experiment: number; name: string; values: number[] }>(
      `SELECT m.experiment_id AS experiment, n.name, array_agg((m.values ->> n.name)::float8 ORDER BY m.id) AS values FROM api_gateway.metrics m, unnest($2::text[]) AS n (name)
       WHERE m.experiment_id = ANY ($1) AND jsonb_typeof(m.values -> n.name) = 'number' GROUP BY 1, 2`,
      [experimentIds, names],
    );
    const series = new Map<number, Record<string, readonly number[]>>();
    for (const { experiment, name, values } of rows) series.set(experiment, { ...series.get(experiment), [name]: values });
    return series;
  }

  /** Some thousands of rows at a time, since there may be millions; of each experiment in order. A statement speaks of several: sending one and reading its answer costs more than what it looks up. */
  async *reports(asked: readonly ReportsAsked[]): AsyncGenerator<ReportPage> {
    const wanted: Wanted[] = asked.map((one) => ({ ...one, after: '0' }));
    while (wanted.length > 0) {
      const portions: Wanted[][] = [];
      while (wanted.length > 0 && portions.length < statementsAtOnce) portions.push(wanted.splice(0, experimentsAtOnce));
      for (const { last, page } of (await Promise.all(portions.map((portion) => this.#portion(portion)))).flat()) {
        yield page;
        if (last !== null) wanted.push({ ...page.asked, after: last });
      }
    }
  }

  /** The database makes columns of them, as JSON: these are read five times as fast as rows, or as arrays of its own. */
  async #portion(wanted: readonly Wanted[]): Promise<{ readonly page: ReportPage; /** Null: nothing is behind it. */ readonly last: string | null }[]> {
    const names = Array.from({ length: Math.max(0, ...wanted.map((one) => one.names.length)) }, (_, index) => index);
    const limit = Math.floor(rowsAtOnce / wanted.length);
    const column = (of: string) => `'[' || string_agg(${of}, ',' ORDER BY id) || ']'`;
    const measured = (name: string) => column(`coalesce((values -> e.${name})::text, 'null')`);
    const { rows } = await this.pool.query<[at: string, last: string | null, ...columns: string[]]>({
      rowMode: 'array',
      text: `SELECT e.at, r.* FROM unnest($1::integer[], $2::bigint[], $3::text[]${names.map((index) => `, $${index + 4}::text[]`).join('')})
          WITH ORDINALITY AS e (id, after, step${names.map((index) => `, n${index}`).join('')}, at), LATERAL (
            SELECT max(id), CASE WHEN min(attempt) = max(attempt) THEN min(attempt)::text ELSE ${column('attempt::text')} END,
              ${column(`(date_part('epoch', created_at) * 1000)::bigint::text`)}, ${['step', ...names.map((index) => `n${index}`)].map(measured).join(', ')}
            FROM (SELECT id, attempt, created_at, values FROM api_gateway.metrics WHERE experiment_id = e.id AND id > e.after ORDER BY id LIMIT ${limit}) page
          ) r`,
      values: [
        wanted.map(({ experimentId }) => experimentId), wanted.map(({ after }) => after), wanted.map(({ step }) => step ?? ''), ...names.map((index) => wanted.map((one) => one.names[index] ?? '')),
      ],
    });
    return rows.flatMap(([at, last, ...columns]) => {
      const asked = wanted[Number(at) - 1];
      if (last === null || !asked) return [];
      const [attempts, times, steps, ...values] = columns.map((text) => JSON.parse(text) as unknown[]) as [number | number[], number[], unknown[], ...Reported[][]];
      return [{ page: { asked, attempts, times, steps, values: values.slice(0, asked.names.length) }, last: times.length < limit ? null : last }];
    });
  }

  /** Of the metrics these have sent; the same again: nothing new came. The newest of each: numbers are given before they are committed, so the highest of all may hide one that came to be seen later. */
  async latest(experimentIds: readonly number[]): Promise<string> {
    const { rows } = await this.pool.query<{ ids: string | null }>(
      `SELECT string_agg(m.id::text, ',' ORDER BY e.id) AS ids FROM unnest($1::integer[]) AS e (id), LATERAL (SELECT id FROM api_gateway.metrics WHERE experiment_id = e.id ORDER BY id DESC LIMIT 1) m`,
      [experimentIds],
    );
    return rows[0]?.ids ?? '';
  }

  async list(experimentId: number, { limit, offset }: Slice): Promise<{ count: number; results: MetricBody[] }> {
    const { rows } = await this.pool.query<{ id: string; values: MetricBody['values']; created_at: Date }>(
      `SELECT id, values, created_at FROM api_gateway.metrics WHERE experiment_id = $1 ORDER BY id LIMIT $2 OFFSET $3`,
      [experimentId, limit, offset],
    );
    const counted = await this.pool.query<{ count: string }>(`SELECT count(*) FROM api_gateway.metrics WHERE experiment_id = $1`, [experimentId]);
    return { count: Number(counted.rows[0]?.count ?? 0), results: rows.map((row) => ({ id: Number(row.id), values: row.values, created_at: row.created_at.toISOString() })) };
  }
}

/** NaN is kept as null here: it is neither above nor below anything, and comes last in every order. Infinite ones compare. */
function searchable(value: unknown): number | null {
  const number = typeof value === 'string' ? Number(value.replace(/^([-+]?)inf(inity)?$/i, '$1Infinity')) : value;
  return typeof number === 'number' && !Number.isNaN(number) ? number : null;
}
