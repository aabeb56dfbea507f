// What do the gateway's HTTP answers and requests look like to a client? Snake case: the wire contract of Polyaxon 0.5, and ours beside it.
import type { CheckpointSummary } from './events/outputs-events.ts';
import type { SearchAlgorithm } from './events/group-events.ts';
import type { Attempt, CloningStrategy } from './identity.ts';

/** Every list: 20 a page unless `limit` says otherwise. */
export interface Page<Item> {
  readonly count: number;
  readonly next: string | null;
  readonly previous: string | null;
  readonly results: readonly Item[];
}

/** Only these keys: the original client refuses unknown ones here. */
export interface ResourceAmounts {
  readonly limits: number | null;
  readonly requests: number | null;
}
export interface Resources {
  readonly cpu: ResourceAmounts | null;
  readonly memory: ResourceAmounts | null;
  readonly gpu: ResourceAmounts | null;
  readonly tpu: ResourceAmounts | null;
}

export interface UserBody {
  readonly username: string;
  readonly email: string | null;
  readonly is_superuser: boolean;
}

export interface ProjectBody {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly unique_name: string;
  readonly user: string;
  readonly owner: string;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly is_public: boolean;
  readonly has_code: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  readonly num_experiments: number;
  readonly num_independent_experiments: number;
  readonly num_experiment_groups: number;
  readonly num_jobs: number;
  readonly num_builds: number;
  readonly has_tensorboard: boolean;
  readonly has_notebook: boolean;
}

/** JSON has no number for the last three. */
export type Measure = number | 'nan' | 'inf' | '-inf' | null;

export interface ExperimentBody {
  readonly id: number;
  readonly uuid: string;
  readonly name: string | null;
  /** user.project.id */
  readonly unique_name: string;
  readonly user: string;
  /** user.project */
  readonly project: string;
  readonly experiment_group: string | null;
  readonly build_job: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly last_status: string;
  readonly last_status_message: string | null;
  readonly last_metric: Readonly<Record<string, Measure>>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly content: string;
  readonly command: string;
  readonly resources: Resources | null;
  readonly run_env: Readonly<Record<string, unknown>> | null;
  readonly framework: string | null;
  readonly backend: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly total_run: string | null;
  readonly exit_code: number | null;
  readonly attempt: number;
  readonly is_clone: boolean;
  readonly is_managed: boolean;
  readonly has_tensorboard: boolean;
  readonly num_jobs: number;
  readonly ttl: number | null;
  readonly jobs: readonly never[];
  /** unique_name of the source of a clone. */
  readonly original: string | null;
  /** id of the source that was named. */
  readonly source_id: number | null;
  /** id of the owner of the outputs path. */
  readonly outputs_owner_id: number;
  readonly cloning_strategy: CloningStrategy | null;
  readonly code_revision: string | null;
  readonly outputs_path: string;
  readonly logs_path: string;
}

export interface GroupBody {
  readonly id: number;
  readonly uuid: string;
  readonly name: string | null;
  /** user.project.id */
  readonly unique_name: string;
  readonly user: string;
  /** user.project */
  readonly project: string;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly content: string;
  readonly group_type: 'study';
  readonly search_algorithm: SearchAlgorithm | null;
  /** With the seed that is used. */
  readonly hptuning: Readonly<Record<string, unknown>>;
  readonly concurrency: number | null;
  readonly last_status: string;
  readonly last_status_message: string | null;
  /** From 1; 0: none has started. */
  readonly iteration: number;
  readonly num_experiments: number;
  readonly num_scheduled_experiments: number;
  readonly num_pending_experiments: number;
  readonly num_running_experiments: number;
  readonly num_succeeded_experiments: number;
  readonly num_failed_experiments: number;
  readonly num_stopped_experiments: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly total_run: string | null;
  readonly has_tensorboard: boolean;
  readonly backend: string | null;
  readonly is_managed: boolean;
  /** What every member starts from; null: from nothing. */
  readonly source_id: number | null;
  readonly cloning_strategy: CloningStrategy | null;
  readonly code_revision: string | null;
}

/** Body of POST .../groups/<id>/resume. */
export interface GroupResumeRequest {
  /** An override, merged into what each member ran: YAML, JSON, or a Python dict as text. */
  readonly content?: string;
  /** Run the latest upload of the project instead of the members' code. */
  readonly update_code?: boolean;
  readonly code_revision?: string;
  /** Resume although outputs are empty or every checkpoint is damaged. */
  readonly force?: boolean;
}

export interface GroupStatusBody {
  readonly id: number;
  readonly uuid: string;
  readonly experiment_group: number;
  readonly created_at: string;
  readonly status: string;
  readonly message: string | null;
}

export interface StatusBody {
  readonly id: number;
  readonly uuid: string;
  readonly experiment: number;
  readonly created_at: string;
  readonly status: string;
  readonly message: string | null;
  readonly traceback: string | null;
}

/** What the scheduler answers the gateway about a run that has processes now. */
export interface RunUsageBody {
  readonly attempt: Attempt;
  readonly processors: number;
  /** Of the processes there are, from their beginning on. */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** That of the machine, when the run has none of its own. */
  readonly memoryLimitBytes: number;
  /** On a clock that only runs forward, and begins anew with the scheduler. */
  readonly measuredAtMs: number;
}

/** And about the machine it starts them on. */
export interface MachineBody {
  readonly name: string;
  readonly processors: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly kernel: string;
}

export interface NodeBody {
  readonly sequence: number;
  readonly name: string;
  readonly uuid: string;
  readonly status: string;
  readonly hostname: string;
  readonly role: string;
  /** Bytes. */
  readonly memory: number;
  readonly cpu: number;
  readonly n_gpus: number;
  readonly os_image: string;
  readonly kernel_version: string;
  readonly gpus: readonly never[];
}

export interface ClusterBody {
  readonly version_api: Readonly<Record<string, string>>;
  readonly nodes: readonly NodeBody[];
}

/** One attempt of a run, which is one process: its number is `id`. */
export interface JobBody {
  readonly id: number;
  readonly uuid: string;
  readonly unique_name: string;
  readonly role: 'master';
  readonly experiment: number;
  readonly last_status: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly total_run: string | null;
  readonly resources: Resources | null;
  readonly definition: Readonly<Record<string, unknown>>;
}

export interface JobStatusBody {
  readonly id: number;
  readonly uuid: string;
  readonly job: number;
  readonly created_at: string;
  readonly status: string;
  readonly message: string | null;
  readonly traceback: string | null;
}

export interface BookmarkBody<Marked> {
  readonly content_object: Marked;
}

export interface MetricBody {
  readonly id: number;
  readonly created_at: string;
  readonly values: Readonly<Record<string, Measure>>;
}

export interface OutputsTreeBody {
  /** [name, size in bytes] */
  readonly files: readonly (readonly [string, number])[];
  readonly dirs: readonly string[];
}

/** What the storage-manager answers the gateway when asked what an outputs path holds. */
export interface OutputsSummary {
  readonly exists: boolean;
  readonly files: number;
  readonly sizeBytes: number;
  /** Newest first. */
  readonly checkpoints: readonly CheckpointSummary[];
}

export interface CodeReferenceBody {
  readonly commit?: string;
  readonly head?: string | null;
  readonly branch?: string | null;
  readonly git_url?: string | null;
  readonly is_dirty?: boolean;
}

/** Body of resume, restart and copy. */
export interface CloneRequest {
  /** An override: YAML, JSON, or a Python dict as text. */
  readonly content?: string;
  /** Run the latest upload of the project instead of the source's code. */
  readonly update_code?: boolean;
  /** Run exactly this upload: another user's may have come since. Wins over `update_code`. */
  readonly code_revision?: string;
  readonly name?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly ttl?: number;
  /** Resume although outputs are empty or every checkpoint is damaged. */
  readonly force?: boolean;
  readonly copy_dirs?: readonly string[];
  readonly copy_files?: readonly string[];
}

export interface Difference {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface FileDifference {
  readonly path: string;
  /** `unknown`: as large as before, and too large to be read now. */
  readonly change: 'added' | 'removed' | 'changed' | 'unknown';
  readonly before_bytes: number | null;
  readonly after_bytes: number | null;
}

/** Two sets of files. Every file is counted; of those that differ the first thousand are named. */
export interface FilesComparison {
  readonly files: readonly FileDifference[];
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly unknown: number;
  readonly same: number;
}

interface Compared {
  readonly id: number;
  readonly unique_name: string;
  readonly name: string | null;
  readonly last_status: string;
}

/** Answer of GET .../diff?with=N: what is different in N. */
export interface ExperimentComparison {
  readonly before: Compared;
  readonly after: Compared;
  /** Of nothing below is anything different. */
  readonly same: boolean;
  /** Of the polyaxonfiles, without their params. */
  readonly specification: readonly Difference[];
  readonly command: { readonly before: string; readonly after: string };
  readonly params: readonly Difference[];
  /** The last values that differ; `difference` is after - before when both are there. */
  readonly metrics: readonly { readonly name: string; readonly before: Measure; readonly after: Measure; readonly difference: number | null }[];
  /** `files` is null when the revisions are the same, or one of them isn't stored here any more. */
  readonly code: { readonly before: string | null; readonly after: string | null; readonly files: FilesComparison | null };
  /** `files` is null when both have one outputs path, as an experiment and its resumes do. */
  readonly outputs: { readonly before: string; readonly after: string; readonly files: FilesComparison | null };
}

/** Answer of POST .../{resume|restart|copy}/plan: what would happen; nothing did. */
export interface ClonePlan {
  readonly cloning_strategy: CloningStrategy;
  readonly source_id: number;
  readonly outputs_owner_id: number | null;
  readonly outputs_path: string;
  readonly differences: readonly Difference[];
  readonly command: { readonly before: string; readonly after: string };
  readonly code_revision: { readonly before: string | null; readonly after: string | null };
  readonly checkpoint: CheckpointSummary | null;
  readonly copy: { readonly files: number; readonly bytes: number } | null;
  /** Why it would be refused; null: it would be accepted. */
  readonly refusal: { readonly code: string; readonly detail: string; readonly fix: string | null } | null;
}

/** One line of GET .../history: every event that concerns the experiment, in order. */
export interface HistoryEntry {
  readonly id: string;
  readonly time: string;
  readonly stream: string;
  readonly type: string;
  readonly actor: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** GET .../lineage: the whole tree the experiment belongs to, sources before their clones. */
export interface LineageBody {
  readonly experiment_id: number;
  readonly nodes: readonly {
    readonly id: number;
    readonly name: string | null;
    readonly last_status: string;
    readonly source_id: number | null;
    readonly cloning_strategy: CloningStrategy | null;
    readonly outputs_path: string;
    readonly deleted: boolean;
  }[];
}

/** While a copy runs: GET .../copy_progress. */
export interface CopyProgressBody {
  readonly files_done: number;
  readonly files: number;
  readonly bytes_done: number;
  readonly bytes: number;
}
