// How do metrics over the life of a run look over HTTP?
import type { Difference } from './clones.ts';
import type { Measure } from './experiments.ts';

/** Metrics that count how far a program is, the most telling first. */
export const stepNames: readonly string[] = ['global_step', 'globalStep', 'step', 'iteration', 'epoch'];

/** One metric of one attempt, in the order it was reported: columns of one length. */
export interface SeriesPoints {
  /** The step it was reported at, or the last before it; null: none was told until then. */
  readonly steps: readonly (number | null)[];
  /** Milliseconds since 1970; none, where they were not asked for. */
  readonly times: readonly number[];
  readonly values: readonly Measure[];
}

/** A process that ran, with what it reported. */
export interface AttemptSeries {
  readonly experiment_id: number;
  readonly attempt: number;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  /** Null: it runs. */
  readonly ended_because: string | null;
  readonly started_by: string;
  /** GPUs that it asked for. */
  readonly gpus: number;
  /** Of a resume: which params are others than those of the experiment it resumes. */
  readonly params: readonly Difference[];
  /** All that it reported, of whichever metrics. */
  readonly reports: number;
  readonly first_step: number | null;
  readonly last_step: number | null;
  /** The checkpoint it was given. */
  readonly offered: { readonly path: string; readonly step: number | null } | null;
  readonly read: 'read' | 'not-read' | 'started-at-zero' | 'unknown';
  /** The step it really went on from; null: not known. */
  readonly went_on_from: number | null;
  /** How that is known. */
  readonly went_on_by: 'checkpoint' | 'first-step' | 'beginning' | 'unknown';
  /** What it reported of later steps was done again; null: all of it counts. */
  readonly kept_until: number | null;
  readonly metrics: Readonly<Record<string, SeriesPoints>>;
}

/** Work that was done, and then done again. */
export interface LostStretch {
  /** Whose it was: its place in `attempts`. */
  readonly attempt: number;
  /** Which began before it. */
  readonly by: number;
  readonly from_step: number;
  readonly to_step: number;
  readonly from_time: number;
  readonly to_time: number;
  readonly seconds: number;
}

/** Answer of GET /experiments/series, in the order that was asked for: each alone, without those it resumes. */
export type RunsSeriesBody = readonly { readonly experiment_id: number; readonly series: SeriesBody }[];

/** Answer of GET .../series: an original and all its resumes as one line. */
export interface SeriesBody {
  readonly outputs_owner_id: number;
  /** The metric that counts steps; null: none does. */
  readonly step_name: string | null;
  /** All that were ever reported, but for those that count steps. */
  readonly names: readonly string[];
  /** In the order they ran. */
  readonly attempts: readonly AttemptSeries[];
  readonly lost: readonly LostStretch[];
  readonly lost_steps: number;
  readonly lost_seconds: number;
  /** Of these, seconds of GPUs: what had two of them counts twice. */
  readonly lost_gpu_seconds: number;
}
