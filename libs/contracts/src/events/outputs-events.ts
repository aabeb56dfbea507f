// What happens to an outputs path, as its owner (the storage-manager) tells it?
import type { Attempt, ExperimentId } from '../identity.ts';
import type { EventOf, Time } from './message.ts';

interface OutputsOf {
  /** The experiment that asked for it. */
  readonly experimentId: ExperimentId;
  /** Owner of the outputs path; names the stream. */
  readonly originalExperimentId: ExperimentId;
  readonly outputsPath: string;
}

interface ForAttempt {
  /** Of a run that failed and is started again; absent: the first. */
  readonly attempt?: Attempt;
}

/** What a run that begins in filled outputs is given to go on from. */
export interface CheckpointOffer {
  /** Null: none was recognised. */
  readonly offered: CheckpointSummary | null;
  /** Relative to the outputs path: all that the offered one is made of. */
  readonly parts: readonly string[];
  /** Moved out of the program's way, each under `to` with its own path; nothing is deleted. */
  readonly setAside: readonly CheckpointSetAside[];
  /** Somebody insisted: damaged ones stay where they are. */
  readonly forced?: true;
}
export interface CheckpointSetAside {
  readonly path: string;
  readonly step: number | null;
  /** Null: it is whole, and newer than the one that was asked for. */
  readonly problem: string | null;
  /** The folder it is in now, relative to the outputs path. */
  readonly to: string;
}

/** The folder is there and may be written: empty for a new experiment, as it was left for a resume. */
export type OutputsPrepared = EventOf<'OutputsPrepared', OutputsOf & ForAttempt & { readonly preparedAt: Time; readonly checkpoint?: CheckpointOffer }>;
/** It can't be written at all. */
export type OutputsPrepareFailed = EventOf<'OutputsPrepareFailed', OutputsOf & ForAttempt & { readonly reason: string; readonly failedAt: Time }>;
export type OutputsCopyStarted = EventOf<
  'OutputsCopyStarted',
  OutputsOf & { readonly sourceExperimentId: ExperimentId; readonly sourceOutputsPath: string; readonly startedAt: Time }
>;
/** Every file is there, verified, and visible at once. */
export type OutputsCopied = EventOf<
  'OutputsCopied',
  OutputsOf & {
    readonly sourceExperimentId: ExperimentId;
    readonly sourceOutputsPath: string;
    readonly files: number;
    readonly sizeBytes: number;
    /** Over paths, sizes and sampled contents of the manifest. */
    readonly digest: string;
    /** Links in the source are never followed and never copied. */
    readonly skippedLinks: number;
    readonly checkpoint?: CheckpointOffer;
    readonly copiedAt: Time;
  }
>;
/** Nothing is left of the target, the source is untouched. */
export type OutputsCopyFailed = EventOf<
  'OutputsCopyFailed',
  OutputsOf & { readonly sourceExperimentId: ExperimentId; readonly reason: string; readonly message: string; readonly failedAt: Time }
>;
export interface CheckpointSummary {
  /** Relative to the outputs path. */
  readonly path: string;
  readonly framework: string;
  readonly step: number | null;
  readonly sizeBytes: number;
  readonly modifiedAt: Time;
  readonly complete: boolean;
  /** Why it is damaged; null when complete. */
  readonly problem: string | null;
  /** Every byte was compared with the checksums that the framework wrote; absent or false: only its structure was looked at. */
  readonly compared?: boolean;
}
export type CheckpointsFound = EventOf<'CheckpointsFound', OutputsOf & { readonly checkpoints: readonly CheckpointSummary[]; readonly foundAt: Time }>;
export type OutputsDeleted = EventOf<'OutputsDeleted', OutputsOf & { readonly deletedAt: Time }>;

export type OutputsEvent =
  | OutputsPrepared
  | OutputsPrepareFailed
  | OutputsCopyStarted
  | OutputsCopied
  | OutputsCopyFailed
  | CheckpointsFound
  | OutputsDeleted;
