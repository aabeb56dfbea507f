// How does it look over HTTP what somebody should see first?
import type { Measure } from './experiments.ts';

export const needKinds = ['failed', 'stuck', 'refused', 'checkpoint-overdue', 'started-at-zero', 'not-read'] as const;
export type NeedKind = (typeof needKinds)[number];

export interface NowExperiment {
  readonly id: number;
  readonly name: string | null;
  readonly user: string;
  readonly project: string;
  readonly last_status: string;
}

/** Something that does not mend itself. */
export interface NeedBody {
  readonly experiment: NowExperiment;
  readonly kind: NeedKind;
  readonly text: string;
  readonly since: string;
  /** The command that mends it, where there is one. */
  readonly fix: string | null;
}

export interface RunningBody {
  readonly experiment: NowExperiment;
  readonly started_at: string;
  readonly last_metric: Readonly<Record<string, Measure>>;
  /** Its newest checkpoint, if it has saved one since it began; undefined: the storage-manager does not say. */
  readonly saved_at?: string | null;
}

export interface DoneBody {
  readonly experiment: NowExperiment;
  readonly finished_at: string;
  readonly started_at: string | null;
  readonly last_metric: Readonly<Record<string, Measure>>;
}

/** GET /now: of the projects of whoever asks, without what they have dismissed. */
export interface NowBody {
  readonly at: string;
  readonly needs: readonly NeedBody[];
  readonly running: readonly RunningBody[];
  /** In all; of these the first are in `running`. */
  readonly running_count: number;
  readonly done: readonly DoneBody[];
  readonly done_count: number;
  /** Whether anything was ever run. */
  readonly has_runs: boolean;
}

/** What is not to be shown any more, until it happens again. */
export interface DismissalBody {
  readonly experiment: number;
  readonly kind: NeedKind | 'done';
}
