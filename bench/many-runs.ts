// How does a benchmark get a hundred thousand runs in a moment?
import type { Pool } from 'pg';

export const manyRuns = 100_000;
const names = ['loss', 'accuracy', 'step'];

/** Into the tables users read, as the projections write them. */
export async function addManyRuns(pool: Pool, projectId: number): Promise<void> {
  const batch = 10_000;
  for (let first = 0; first < manyRuns; first += batch) {
    const among = `generate_series(${first + 1}, ${first + batch}) n`;
    await pool.query(
      `INSERT INTO api_gateway.experiments (id, uuid, project_id, user_name, project_name, original_id, name, tags, content, command, params, environment, outputs_path, logs_path, is_managed, requested_by,
         last_status, status_rank, created_at, updated_at, started_at, finished_at)
       SELECT n, gen_random_uuid(), $1, 'root', 'many', n, 'run-' || n, '["bench"]', $2, 'python train.py --lr=0.1', jsonb_build_object('lr', n % 10, 'optimizer', 'adam'), '{}',
         'root/many/experiments/' || n, 'root/many/experiments/' || n, true, 'root', (ARRAY['succeeded', 'failed', 'stopped', 'running'])[1 + n % 4], 7, t, t, t, t + interval '1 hour'
       FROM ${among}, LATERAL (SELECT '2026-01-01'::timestamptz + n * interval '1 minute' AS t) at`,
      [projectId, JSON.stringify({ version: 1, kind: 'experiment', params: { lr: 0.1, optimizer: 'adam' }, run: { cmd: 'python train.py --lr={{ lr }}' } })],
    );
    await pool.query(`INSERT INTO api_gateway.experiment_params (experiment_id, project_id, name, text, number) SELECT n, $1, 'lr', (n % 10)::text, n % 10 FROM ${among}`, [projectId]);
    await pool.query(`INSERT INTO api_gateway.experiment_params (experiment_id, project_id, name, text) SELECT n, $1, 'optimizer', 'adam' FROM ${among}`, [projectId]);
    await pool.query(`INSERT INTO api_gateway.last_metrics SELECT n, (SELECT jsonb_object_agg(name, random()) FROM unnest($1::text[]) name WHERE n > 0) FROM ${among}`, [names]);
  }
  await pool.query(
    `INSERT INTO api_gateway.experiment_metrics (experiment_id, project_id, name, value) SELECT l.experiment_id, $1, m.key, m.value::float8 FROM api_gateway.last_metrics l, jsonb_each(l.values) m`,
    [projectId],
  );
  // What autovacuum does on its own within a minute.
  for (const table of ['experiments', 'experiment_params', 'experiment_metrics', 'last_metrics']) await pool.query(`VACUUM ANALYZE api_gateway.${table}`);
}
