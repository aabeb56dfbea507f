// What happens to an experiment, as its owner (the api-gateway) tells it?
import type { Attempt, CloningStrategy, DoneStatus, ExperimentId, ProjectId, Revision } from '../identity.ts';
import type { EventOf, Time } from './message.ts';
import type { RepeatedReason, TakenCause } from './run-events.ts';

/** Outputs of another experiment that a program may read. */
export interface OutputsReference {
  readonly experimentId: ExperimentId;
  /** Owner of the outputs: the root of its chain. */
  readonly originalExperimentId: ExperimentId;
  readonly outputsPath: string;
  /** The store they are kept in; absent: the default one. */
  readonly outputsStore?: string;
}

/** Everything another service needs to prepare and run an experiment, so that nobody has to call back. */
export interface ExperimentOrder {
  readonly experimentId: ExperimentId;
  /** Owner of the outputs path: the experiment itself, or for a resume the root of its chain. Names the stream. */
  readonly originalExperimentId: ExperimentId;
  readonly uuid: string;
  readonly projectId: ProjectId;
  /** The project's owner; first segment of the paths. */
  readonly user: string;
  readonly project: string;
  readonly groupId: number | null;
  /** Members of the group that may run at once; absent: it is in none, or the group sets no bound. */
  readonly groupConcurrency?: number;
  /** Who asked for it. */
  readonly requestedBy: string;
  readonly requestedAt: Time;
  readonly name: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  /** The merged raw polyaxonfile, JSON text, templates not rendered: what the next override is merged into. Empty for an experiment that is only tracked. */
  readonly content: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The rendered shell command; empty when only tracked. */
  readonly command: string;
  /** The rendered `environment` section. */
  readonly environment: Readonly<Record<string, unknown>>;
  /** The rendered `build` section; absent or null: none. */
  readonly build?: Readonly<Record<string, unknown>> | null;
  readonly framework?: string | null;
  readonly backend?: string | null;
  /** What the program is told of `logging.level`. */
  readonly logLevel?: string | null;
  /** `environment.outputs.experiments`, resolved when this was asked. */
  readonly outputsReferences?: readonly OutputsReference[];
  /** Digest of the pinned code; null: it runs without any. */
  readonly codeRevision: Revision | null;
  /** Relative to the outputs root, as `layout` writes it. */
  readonly outputsPath: string;
  /** The store they are kept in, as the polyaxonfile names it, for a resume that of its original; absent: the default one. */
  readonly outputsStore?: string;
  /** Relative to the logs root. */
  readonly logsPath: string;
  /** False: tracked from outside, never run by the platform. */
  readonly isManaged: boolean;
  /** Seconds after the end at which it may be removed; null: never. */
  readonly ttlSeconds: number | null;
}

export interface ExperimentClone extends ExperimentOrder {
  /** The experiment that was named by the user; its spec, params and code are the base. */
  readonly sourceExperimentId: ExperimentId;
  readonly cloningStrategy: CloningStrategy;
}

export type ExperimentCreated = EventOf<'ExperimentCreated', ExperimentOrder>;
/** In the stream of the original: same outputs path, a new writer. */
export type ExperimentResumeRequested = EventOf<'ExperimentResumeRequested', ExperimentClone & { readonly forced: boolean; /** The checkpoint to go on from; absent: the newest that is whole. */ readonly from?: string }>;
/** Opens a stream of its own, with outputs of its own. */
export type ExperimentRestartRequested = EventOf<'ExperimentRestartRequested', ExperimentClone>;
/** As a restart, and its outputs are filled from the source before it runs. */
export type ExperimentCopyRequested = EventOf<
  'ExperimentCopyRequested',
  ExperimentClone & {
    /** Owner of the outputs that are copied: the root of the source's chain. */
    readonly sourceOriginalExperimentId: ExperimentId;
    readonly sourceOutputsPath: string;
    /** Absent: the default one. */
    readonly sourceOutputsStore?: string;
    /** The source was being written when this was asked: the snapshot must wait for a quiet moment. */
    readonly sourceIsLive: boolean;
    /** Only these folders and files, relative to the outputs path; both empty: everything. */
    readonly copyFolders: readonly string[];
    /** The checkpoint to go on from; absent: the newest that is whole. */
    readonly from?: string;
    /** Damaged checkpoints stay where they are. */
    readonly forced?: boolean;
    readonly copyFiles: readonly string[];
  }
>;
export type ExperimentStopRequested = EventOf<
  'ExperimentStopRequested',
  {
    readonly experimentId: ExperimentId;
    /** Why the platform itself stops it; absent: a user asked. */
    readonly reason?: string;
    readonly requestedBy: string;
    readonly requestedAt: Time;
  }
>;
/** Opens the gate for the next writer of the outputs path. Written only when the run has ended and its console output is archived. */
export type ExperimentDone = EventOf<
  'ExperimentDone',
  {
    readonly experimentId: ExperimentId;
    /** The attempt that ended; 0: it never started. */
    readonly attempt: Attempt;
    readonly status: DoneStatus;
    readonly message: string | null;
    readonly exitCode: number | null;
    readonly doneAt: Time;
  }
>;
/** What users and running programs say of it; only the given keys change. */
export type ExperimentDescribed = EventOf<
  'ExperimentDescribed',
  {
    readonly experimentId: ExperimentId;
    readonly name?: string | null;
    readonly description?: string | null;
    readonly tags?: readonly string[];
    readonly params?: Readonly<Record<string, unknown>>;
    readonly framework?: string | null;
    readonly backend?: string | null;
    readonly runEnv?: Readonly<Record<string, unknown>>;
    readonly dataRefs?: Readonly<Record<string, unknown>>;
    readonly describedAt: Time;
  }
>;
/** A status told by the program itself; of a managed run it informs and never ends the run. */
export type ExperimentStatusReported = EventOf<
  'ExperimentStatusReported',
  {
    readonly experimentId: ExperimentId;
    readonly status: string;
    readonly message: string | null;
    readonly traceback: string | null;
    readonly reportedAt: Time;
  }
>;
/** What the program itself says, or the first step it logs shows, of the checkpoint it was given. */
export type ExperimentCheckpointReported = EventOf<
  'ExperimentCheckpointReported',
  {
    readonly experimentId: ExperimentId;
    /** 0: it is not known which. */
    readonly attempt: Attempt;
    readonly read: 'read' | 'started-at-zero';
    readonly how: string;
    readonly reportedAt: Time;
  }
>;
/** An attempt ended, and the next one goes on from an older checkpoint: what is done again. */
export type ExperimentWorkLost = EventOf<
  'ExperimentWorkLost',
  {
    readonly experimentId: ExperimentId;
    /** The one that ended. */
    readonly attempt: Attempt;
    readonly cause: TakenCause | RepeatedReason;
    /** From when that checkpoint was written, or else from when the attempt began, to its end. */
    readonly seconds: number;
    /** By what it reported; null: it reported no steps, or those of its checkpoint count in another way. */
    readonly steps: number | null;
    /** Relative to the outputs path: what the next attempt goes on from; null: none that is known. */
    readonly checkpointPath: string | null;
    readonly recordedAt: Time;
  }
>;
export type ExperimentDeleted = EventOf<
  'ExperimentDeleted',
  {
    readonly experimentId: ExperimentId;
    readonly originalExperimentId: ExperimentId;
    readonly outputsPath: string;
    /** Absent: the default one. */
    readonly outputsStore?: string;
    readonly logsPath: string;
    /** No other experiment uses the outputs path any more: they may go. */
    readonly outputsUnused: boolean;
    readonly deletedBy: string;
    readonly deletedAt: Time;
  }
>;

/** The outputs go, for the experiment and all that share them; records, metrics and logs stay. */
export type ExperimentOutputsDeleteRequested = EventOf<
  'ExperimentOutputsDeleteRequested',
  {
    readonly experimentId: ExperimentId;
    readonly originalExperimentId: ExperimentId;
    readonly outputsPath: string;
    /** Absent: the default one. */
    readonly outputsStore?: string;
    /** By which rule; absent: somebody asked for these. */
    readonly reason?: string;
    readonly requestedBy: string;
    readonly requestedAt: Time;
  }
>;
/** Its outputs are to stay, whatever rules say. */
export type ExperimentPinned = EventOf<'ExperimentPinned', { readonly experimentId: ExperimentId; readonly pinnedBy: string; readonly pinnedAt: Time }>;
export type ExperimentUnpinned = EventOf<'ExperimentUnpinned', { readonly experimentId: ExperimentId; readonly unpinnedBy: string; readonly unpinnedAt: Time }>;

export type ExperimentEvent =
  | ExperimentCreated
  | ExperimentResumeRequested
  | ExperimentRestartRequested
  | ExperimentCopyRequested
  | ExperimentStopRequested
  | ExperimentDone
  | ExperimentDescribed
  | ExperimentStatusReported
  | ExperimentOutputsDeleteRequested
  | ExperimentPinned
  | ExperimentUnpinned
  | ExperimentCheckpointReported
  | ExperimentWorkLost
  | ExperimentDeleted;
