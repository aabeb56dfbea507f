// What do events change in what users read of an experiment?
import type { Event, EventsOf } from '#contracts';
import type { Recorded } from '#event-store';
import { keepParams } from './param-values.ts';
import { statusOf, type StatusChange } from './status-of.ts';
import { viewsSchema, type Target } from './view.ts';

type Data<Type extends Event['type']> = Extract<Event, { type: Type }>['data'];

export async function projectExperiments(event: Recorded, target: Target): Promise<void> {
  const change = await apply(event, target);
  if (change) await setStatus(event, change, target);
}

async function apply(recorded: Recorded, target: Target): Promise<StatusChange | undefined> {
  const event = recorded as unknown as EventsOf[keyof EventsOf] & { time: string };
  const managed = event.type !== 'ExperimentStatusReported' || (await isManaged(event.data.experimentId, target));
  await keep(event, managed, target);
  return statusOf(event, managed);
}

async function keep(event: EventsOf[keyof EventsOf] & { time: string }, managed: boolean, target: Target): Promise<void> {
  switch (event.type) {
    case 'ExperimentCreated':
      return insert(event.data, null, null, target);
    case 'ExperimentResumeRequested':
    case 'ExperimentRestartRequested':
    case 'ExperimentCopyRequested':
      return insert(event.data, event.data.sourceExperimentId, event.data.cloningStrategy, target);
    case 'ExperimentDone': {
      const { experimentId, exitCode, attempt, doneAt: at } = event.data;
      await target.on.query(
        `UPDATE ${target.schema}.experiments SET finished_at = $2, exit_code = $3, attempt = greatest(attempt, $4),
           started_at = CASE WHEN is_managed THEN started_at ELSE coalesce(started_at, created_at) END WHERE id = $1`,
        [experimentId, at, exitCode, attempt],
      );
      return;
    }
    case 'ExperimentDescribed':
      return describe(event.data, event.time, target);
    case 'ExperimentStatusReported': {
      const { experimentId, status, reportedAt: at } = event.data;
      if (!managed && (status === 'starting' || status === 'running'))
        await target.on.query(`UPDATE ${target.schema}.experiments SET started_at = coalesce(started_at, $2) WHERE id = $1`, [experimentId, at]);
      return;
    }
    case 'ExperimentOutputsDeleteRequested':
      return outputsGone('outputs_delete_requested_at', event.data.originalExperimentId, event.data.requestedAt, target);
    case 'OutputsDeleted':
      return outputsGone('outputs_deleted_at', event.data.originalExperimentId, event.data.deletedAt, target);
    case 'ExperimentPinned':
    case 'ExperimentUnpinned':
      await target.on.query(`UPDATE ${target.schema}.experiments SET is_pinned = $2, updated_at = greatest(updated_at, $3) WHERE id = $1`, [event.data.experimentId, event.type === 'ExperimentPinned', event.time]);
      return;
    case 'ExperimentDeleted':
      return remove(event.data.experimentId, event.time, target);
    case 'RunStarted': {
      const { experimentId, attempt, startedAt: at } = event.data;
      await target.on.query(`UPDATE ${target.schema}.experiments SET started_at = coalesce(started_at, $2), attempt = greatest(attempt, $3) WHERE id = $1`, [experimentId, at, attempt]);
      return;
    }
    case 'RunPreempted':
    case 'RunAttemptFailed':
      await target.on.query(`UPDATE ${target.schema}.experiments SET over_attempt = greatest(over_attempt, $2) WHERE id = $1`, [event.data.experimentId, event.data.attempt]);
      return;
    default:
      return; // at most a status
  }
}

async function insert(order: Data<'ExperimentCreated'>, sourceId: number | null, cloningStrategy: string | null, { on, schema }: Target): Promise<void> {
  const { experimentId, requestedAt: at } = order;
  const { rowCount } = await on.query(
    `INSERT INTO ${schema}.experiments (id, uuid, project_id, user_name, project_name, group_id, original_id, source_id, cloning_strategy, name, description, tags, content, command, params,
       environment, code_revision, outputs_path, logs_path, is_managed, ttl_seconds, requested_by, last_status, status_rank, created_at, updated_at,
       framework, backend, outputs_references, outputs_store)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, 'created', -1, $23, $23, $24, $25, $26, $27) ON CONFLICT (id) DO NOTHING`,
    [
      experimentId, order.uuid, order.projectId, order.user, order.project, order.groupId, order.originalExperimentId, sourceId, cloningStrategy, order.name, order.description,
      JSON.stringify(order.tags), order.content, order.command, JSON.stringify(order.params), JSON.stringify(order.environment), order.codeRevision, order.outputsPath, order.logsPath,
      order.isManaged, order.ttlSeconds, order.requestedBy, at,
      order.framework ?? null, order.backend ?? null, (order.outputsReferences ?? []).map(({ originalExperimentId }) => originalExperimentId), order.outputsStore ?? 'default',
    ],
  );
  if (rowCount === 1) await keepParams(experimentId, order.params, { on, schema });
}

/** For all that share them. */
async function outputsGone(column: 'outputs_delete_requested_at' | 'outputs_deleted_at', originalId: number, at: string, { on, schema }: Target): Promise<void> {
  await on.query(`UPDATE ${schema}.experiments SET ${column} = coalesce(${column}, $2) WHERE original_id = $1`, [originalId, at]);
}

/** What a search finds it by goes with it; metrics are not rebuilt, so they have one table only. */
async function remove(experimentId: number, time: string, { on, schema }: Target): Promise<void> {
  await on.query(`UPDATE ${schema}.experiments SET deleted = true, updated_at = greatest(updated_at, $2) WHERE id = $1`, [experimentId, time]);
  await on.query(`DELETE FROM ${schema}.experiment_params WHERE experiment_id = $1`, [experimentId]);
  await on.query(`DELETE FROM ${viewsSchema}.experiment_metrics WHERE experiment_id = $1`, [experimentId]);
}

async function describe(data: Data<'ExperimentDescribed'>, time: string, { on, schema }: Target): Promise<void> {
  const columns = { name: 'name', description: 'description', tags: 'tags', params: 'params', framework: 'framework', backend: 'backend', runEnv: 'run_env', dataRefs: 'data_refs' } as const;
  const json = new Set(['tags', 'params', 'runEnv', 'dataRefs']);
  const values: unknown[] = [data.experimentId, time];
  const changes = Object.entries(columns).flatMap(([key, column]) => {
    if (!(key in data)) return [];
    const value = data[key as keyof typeof columns];
    values.push(json.has(key) && value !== null ? JSON.stringify(value) : value);
    return [`${column} = $${values.length}`];
  });
  await on.query(`UPDATE ${schema}.experiments SET ${[...changes, 'updated_at = greatest(updated_at, $2)'].join(', ')} WHERE id = $1`, values);
  if (data.params === undefined) return;
  await on.query(`DELETE FROM ${schema}.experiment_params WHERE experiment_id = $1`, [data.experimentId]);
  await keepParams(data.experimentId, data.params, { on, schema });
}

async function isManaged(experimentId: number, { on, schema }: Target): Promise<boolean> {
  const { rows } = await on.query<{ is_managed: boolean }>(`SELECT is_managed FROM ${schema}.experiments WHERE id = $1`, [experimentId]);
  return rows[0]?.is_managed ?? true;
}

/** The end of one that is only tracked was reported a line above: it is not said twice. */
async function setStatus(event: Recorded, { experimentId, status, rank, message, traceback = null, at }: StatusChange, { on, schema }: Target): Promise<void> {
  await on.query({
    // What happens most often to a run: one statement, planned once.
    name: `set-status ${schema}`,
    text: `WITH kept AS (
        INSERT INTO ${schema}.experiment_statuses (id, uuid, experiment_id, status, message, traceback, created_at)
        SELECT $1::bigint, $2::uuid, $3::integer, $4::text, $5::text, $6::text, $7::timestamptz
        WHERE $8 OR NOT EXISTS (SELECT FROM ${schema}.experiment_statuses WHERE experiment_id = $3 AND status = $4 AND created_at = $7)
        ON CONFLICT (id) DO NOTHING
      )
      UPDATE ${schema}.experiments SET last_status = $4, last_status_message = $5, status_rank = $9, updated_at = greatest(updated_at, $7) WHERE id = $3 AND status_rank <= $9::bigint`,
    values: [event.cursor.globalPosition, event.id, experimentId, status, message, traceback, at, event.type !== 'ExperimentDone', rank ?? null],
  });
}
