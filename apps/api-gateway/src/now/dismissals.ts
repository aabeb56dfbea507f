// What has somebody seen and does not want to be shown again?
import type { Pool } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { DismissalBody } from '#contracts';

export class Dismissals1700000000061 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE api_gateway.dismissals (
        username text NOT NULL REFERENCES api_gateway.users (username) ON DELETE CASCADE, experiment_id integer NOT NULL, kind text NOT NULL,
        dismissed_at timestamptz NOT NULL, PRIMARY KEY (username, experiment_id, kind)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE api_gateway.dismissals`);
  }
}

/** What happened after it was dismissed is shown again. */
export type IsDismissed = (experimentId: number, kind: DismissalBody['kind'], since: string) => boolean;

/** A note of a user's own, not something that happened to the experiment: so it is a row, and no event. */
export class Dismissals {
  constructor(
    private readonly pool: Pool,
    private readonly now: () => Date,
  ) {}

  async add(username: string, dismissed: readonly DismissalBody[]): Promise<void> {
    await this.pool.query(
      `INSERT INTO api_gateway.dismissals SELECT $1, d.experiment, d.kind, $4 FROM unnest($2::int[], $3::text[]) AS d (experiment, kind)
       ON CONFLICT (username, experiment_id, kind) DO UPDATE SET dismissed_at = excluded.dismissed_at`,
      [username, dismissed.map(({ experiment }) => experiment), dismissed.map(({ kind }) => kind), this.now()],
    );
  }

  async undo(username: string, dismissed: readonly DismissalBody[]): Promise<void> {
    await this.pool.query(
      `DELETE FROM api_gateway.dismissals WHERE username = $1 AND (experiment_id, kind) IN (SELECT * FROM unnest($2::int[], $3::text[]))`,
      [username, dismissed.map(({ experiment }) => experiment), dismissed.map(({ kind }) => kind)],
    );
  }

  async of(username: string): Promise<IsDismissed> {
    const { rows } = await this.pool.query<{ experiment_id: number; kind: string; dismissed_at: Date }>(`SELECT experiment_id, kind, dismissed_at FROM api_gateway.dismissals WHERE username = $1`, [username]);
    const known = new Map(rows.map(({ experiment_id: id, kind, dismissed_at: at }) => [`${kind} ${id}`, at.getTime()]));
    return (experimentId, kind, since) => (known.get(`${kind} ${experimentId}`) ?? -Infinity) >= Date.parse(since);
  }
}
