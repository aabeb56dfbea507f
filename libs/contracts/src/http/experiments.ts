// How does an experiment look over HTTP?
import type { CloningStrategy } from '../identity.ts';

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
  /** `deleting`: they can't be used any more, and are about to be gone. */
  readonly outputs_state: 'kept' | 'deleting' | 'deleted';
  /** No rule deletes its outputs. */
  readonly is_pinned: boolean;
  readonly logs_path: string;
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

export interface MetricBody {
  readonly id: number;
  readonly created_at: string;
  readonly values: Readonly<Record<string, Measure>>;
}

/** One line of GET .../history: every event that concerns the experiment, in order. */
export interface HistoryEntry {
  readonly id: string;
  readonly time: string;
  readonly stream: string;
  readonly type: string;
  readonly actor: string;
  /** The event that it was a reaction to; null: somebody asked for it, or a service found it out by itself. */
  readonly caused_by: string | null;
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
