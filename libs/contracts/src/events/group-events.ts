// What happens to a group of experiments, as its owner (the api-gateway) tells it?
import type { CloningStrategy, ExperimentId, GroupId, GroupStatus, ProjectId, Revision } from '../identity.ts';
import type { EventOf, Time } from './message.ts';

export type SearchAlgorithm = 'grid_search' | 'random_search' | 'hyperband' | 'bo';

/** A place in the search: the `index`th member of an iteration, both from 0. Whoever holds it may change, the place does not. */
export interface TrialPlace {
  readonly iteration: number;
  readonly index: number;
}

/** All that is needed to choose, make and run its members. */
export interface GroupOrder {
  readonly groupId: GroupId;
  readonly uuid: string;
  readonly projectId: ProjectId;
  /** The project's owner; first segment of the members' paths. */
  readonly user: string;
  readonly project: string;
  readonly requestedBy: string;
  readonly requestedAt: Time;
  readonly name: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  /** The raw polyaxonfile of kind group, JSON text, templates not rendered. Empty for a group that is only tracked. */
  readonly content: string;
  /** The `hptuning` section with the seed that is used, so that the same results lead to the same search again; empty when only tracked. */
  readonly hptuning: Readonly<Record<string, unknown>>;
  /** Null: only tracked. */
  readonly searchAlgorithm: SearchAlgorithm | null;
  /** Members that may run at once; null: as many as there is room for. */
  readonly concurrency: number | null;
  readonly codeRevision: Revision | null;
  readonly isManaged: boolean;
  /** What every member starts from; null: from nothing. */
  readonly source: GroupSource | null;
}

export interface GroupSource {
  readonly experimentId: ExperimentId;
  readonly cloningStrategy: Exclude<CloningStrategy, 'resume'>;
  /** Only these are copied, relative to the outputs path; both empty: everything. */
  readonly copyFolders: readonly string[];
  readonly copyFiles: readonly string[];
}

/** A member that is to be made: its number is set aside, its params are those of the matrix. */
export interface NewMember {
  readonly experimentId: ExperimentId;
  readonly params: Readonly<Record<string, unknown>>;
  /** The trial that it goes on with, in its outputs; null: it starts anew. */
  readonly continues: TrialPlace | null;
}

/** What a trial has come to when its iteration ended. */
export interface TrialResult {
  readonly experimentId: ExperimentId;
  /** Null: it measured nothing. */
  readonly metric: number | null;
}

export type GroupCreated = EventOf<'GroupCreated', GroupOrder>;
export type GroupIterationStarted = EventOf<
  'GroupIterationStarted',
  { readonly groupId: GroupId; readonly iteration: number; readonly members: readonly NewMember[]; readonly startedAt: Time }
>;
/** What the next iteration is chosen by, in the order of the members. */
export type GroupIterationEnded = EventOf<
  'GroupIterationEnded',
  { readonly groupId: GroupId; readonly iteration: number; readonly results: readonly TrialResult[]; readonly endedAt: Time }
>;
/** It can't be made, such as a command that can't be rendered with its params; the others go on. */
export type GroupMemberSkipped = EventOf<
  'GroupMemberSkipped',
  { readonly groupId: GroupId; readonly experimentId: ExperimentId; readonly reason: string; readonly skippedAt: Time }
>;
export type GroupStopRequested = EventOf<
  'GroupStopRequested',
  {
    readonly groupId: GroupId;
    /** What runs may go on to its end; only what waits is stopped. */
    readonly pendingOnly: boolean;
    /** Why the platform itself stops it (early stopping); null: a user asked. */
    readonly reason: string | null;
    readonly requestedBy: string;
    readonly requestedAt: Time;
  }
>;
/** Trials that have not succeeded are held by new experiments from here on; what was never made yet will be. */
export type GroupResumeRequested = EventOf<
  'GroupResumeRequested',
  {
    readonly groupId: GroupId;
    readonly members: readonly (TrialPlace & { readonly sourceExperimentId: ExperimentId; readonly experimentId: ExperimentId })[];
    /** With the override merged in. */
    readonly content: string;
    readonly hptuning: Readonly<Record<string, unknown>>;
    readonly concurrency: number | null;
    readonly codeRevision: Revision | null;
    /** Merged into what each resumed member ran; null: nothing is. */
    readonly override: string | null;
    /** New code was asked for; otherwise each goes on with its own. */
    readonly updatesCode: boolean;
    readonly forced: boolean;
    readonly requestedBy: string;
    readonly requestedAt: Time;
  }
>;
/** Every member that goes on has been asked for. */
export type GroupResumed = EventOf<'GroupResumed', { readonly groupId: GroupId; readonly resumedAt: Time }>;
/** Only the given keys change. */
export type GroupDescribed = EventOf<
  'GroupDescribed',
  { readonly groupId: GroupId; readonly name?: string | null; readonly description?: string | null; readonly tags?: readonly string[]; readonly describedAt: Time }
>;
/** Told from outside of a group that is only tracked. */
export type GroupStatusReported = EventOf<
  'GroupStatusReported',
  { readonly groupId: GroupId; readonly status: GroupStatus; readonly message: string | null; readonly reportedAt: Time }
>;
/** No member is live and the search is over, or was stopped. */
export type GroupDone = EventOf<'GroupDone', { readonly groupId: GroupId; readonly status: GroupStatus; readonly message: string | null; readonly doneAt: Time }>;
/** Its members go too, each with an event of its own. */
export type GroupDeleted = EventOf<'GroupDeleted', { readonly groupId: GroupId; readonly deletedBy: string; readonly deletedAt: Time }>;

export type GroupEvent =
  | GroupCreated
  | GroupIterationStarted
  | GroupIterationEnded
  | GroupMemberSkipped
  | GroupStopRequested
  | GroupResumeRequested
  | GroupResumed
  | GroupDescribed
  | GroupStatusReported
  | GroupDone
  | GroupDeleted;
