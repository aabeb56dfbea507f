// How does what differs between two experiments look over HTTP?
import type { Difference } from './clones.ts';
import type { Measure } from './experiments.ts';

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
