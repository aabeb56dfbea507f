// How do the files of an outputs path look over HTTP?
import type { CheckpointSummary } from '../events/outputs-events.ts';

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

/** While a copy runs: GET .../copy_progress. */
export interface CopyProgressBody {
  readonly files_done: number;
  readonly files: number;
  readonly bytes_done: number;
  readonly bytes: number;
}
