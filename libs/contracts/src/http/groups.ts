// How does a group of experiments look over HTTP?
import type { SearchAlgorithm } from '../events/group-events.ts';
import type { CloningStrategy } from '../identity.ts';

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

/** Answer of POST .../groups/:id/resume/plan: what would happen; nothing did. */
export interface GroupResumePlan {
  /** Members that go on in their outputs. */
  readonly goes_on: readonly number[];
  /** Members that have succeeded, and stay as they are. */
  readonly stays: number;
  /** Trials that were never made, and will be. */
  readonly unmade: number;
  /** Why it would be refused; null: it would be accepted. */
  readonly refusal: { readonly code: string; readonly detail: string; readonly fix: string | null } | null;
}

export interface GroupStatusBody {
  readonly id: number;
  readonly uuid: string;
  readonly experiment_group: number;
  readonly created_at: string;
  readonly status: string;
  readonly message: string | null;
}
