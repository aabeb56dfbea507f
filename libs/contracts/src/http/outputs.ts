// How do the files of an outputs path look over HTTP?
import type { CheckpointSetAside, CheckpointSummary } from '../events/outputs-events.ts';

export interface OutputsTreeBody {
  /** [name, size in bytes] */
  readonly files: readonly (readonly [string, number])[];
  readonly dirs: readonly string[];
}

/** One line of GET .../outputs/list: a file, wherever below. */
export interface OutputsFileBody {
  /** Relative to the outputs path. */
  readonly path: string;
  readonly size_bytes: number;
  readonly modified_at: string;
  /** Another one whenever the content may be another one: what stands in the `ETag` of the file. */
  readonly version: string;
}

/** Answer of GET .../outputs/digest. */
export interface OutputsDigestBody {
  readonly path: string;
  readonly size_bytes: number;
  /** Of which content it is the digest. */
  readonly version: string;
  /** Hexadecimal; null: the file is being written, it changed each time it was read. */
  readonly sha256: string | null;
}

/** Answer of GET .../outputs/link. Whoever has the address has the file. */
export interface OutputsLinkBody {
  readonly url: string;
  readonly expires_at: string;
}

/** What the storage-manager answers the gateway when asked what an outputs path holds. */
export interface OutputsSummary {
  readonly exists: boolean;
  readonly files: number;
  readonly sizeBytes: number;
  /** Newest first. */
  readonly checkpoints: readonly CheckpointSummary[];
  readonly choice: CheckpointChoice;
}

/** What the storage-manager answers the gateway when asked whether outputs may be kept in a store. */
export interface StoreBody {
  /** Of all stores that it was told of. */
  readonly known: readonly string[];
  /** What keeps that store from being used, and which setting to look at; null: nothing, or there is no such store. */
  readonly problem: { readonly message: string; readonly setting: string } | null;
}

/** While a copy runs: GET .../copy_progress. */
export interface CopyProgressBody {
  readonly files_done: number;
  readonly files: number;
  readonly bytes_done: number;
  readonly bytes: number;
  /** Over the last seconds; null before that is known. */
  readonly bytes_per_second: number | null;
  readonly seconds_left: number | null;
}

/** What the storage-manager answers the gateway when asked which copies are not complete yet. */
export interface CopyTaskBody {
  readonly experiment_id: number;
  /** Somebody is at it. */
  readonly is_taken: boolean;
  readonly progress: CopyProgressBody | null;
  /** When something last came. */
  readonly progressed_at: string | null;
  /** That failed. */
  readonly tries: number;
  /** Why the last of them failed. */
  readonly problem: string | null;
}

/** One of GET /copies. */
export interface CopyBody {
  /** Whose run waits for it. */
  readonly experiment_id: number;
  readonly name: string | null;
  /** user.project */
  readonly project: string;
  readonly started_by: string;
  readonly source_id: number | null;
  readonly outputs_path: string;
  /** `asked`: nobody has taken notice of it yet. `waiting`: for a free hand, or for its next try. */
  readonly phase: 'asked' | 'waiting' | 'listing' | 'copying' | 'verifying' | 'copied' | 'failed' | 'cancelled';
  readonly asked_at: string;
  readonly ended_at: string | null;
  /** While it runs. */
  readonly progress: CopyProgressBody | null;
  /** While it runs: when something last came. */
  readonly progressed_at: string | null;
  /** When it is complete. */
  readonly files: number | null;
  readonly size_bytes: number | null;
  readonly tries: number;
  /** Why the last try failed, or all of it. */
  readonly problem: string | null;
}

/** What a program that goes on from there would be given. */
export interface CheckpointChoice {
  readonly offered: CheckpointSummary | null;
  /** Would be moved out of its way first: damaged, or newer than the one that was asked for. */
  readonly setAside: readonly CheckpointSummary[];
  /** Why nothing may be started from there unless somebody insists; null: it may. */
  readonly problem: { readonly code: 'checkpoints-damaged' | 'checkpoint-not-found'; readonly message: string } | null;
  /** Paths of whole ones that could be asked for instead. */
  readonly alternatives: readonly string[];
}

/** Answer of GET .../checkpoints. */
export interface CheckpointsBody {
  /** The owner of the outputs path, whose checkpoints these are. */
  readonly outputs_owner_id: number;
  readonly outputs_path: string;
  /** Newest first. */
  readonly checkpoints: readonly CheckpointSummary[];
  /** What a resume would go on from; null: nothing was recognised, or nothing is whole. */
  readonly next: CheckpointSummary | null;
  readonly problem: string | null;
  /** What this experiment itself was given; null: it began with empty outputs, or in a way that nothing was recorded of. */
  readonly offer: CheckpointOfferBody | null;
}

export interface CheckpointOfferBody {
  readonly offered: CheckpointSummary | null;
  readonly set_aside: readonly CheckpointSetAside[];
  /** Whether its program has really read it: `unknown` where that can't be seen, or is not known yet. */
  readonly read: 'read' | 'not-read' | 'started-at-zero' | 'unknown';
  /** How that is known. */
  readonly read_how: string | null;
}
