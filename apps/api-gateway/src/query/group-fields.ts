// What can groups be searched and sorted by?
import { viewsSchema } from '../views/view.ts';
import type { Searchable } from './fields.ts';

export const searchableGroups: Searchable = {
  table: `${viewsSchema}.groups`,
  fields: {
    id: { kind: 'integer', sql: 't.id', required: true, example: 'id: 2 .. 5' },
    name: { kind: 'text', sql: 't.name', example: 'name: %foo%' },
    description: { kind: 'text', sql: 't.description', example: 'description: %foo%' },
    user: { kind: 'text', sql: 't.requested_by', required: true, example: 'user: mona' },
    project: { kind: 'text', sql: 't.project_name', required: true, example: 'project: mnist' },
    status: { kind: 'word', sql: 't.last_status', required: true, example: 'status: running|stopped' },
    search_algorithm: { kind: 'word', sql: 't.search_algorithm', example: 'search_algorithm: hyperband|bo' },
    concurrency: { kind: 'integer', sql: 't.concurrency', example: 'concurrency: >1' },
    commit: { kind: 'revision', sql: 't.code_revision', example: 'commit: 1f3a9c2' },
    tags: { kind: 'tags', sql: 't.tags', example: 'tags: vision|baseline' },
    original: { kind: 'integer', sql: 't.source_id', example: 'original: 23' },
    cloning_strategy: { kind: 'word', sql: 't.cloning_strategy', example: 'cloning_strategy: copy' },
    created_at: { kind: 'time', sql: 't.created_at', required: true, example: 'created_at: 2018-10-01 .. 2019-10-01' },
    updated_at: { kind: 'time', sql: 't.updated_at', required: true, example: 'updated_at: >=2019-10-01' },
    finished_at: { kind: 'time', sql: 't.finished_at', example: 'finished_at: nil' },
  },
  sides: {},
};
