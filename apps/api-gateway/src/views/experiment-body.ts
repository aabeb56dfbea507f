// How does a row of the view look on the wire?
import type { ExperimentBody, Measure } from '#contracts';
import { resourcesOf, type JsonMapping } from '#polyaxonfile';
import type { ExperimentRow } from './entities.ts';

export function bodyOf(row: ExperimentRow, lastMetric: Readonly<Record<string, Measure>>): ExperimentBody {
  const project = `${row.user}.${row.project}`;
  const uniqueName = (id: number) => (row.groupId === null ? `${project}.${id}` : `${project}.${row.groupId}.${id}`);
  return {
    id: row.id,
    uuid: row.uuid,
    name: row.name,
    unique_name: uniqueName(row.id),
    user: row.requestedBy,
    project,
    experiment_group: row.groupId === null ? null : `${project}.${row.groupId}`,
    build_job: null,
    description: row.description,
    tags: row.tags,
    last_status: row.lastStatus,
    last_status_message: row.lastStatusMessage,
    last_metric: lastMetric,
    params: row.params,
    content: row.content,
    command: row.command,
    resources: resourcesOf(row.environment as JsonMapping),
    run_env: row.runEnv,
    framework: row.framework,
    backend: row.backend,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    started_at: row.startedAt?.toISOString() ?? null,
    finished_at: row.finishedAt?.toISOString() ?? null,
    total_run: row.startedAt && row.finishedAt ? duration(row.finishedAt.getTime() - row.startedAt.getTime()) : null,
    exit_code: row.exitCode,
    attempt: row.attempt,
    is_clone: row.cloningStrategy !== null,
    is_managed: row.isManaged,
    has_tensorboard: false,
    num_jobs: 0,
    ttl: row.ttlSeconds,
    jobs: [],
    original: row.sourceId === null ? null : uniqueName(row.sourceId),
    source_id: row.sourceId,
    outputs_owner_id: row.originalId,
    cloning_strategy: row.cloningStrategy,
    code_revision: row.codeRevision,
    outputs_path: row.outputsPath,
    outputs_state: row.outputsDeletedAt ? 'deleted' : row.outputsDeleteRequestedAt ? 'deleting' : 'kept',
    is_pinned: row.isPinned,
    logs_path: row.logsPath,
  };
}

/** 1d 2h 3m 4s, as the original wrote it. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts: [number, string][] = [[Math.floor(seconds / 86_400), 'd'], [Math.floor(seconds / 3600) % 24, 'h'], [Math.floor(seconds / 60) % 60, 'm'], [seconds % 60, 's']];
  return parts.filter(([amount], index) => amount > 0 || index === 3).map(([amount, unit]) => `${amount}${unit}`).join(' ');
}
