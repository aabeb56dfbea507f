// How is a resume, a restart or a copy asked for over HTTP, and what would it come to?
import type { CheckpointSummary } from '../events/outputs-events.ts';
import type { CloningStrategy } from '../identity.ts';
import type { ExperimentBody } from './experiments.ts';

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
  /** Resume, copy: go on from this checkpoint (its path, name or step) instead of the newest whole one. */
  readonly from?: string;
  readonly copy_dirs?: readonly string[];
  readonly copy_files?: readonly string[];
  /** Only if all is still as the plan with this token has seen it. */
  readonly plan_token?: string;
}

export interface Difference {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Answer of POST .../{resume|copy}: the new experiment, and what its program will be given. */
export interface ClonedBody extends ExperimentBody {
  /** Null: nothing was recognised. */
  readonly checkpoint?: CheckpointSummary | null;
  /** Moved out of its way before it starts. */
  readonly set_aside?: readonly CheckpointSummary[];
}

/** An event, in the history of the experiment that it is about. */
export interface CauseBody {
  readonly event_id: string;
  readonly experiment_id: number;
  readonly type: string;
  readonly actor: string;
  readonly time: string;
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
  /** Would be moved out of its way first. */
  readonly set_aside: readonly CheckpointSummary[];
  readonly copy: { readonly files: number; readonly bytes: number } | null;
  /** Why it would be refused; null: it would be accepted. */
  readonly refusal: {
    readonly code: string;
    readonly detail: string;
    readonly fix: string | null;
    /** What happened that it comes of; null: nothing did, it is what is in the outputs or the request. */
    readonly cause: CauseBody | null;
  } | null;
  /** Stands for all that it was made of: the request that brings it is refused once that has changed. */
  readonly token: string;
  readonly valid_until: string;
}
