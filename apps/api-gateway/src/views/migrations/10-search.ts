// How do lists and searches find rows without reading all of them?
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { paramValues } from '../param-values.ts';

export class Search1700000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE api_gateway.experiment_metrics (experiment_id integer, name text, project_id integer NOT NULL, value float8, PRIMARY KEY (experiment_id, name)) WITH (fillfactor = 80);
      CREATE INDEX experiment_metrics_listed ON api_gateway.experiment_metrics (project_id, name, experiment_id) INCLUDE (value);
      CREATE INDEX experiment_metrics_by_value ON api_gateway.experiment_metrics (project_id, name, value, experiment_id);
      CREATE TABLE api_gateway.experiment_params (experiment_id integer, name text, project_id integer NOT NULL, text text NOT NULL, number float8, PRIMARY KEY (experiment_id, name));
      CREATE INDEX experiment_params_by_number ON api_gateway.experiment_params (project_id, name, number, experiment_id) INCLUDE (text);
      CREATE INDEX experiment_params_by_text ON api_gateway.experiment_params (project_id, name, text, experiment_id) WHERE number IS NULL;
      DROP INDEX api_gateway.experiments_by_project;
      CREATE INDEX experiments_listed ON api_gateway.experiments (project_id, id)
        INCLUDE (last_status, requested_by, group_id, source_id, cloning_strategy, created_at, updated_at, started_at, finished_at) WHERE NOT deleted;
      CREATE INDEX experiments_by_status ON api_gateway.experiments (project_id, last_status, id) WHERE NOT deleted;
      CREATE INDEX experiments_by_group ON api_gateway.experiments (group_id, id) WHERE group_id IS NOT NULL;
      CREATE INDEX experiments_by_tag ON api_gateway.experiments USING gin (tags) WHERE NOT deleted;
      INSERT INTO api_gateway.experiment_metrics (experiment_id, project_id, name, value)
        SELECT e.id, e.project_id, left(m.key, 200), CASE WHEN jsonb_typeof(m.value) = 'number' THEN m.value::float8 END
        FROM api_gateway.experiments e JOIN api_gateway.last_metrics l ON l.experiment_id = e.id, jsonb_each(l.values) m WHERE NOT e.deleted ON CONFLICT DO NOTHING;
    `);
    await this.#findParams(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE api_gateway.experiment_metrics, api_gateway.experiment_params;
      DROP INDEX api_gateway.experiments_listed, api_gateway.experiments_by_status, api_gateway.experiments_by_group, api_gateway.experiments_by_tag;
      CREATE INDEX experiments_by_project ON api_gateway.experiments (project_id, id);
    `);
  }

  /** Of what is there already. */
  async #findParams(runner: QueryRunner): Promise<void> {
    for (let last = 0; ; ) {
      const rows = (await runner.query(`SELECT id, project_id, params FROM api_gateway.experiments WHERE id > $1 AND NOT deleted ORDER BY id LIMIT 1000`, [last])) as {
        id: number; project_id: number; params: Record<string, unknown>;
      }[];
      if (rows.length === 0) return;
      last = rows.at(-1)?.id ?? last;
      const values = rows.flatMap(({ id, project_id: projectId, params }) => paramValues(params).map(({ name, text, number }) => [id, projectId, name, text, number] as const));
      await runner.query(
        `INSERT INTO api_gateway.experiment_params (experiment_id, project_id, name, text, number) SELECT * FROM unnest($1::integer[], $2::integer[], $3::text[], $4::text[], $5::float8[])`,
        [0, 1, 2, 3, 4].map((column) => values.map((value) => value[column])),
      );
    }
  }
}
