// What can experiments be searched and sorted by?
import { viewsSchema } from '../views/view.ts';
import type { Searchable, Side } from './fields.ts';

const metrics: Side = { kind: 'measure', table: `${viewsSchema}.experiment_metrics`, owner: 'experiment_id', example: 'metrics.loss: <=0.1' };
const params: Side = { kind: 'parameter', table: `${viewsSchema}.experiment_params`, owner: 'experiment_id', example: 'params.lr: 0.1' };

/** Of each chain of resumes all but the newest: found once for all rows, since there are far fewer resumes than runs. */
const continued = `SELECT e.id FROM (SELECT original_id, max(id) AS newest FROM ${viewsSchema}.experiments WHERE cloning_strategy = 'resume' AND NOT deleted GROUP BY original_id) chain
  JOIN ${viewsSchema}.experiments e ON e.original_id = chain.original_id AND e.id < chain.newest`;

export const searchableExperiments: Searchable = {
  table: `${viewsSchema}.experiments`,
  fields: {
    id: { kind: 'integer', sql: 't.id', required: true, example: 'id: 20 .. 30' },
    name: { kind: 'text', sql: 't.name', example: 'name: %foo%' },
    description: { kind: 'text', sql: 't.description', example: 'description: %foo%' },
    user: { kind: 'text', sql: 't.requested_by', required: true, example: 'user: mona' },
    project: { kind: 'text', sql: 't.project_name', required: true, example: 'project: mnist' },
    group: { kind: 'integer', sql: 't.group_id', example: 'group: 7' },
    build: { kind: 'never', sql: 'NULL', example: 'build: nil' },
    status: { kind: 'word', sql: 't.last_status', required: true, example: 'status: running|failed' },
    framework: { kind: 'word', sql: 'lower(t.framework)', example: 'framework: pytorch' },
    backend: { kind: 'word', sql: 'lower(t.backend)', example: 'backend: native' },
    commit: { kind: 'revision', sql: 't.code_revision', example: 'commit: 1f3a9c2' },
    tags: { kind: 'tags', sql: 't.tags', example: 'tags: vision|baseline' },
    independent: { kind: 'flag', sql: '(t.group_id IS NULL)', required: true, example: 'independent: true' },
    original: { kind: 'integer', sql: 't.source_id', example: 'original: 23' },
    chain: { kind: 'integer', sql: 't.original_id', required: true, example: 'chain: 23' },
    latest: { kind: 'flag', sql: `(t.id NOT IN (${continued}))`, required: true, example: 'latest: true' },
    cloning_strategy: { kind: 'word', sql: 't.cloning_strategy', example: 'cloning_strategy: copy' },
    created_at: { kind: 'time', sql: 't.created_at', required: true, example: 'created_at: 2018-10-01 .. 2019-10-01' },
    updated_at: { kind: 'time', sql: 't.updated_at', required: true, example: 'updated_at: >=2019-10-01' },
    started_at: { kind: 'time', sql: 't.started_at', example: 'started_at: 2019-10-01' },
    finished_at: { kind: 'time', sql: 't.finished_at', example: 'finished_at: nil' },
  },
  sides: { metrics, metric: metrics, params, param: params, declarations: params },
};
