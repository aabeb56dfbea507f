// When did a program last say that it lives?
import type { Pool } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Heartbeats1700000000031 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE api_gateway.heartbeats (experiment_id integer PRIMARY KEY, at timestamptz NOT NULL) WITH (fillfactor = 70)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE api_gateway.heartbeats`);
  }
}

/** Data, not events: one row for each experiment, written over. */
export class Heartbeats {
  constructor(private readonly pool: Pool) {}

  async keep(experimentId: number, at: Date): Promise<void> {
    await this.pool.query(`INSERT INTO api_gateway.heartbeats VALUES ($1, $2) ON CONFLICT (experiment_id) DO UPDATE SET at = greatest(heartbeats.at, $2)`, [experimentId, at]);
  }

  async of(experimentId: number): Promise<Date | null> {
    const { rows } = await this.pool.query<{ at: Date }>(`SELECT at FROM api_gateway.heartbeats WHERE experiment_id = $1`, [experimentId]);
    return rows[0]?.at ?? null;
  }

  /** Experiments that are only tracked, once said that they live, and have not said so since. Whether a run of the platform lives is asked of its process. */
  async silentSince(before: Date, limit: number): Promise<number[]> {
    const { rows } = await this.pool.query<{ id: number }>(
      `SELECT e.id FROM api_gateway.heartbeats h JOIN api_gateway.experiments e ON e.id = h.experiment_id
       WHERE h.at < $1 AND NOT e.is_managed AND NOT e.deleted AND e.finished_at IS NULL ORDER BY e.id LIMIT $2`,
      [before, limit],
    );
    return rows.map(({ id }) => id);
  }
}
