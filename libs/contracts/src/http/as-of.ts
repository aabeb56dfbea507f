// How does an experiment look over HTTP as it was after one of its events?
import type { CheckpointOfferBody } from './outputs.ts';
import type { Difference } from './clones.ts';
import type { ExperimentBody, HistoryEntry } from './experiments.ts';
import type { WaitBody } from './fleet.ts';

/** What events tell of it; metrics are none. */
export type AsOfBody = Pick<
  ExperimentBody,
  | 'id' | 'name' | 'description' | 'tags' | 'params' | 'command' | 'content' | 'code_revision' | 'outputs_path' | 'source_id' | 'cloning_strategy' | 'is_managed' | 'last_status' | 'last_status_message'
  | 'attempt' | 'created_at' | 'started_at' | 'finished_at' | 'exit_code' | 'is_pinned'
>;

/** GET .../history/state. */
export interface ExperimentStateBody {
  /** After so many of its events. */
  readonly at: number;
  /** So many there are. */
  readonly of: number;
  /** The last of them. */
  readonly event: HistoryEntry;
  readonly experiment: AsOfBody;
  /** What it was given to go on from; null: nothing yet. */
  readonly offer: CheckpointOfferBody | null;
  /** Null: nothing. */
  readonly waits: WaitBody | null;
  readonly from: number | null;
  /** From how it was after `from`; null: that was not asked for. */
  readonly differences: readonly Difference[] | null;
}
