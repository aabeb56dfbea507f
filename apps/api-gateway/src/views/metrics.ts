// What numbers did a program log?
import type { Pool } from 'pg';
import type { MetricBody } from '#contracts';
import type { Slice } from './experiments.view.ts';

export interface MetricValues {
  readonly values: Readonly<Record<string, number | null>>;
  /** ISO-8601. */
  readonly createdAt: string;
}

/** Longer names than an index takes are found by their beginning. */
const indexedLength = 200;

/** Data beside the events: appended as it comes, never rebuilt. */
export class Metrics {
  constructor(private readonly pool: Pool) {}

  /** All rows or none; the last values follow in the same statement. */
  async add(experimentId: number, rows: readonly MetricValues[]): Promise<void> {
    if (rows.length === 0) return;
    const last = Object.assign({}, ...rows.map(({ values }) => values)) as Record<string, number | null>;
    // In one order, so that two reports at once never wait for each other.
    const names = Object.keys(last).sort();
    const searched = new Map(names.map((name) => [name.slice(0, indexedLength), searchable(last[name])]));
    await this.pool.query(
      `WITH added AS (
         INSERT INTO api_gateway.metrics (experiment_id, values, created_at)
         SELECT $1, t.values, t.created_at FROM unnest($2::jsonb[], $3::timestamptz[]) WITH ORDINALITY AS t (values, created_at, n) ORDER BY n
       ), found_by AS (
         INSERT INTO api_gateway.experiment_metrics (experiment_id, project_id, name, value)
         SELECT e.id, e.project_id, m.name, m.value FROM api_gateway.experiments e, unnest($5::text[], $6::float8[]) AS m (name, value) WHERE e.id = $1 AND NOT e.deleted
         ON CONFLICT (experiment_id, name) DO UPDATE SET value = excluded.value WHERE experiment_metrics.value IS DISTINCT FROM excluded.value
       )
       INSERT INTO api_gateway.last_metrics VALUES ($1, $4) ON CONFLICT (experiment_id) DO UPDATE SET values = api_gateway.last_metrics.values || $4`,
      [experimentId, rows.map(({ values }) => JSON.stringify(values)), rows.map(({ createdAt }) => createdAt), JSON.stringify(last), [...searched.keys()], [...searched.values()]],
    );
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
