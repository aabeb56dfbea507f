// What numbers did a program log?
import type { Pool } from 'pg';
import type { MetricBody } from '#contracts';
import type { Slice } from './experiments.view.ts';

export interface MetricValues {
  readonly values: Readonly<Record<string, number | null>>;
  /** ISO-8601. */
  readonly createdAt: string;
}

/** Data beside the events: appended as it comes, never rebuilt. */
export class Metrics {
  constructor(private readonly pool: Pool) {}

  /** All rows or none; the last values follow in the same statement. */
  async add(experimentId: number, rows: readonly MetricValues[]): Promise<void> {
    if (rows.length === 0) return;
    const last = Object.assign({}, ...rows.map(({ values }) => values)) as Record<string, number | null>;
    await this.pool.query(
      `WITH added AS (
         INSERT INTO api_gateway.metrics (experiment_id, values, created_at)
         SELECT $1, t.values, t.created_at FROM unnest($2::jsonb[], $3::timestamptz[]) WITH ORDINALITY AS t (values, created_at, n) ORDER BY n
       )
       INSERT INTO api_gateway.last_metrics VALUES ($1, $4) ON CONFLICT (experiment_id) DO UPDATE SET values = api_gateway.last_metrics.values || $4`,
      [experimentId, rows.map(({ values }) => JSON.stringify(values)), rows.map(({ createdAt }) => createdAt), JSON.stringify(last)],
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
