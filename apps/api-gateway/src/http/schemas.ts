// How do our answers look in the OpenAPI document?
import type {
  AsOfBody, AttemptSeries, BookmarkBody, CauseBody, CheckpointOfferBody, CheckpointsBody, CheckpointSetAside, CheckpointSummary, ClonePlan, ClusterBody,
  CodeReferenceBody, CopyBody, CopyProgressBody, DeadLetterBody, DoneBody, DroppedLetterBody, ExperimentBody, ExperimentComparison, ExperimentStateBody, FileDifference,
  FilesComparison, FleetBody, FleetServiceBody, FlowBody, FreedOutputs, GroupBody, GroupResumePlan, GroupStatusBody, HistoryEntry, JobBody, JobStatusBody, LineageBody,
  LineIndexBody, LogHit, LogPart, LogSearchBody, LostStretch, LostWorkBody, MetricBody, NeedBody, NodeBody, NowBody, NowExperiment, OutputsDigestBody, OutputsFileBody,
  OutputsLinkBody, OutputsTreeBody, Page, Problem, ProjectBody, ResumesBody, RetentionBody, RunningBody, RunsSeriesBody, SeriesBody, SeriesPoints, ServiceBody, StatusBody,
  StorageHeldBody, StorageHolderBody, UserBody, WaitBody, WaitingBody,
} from '#contracts';
import { needKinds } from '#contracts';
import type { ApiResponseOptions } from '@nestjs/swagger';

type Schema = Extract<ApiResponseOptions, { schema: unknown }>['schema'];

const text: Schema = { type: 'string' };
const integer: Schema = { type: 'integer' };
const number: Schema = { type: 'number' };
const flag: Schema = { type: 'boolean' };
const time: Schema = { type: 'string', format: 'date-time' };
const uuid: Schema = { type: 'string', format: 'uuid' };
const anything: Schema = {};
const object: Schema = { type: 'object', additionalProperties: true };
const tags: Schema = { type: 'array', items: text };

function nullable(schema: Schema): Schema {
  return { ...schema, ...(schema.enum && { enum: [...(schema.enum as unknown[]), null] }), nullable: true };
}

function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

/** Every key of the contract, no more and no less, or this does not compile. */
function body<Body>(properties: Record<keyof Body & string, Schema>, optional: readonly (keyof Body & string)[] = []): Schema {
  return { type: 'object', properties, required: Object.keys(properties).filter((name) => !(optional as readonly string[]).includes(name)), additionalProperties: false };
}

export function pageSchema(items: Schema): Schema {
  return body<Page<unknown>>({ count: integer, next: nullable(text), previous: nullable(text), results: listOf(items) });
}

const amounts = nullable({ type: 'object', properties: { limits: nullable(number), requests: nullable(number) }, required: ['limits', 'requests'], additionalProperties: false });
const cloningStrategy: Schema = { type: 'string', enum: ['resume', 'restart', 'copy'] };
const measure: Schema = { anyOf: [nullable(number), { type: 'string', enum: ['nan', 'inf', '-inf'] }] };
const metricValues: Schema = { type: 'object', additionalProperties: measure };

export const lineIndexSchema = body<LineIndexBody>({
  lines_apart: integer, starts: listOf(integer), lines: integer, end_offset: integer, is_complete: flag, parts: listOf(body<LogPart>({ experiment_id: integer, attempt: integer, line: integer })),
  grown_at: nullable(time),
});

export const logSearchSchema = body<LogSearchBody>({
  count: integer, next: nullable(text), previous: nullable(text), results: listOf(body<LogHit>({ line: integer, text })), lines: integer, is_complete: flag,
});

export const userSchema = body<UserBody>({ username: text, email: nullable(text), is_superuser: flag });

export const projectSchema = body<ProjectBody>({
  id: integer, uuid, name: text, unique_name: text, user: text, owner: text, description: nullable(text), tags, is_public: flag, has_code: flag, created_at: time, updated_at: time,
  num_experiments: integer, num_independent_experiments: integer, num_experiment_groups: integer, num_jobs: integer, num_builds: integer, has_tensorboard: flag, has_notebook: flag,
});

export const experimentSchema = body<ExperimentBody>({
  id: integer, uuid, name: nullable(text), unique_name: text, user: text, project: text, experiment_group: nullable(text), build_job: nullable(text), description: nullable(text), tags,
  last_status: text, last_status_message: nullable(text), last_metric: metricValues, params: object, content: text, command: text,
  resources: nullable({ type: 'object', properties: { cpu: amounts, memory: amounts, gpu: amounts, tpu: amounts }, required: ['cpu', 'memory', 'gpu', 'tpu'], additionalProperties: false }),
  run_env: nullable(object), framework: nullable(text), backend: nullable(text), created_at: time, updated_at: time, started_at: nullable(time), finished_at: nullable(time),
  total_run: nullable(text), exit_code: nullable(integer), attempt: integer, is_clone: flag, is_managed: flag, has_tensorboard: flag, num_jobs: integer, ttl: nullable(integer),
  jobs: listOf(anything), original: nullable(text), source_id: nullable(integer), outputs_owner_id: integer, cloning_strategy: nullable(cloningStrategy), code_revision: nullable(text),
  outputs_path: text, outputs_state: { type: 'string', enum: ['kept', 'deleting', 'deleted'] }, is_pinned: flag, logs_path: text,
});

export const groupSchema = body<GroupBody>({
  id: integer, uuid, name: nullable(text), unique_name: text, user: text, project: text, description: nullable(text), tags, content: text, group_type: text,
  search_algorithm: nullable({ type: 'string', enum: ['grid_search', 'random_search', 'hyperband', 'bo'] }), hptuning: object, concurrency: nullable(integer), last_status: text,
  last_status_message: nullable(text), iteration: integer, num_experiments: integer, num_scheduled_experiments: integer, num_pending_experiments: integer,
  num_running_experiments: integer, num_succeeded_experiments: integer, num_failed_experiments: integer, num_stopped_experiments: integer, created_at: time, updated_at: time,
  started_at: nullable(time), finished_at: nullable(time), total_run: nullable(text), has_tensorboard: flag, backend: nullable(text), is_managed: flag, source_id: nullable(integer),
  cloning_strategy: nullable(cloningStrategy), code_revision: nullable(text),
});

export const groupStatusSchema = body<GroupStatusBody>({ id: integer, uuid, experiment_group: integer, created_at: time, status: text, message: nullable(text) });
export const statusSchema = body<StatusBody>({ id: integer, uuid, experiment: integer, created_at: time, status: text, message: nullable(text), traceback: nullable(text) });
export const metricSchema = body<MetricBody>({ id: integer, created_at: time, values: metricValues });
export const outputsTreeSchema = body<OutputsTreeBody>({ files: listOf({ type: 'array', items: anything, minItems: 2, maxItems: 2 }), dirs: listOf(text) });
export const codeReferenceSchema = body<CodeReferenceBody>(
  { commit: text, head: nullable(text), branch: nullable(text), git_url: nullable(text), is_dirty: flag },
  ['commit', 'head', 'branch', 'git_url', 'is_dirty'],
);
export const outputsFileSchema = body<OutputsFileBody>({ path: text, size_bytes: integer, modified_at: time, version: text });
export const outputsDigestSchema = body<OutputsDigestBody>({ path: text, size_bytes: integer, version: text, sha256: nullable(text) });
export const outputsLinkSchema = body<OutputsLinkBody>({ url: text, expires_at: time });
export const copyProgressSchema = body<CopyProgressBody>({ files_done: integer, files: integer, bytes_done: integer, bytes: integer, bytes_per_second: nullable(integer), seconds_left: nullable(integer) });
export const copiesSchema = listOf(
  body<CopyBody>({
    experiment_id: integer,
    name: nullable(text),
    project: text,
    started_by: text,
    source_id: nullable(integer),
    outputs_path: text,
    phase: { type: 'string', enum: ['asked', 'waiting', 'listing', 'copying', 'verifying', 'copied', 'failed', 'cancelled'] },
    asked_at: time,
    ended_at: nullable(time),
    progress: nullable(copyProgressSchema),
    progressed_at: nullable(time),
    files: nullable(integer),
    size_bytes: nullable(integer),
    tries: integer,
    problem: nullable(text),
  }),
);
const historyEntry = body<HistoryEntry>({ id: uuid, time, stream: text, type: text, actor: text, caused_by: nullable(uuid), data: object });
export const historySchema = listOf(historyEntry);

export const lineageSchema = body<LineageBody>({
  experiment_id: integer,
  nodes: listOf(
    body<LineageBody['nodes'][number]>({
      id: integer, name: nullable(text), last_status: text, source_id: nullable(integer), cloning_strategy: nullable(cloningStrategy), outputs_path: text, deleted: flag,
    }),
  ),
});

const readVerdict: Schema = { type: 'string', enum: ['read', 'not-read', 'started-at-zero', 'unknown'] };

const differences = listOf({
  type: 'object', properties: { path: text, change: { type: 'string', enum: ['added', 'removed', 'changed'] }, before: anything, after: anything }, required: ['path', 'change'],
});

const checkpoint = body<CheckpointSummary>(
  { path: text, framework: text, step: nullable(number), sizeBytes: integer, modifiedAt: time, complete: flag, problem: nullable(text), compared: flag },
  ['compared'],
);

const setAside = body<CheckpointSetAside>({ path: text, step: nullable(number), problem: nullable(text), to: text });

const offer = body<CheckpointOfferBody>({ offered: nullable(checkpoint), set_aside: listOf(setAside), read: readVerdict, read_how: nullable(text) });

export const checkpointsSchema = body<CheckpointsBody>({
  outputs_owner_id: integer,
  outputs_path: text,
  checkpoints: listOf(checkpoint),
  next: nullable(checkpoint),
  problem: nullable(text),
  offer: nullable(offer),
});

/** What a resume and a copy answer. */
export const clonedSchema: Schema = {
  ...experimentSchema,
  properties: { ...experimentSchema.properties, checkpoint: nullable(checkpoint), set_aside: listOf(checkpoint) },
};

export const planSchema = body<ClonePlan>({
  cloning_strategy: cloningStrategy,
  source_id: integer,
  outputs_owner_id: nullable(integer),
  outputs_path: text,
  differences,
  command: body<ClonePlan['command']>({ before: text, after: text }),
  code_revision: body<ClonePlan['code_revision']>({ before: nullable(text), after: nullable(text) }),
  checkpoint: nullable(checkpoint),
  set_aside: listOf(checkpoint),
  copy: nullable(body<NonNullable<ClonePlan['copy']>>({ files: integer, bytes: integer })),
  refusal: nullable(body<NonNullable<ClonePlan['refusal']>>({
    code: text, detail: text, fix: nullable(text), cause: nullable(body<CauseBody>({ event_id: uuid, experiment_id: integer, type: text, actor: text, time })),
  })),
  token: text,
  valid_until: time,
});

const seriesPoints = body<SeriesPoints>({ steps: listOf(nullable(number)), times: listOf(number), values: listOf(measure) });

export const seriesSchema = body<SeriesBody>({
  outputs_owner_id: integer,
  step_name: nullable(text),
  names: listOf(text),
  attempts: listOf(
    body<AttemptSeries>({
      experiment_id: integer, attempt: integer, started_at: nullable(time), ended_at: nullable(time), ended_because: nullable(text), started_by: text, gpus: number, params: differences, reports: integer,
      first_step: nullable(number), last_step: nullable(number), offered: nullable(body<NonNullable<AttemptSeries['offered']>>({ path: text, step: nullable(number) })), read: readVerdict,
      went_on_from: nullable(number), went_on_by: { type: 'string', enum: ['checkpoint', 'first-step', 'beginning', 'unknown'] }, kept_until: nullable(number),
      metrics: { type: 'object', additionalProperties: seriesPoints },
    }),
  ),
  lost: listOf(body<LostStretch>({ attempt: integer, by: integer, from_step: number, to_step: number, from_time: number, to_time: number, seconds: number })),
  lost_steps: number,
  lost_seconds: number,
  lost_gpu_seconds: number,
});

export const runsSeriesSchema = listOf(body<RunsSeriesBody[number]>({ experiment_id: integer, series: seriesSchema }));

export const groupResumePlanSchema = body<GroupResumePlan>({
  goes_on: listOf(integer),
  stays: integer,
  unmade: integer,
  refusal: nullable(body<NonNullable<GroupResumePlan['refusal']>>({ code: text, detail: text, fix: nullable(text) })),
});

const files = nullable(
  body<FilesComparison>({
    files: listOf(body<FileDifference>({ path: text, change: { type: 'string', enum: ['added', 'removed', 'changed', 'unknown'] }, before_bytes: nullable(integer), after_bytes: nullable(integer) })),
    added: integer, removed: integer, changed: integer, unknown: integer, same: integer,
  }),
);
const compared = body<ExperimentComparison['before']>({ id: integer, unique_name: text, name: nullable(text), last_status: text });

export const comparisonSchema = body<ExperimentComparison>({
  before: compared,
  after: compared,
  same: flag,
  specification: differences,
  command: body<ExperimentComparison['command']>({ before: text, after: text }),
  params: differences,
  metrics: listOf(body<ExperimentComparison['metrics'][number]>({ name: text, before: measure, after: measure, difference: nullable(number) })),
  code: body<ExperimentComparison['code']>({ before: nullable(text), after: nullable(text), files }),
  outputs: body<ExperimentComparison['outputs']>({ before: text, after: text, files }),
});

export const retentionSchema = body<RetentionBody>({
  token: text,
  applied: flag,
  freed: listOf(body<FreedOutputs>({ outputs_owner_id: integer, outputs_path: text, experiments: listOf(integer), read_by: listOf(integer), files: integer, size_bytes: integer })),
  kept: listOf(body<RetentionBody['kept'][number]>({ outputs_owner_id: integer, experiments: listOf(integer), reasons: listOf(text) })),
  refused: listOf(body<RetentionBody['refused'][number]>({ outputs_owner_id: integer, code: text, detail: text })),
  files: integer,
  size_bytes: integer,
});

export const problemSchema = body<Problem>({ type: text, title: text, status: integer, code: text, detail: text, fix: text, requestId: text }, ['fix', 'requestId']);

export function bookmarkSchema(items: Schema): Schema {
  return body<BookmarkBody<unknown>>({ content_object: items });
}

const resources = nullable({ type: 'object', properties: { cpu: amounts, memory: amounts, gpu: amounts, tpu: amounts }, required: ['cpu', 'memory', 'gpu', 'tpu'], additionalProperties: false });
export const jobSchema = body<JobBody>({
  id: integer, uuid, unique_name: text, role: text, experiment: integer, last_status: text, created_at: time, updated_at: time, started_at: nullable(time), finished_at: nullable(time),
  total_run: nullable(text), resources, definition: object,
});
export const jobStatusSchema = body<JobStatusBody>({ id: integer, uuid, job: integer, created_at: time, status: text, message: nullable(text), traceback: nullable(text) });

export const nodeSchema = body<NodeBody>({
  sequence: integer, name: text, uuid, status: text, hostname: text, role: text, memory: integer, cpu: number, n_gpus: integer, os_image: text, kernel_version: text, gpus: listOf(anything),
});
export const clusterSchema = body<ClusterBody>({ version_api: { type: 'object', additionalProperties: text }, nodes: listOf(nodeSchema) });

const letter = { consumer_group: text, message_id: uuid, stream: text, type: text, reason: text, tries: integer, died_at: time };
export const deadLetterSchema = body<DeadLetterBody>({ ...letter, is_replayed: flag, data: anything });
export const droppedLetterSchema = body<DroppedLetterBody>({ ...letter, dropped_by: text, dropped_because: text, dropped_at: time });

const serviceName: Schema = { type: 'string', enum: ['api-gateway', 'scheduler', 'storage-manager', 'log-collector'] };
const wait = { kind: { type: 'string', enum: ['queue', 'work', 'missing'] }, reason: text, released_by: text, service: serviceName } satisfies Record<string, Schema>;
export const stateSchema = body<ExperimentStateBody>({
  at: integer,
  of: integer,
  event: historyEntry,
  experiment: body<AsOfBody>({
    id: integer, name: nullable(text), description: nullable(text), tags, params: object, command: text, content: text, code_revision: nullable(text), outputs_path: text, source_id: nullable(integer),
    cloning_strategy: nullable(cloningStrategy), is_managed: flag, last_status: text, last_status_message: nullable(text), attempt: integer, created_at: time, started_at: nullable(time),
    finished_at: nullable(time), exit_code: nullable(integer), is_pinned: flag,
  }),
  offer: nullable(offer),
  waits: nullable(body<WaitBody>({ ...wait, since: time })),
  from: nullable(integer),
  differences: nullable(differences),
});
const serviceBody = body<ServiceBody>({ service: text, version: text, started_at: time, missing: listOf(text), degraded: listOf(text), lag_seconds: nullable(number) });
export const fleetSchema = body<FleetBody>({
  at: time,
  waiting: listOf(
    body<WaitingBody>({
      ...wait,
      count: integer,
      oldest_since: time,
      experiments: listOf(body<WaitingBody['experiments'][number]>({ id: integer, user: text, project: text, since: time })),
    }),
  ),
  looked_at: integer,
  flow: listOf(body<FlowBody>({ group: serviceName, lag_seconds: nullable(number), dead_letters: integer })),
  slots: nullable(body<NonNullable<FleetBody['slots']>>({ taken: integer, free: integer })),
  resumes: body<FleetBody['resumes']>({
    days: integer,
    by_verdict: listOf(body<ResumesBody>({ verdict: { type: 'string', enum: ['read', 'not-read', 'started-at-zero', 'unknown', 'none'] }, times: integer })),
  }),
  relay: nullable(body<NonNullable<FleetBody['relay']>>({ events: integer, lag_seconds: number })),
  lost_work: body<FleetBody['lost_work']>({
    days: integer,
    by_cause: listOf(
      body<LostWorkBody>({
        cause: { type: 'string', enum: ['stopped', 'failed', 'out-of-memory', 'lost', 'preempted', 'evicted', 'node-lost'] },
        times: integer,
        seconds: number,
      }),
    ),
  }),
  refusals: body<FleetBody['refusals']>({
    since: time,
    by_code: listOf(body<FleetBody['refusals']['by_code'][number]>({ code: text, count: integer, last_at: time, last_detail: text })),
  }),
  services: listOf(body<FleetServiceBody>({ service: serviceName, instance: nullable(integer), answers: flag, last: nullable(serviceBody), last_at: nullable(time) })),
});

export const storageHeldSchema = body<StorageHeldBody>({
  at: time,
  outputs: integer,
  measured: integer,
  size_bytes: integer,
  holders: listOf(
    body<StorageHolderBody>({
      user: text, project: text, outputs: integer, measured: integer, files: integer, size_bytes: integer,
      biggest: listOf(body<StorageHolderBody['biggest'][number]>({ id: integer, size_bytes: integer, measured_at: time })),
    }),
  ),
  others: integer,
  problem: nullable(text),
});

const nowExperiment = body<NowExperiment>({ id: integer, name: nullable(text), user: text, project: text, last_status: text });
export const nowSchema = body<NowBody>({
  at: time,
  needs: listOf(body<NeedBody>({ experiment: nowExperiment, kind: { type: 'string', enum: [...needKinds] }, text, since: time, fix: nullable(text) })),
  running: listOf(body<RunningBody>({ experiment: nowExperiment, started_at: time, last_metric: metricValues, saved_at: nullable(time) }, ['saved_at'])),
  running_count: integer,
  done: listOf(body<DoneBody>({ experiment: nowExperiment, finished_at: time, started_at: nullable(time), last_metric: metricValues })),
  done_count: integer,
  has_runs: flag,
});

export const tokenSchema = body<{ token: string }>({ token: text });
export const uploadSchema = body<{ revision: string; files: number; size_bytes: number; unchanged: boolean }>({ revision: text, files: integer, size_bytes: integer, unchanged: flag });
export const consoleReceiptSchema = body<{ receivedBytes: number }>({ receivedBytes: integer });
export const textSchema = text;
export const fileSchema: Schema = { type: 'string', format: 'binary' };
export const objectSchema = object;
