// What happens to the work itself, as its owner (the scheduler) tells it?
import type { Attempt, ExperimentId } from '../identity.ts';
import type { EventOf, Time } from './message.ts';
import type { ExperimentOrder } from './experiment-events.ts';
import type { CheckpointOffer } from './outputs-events.ts';
import type { CloningStrategy } from '../identity.ts';

/** The request was heard and written down; the run waits for its outputs path and for a free slot. */
export type RunQueued = EventOf<
  'RunQueued',
  {
    readonly experimentId: ExperimentId;
    readonly order: ExperimentOrder;
    readonly cloningStrategy: CloningStrategy | null;
    readonly sourceExperimentId: ExperimentId | null;
    readonly queuedAt: Time;
  }
>;
/** The storage-manager said that the outputs path may be written. It may be heard before the request. */
export type RunOutputsReady = EventOf<
  'RunOutputsReady',
  { readonly experimentId: ExperimentId; /** For which attempt; absent: the first. */ readonly attempt?: Attempt; readonly checkpoint?: CheckpointOffer; readonly readyAt: Time }
>;
/** Everything it waited for but a slot is there; `reason` tells users why it is not running yet. */
export type RunHeld = EventOf<'RunHeld', { readonly experimentId: ExperimentId; readonly reason: string; readonly heldAt: Time }>;
/** A slot is taken: from here on this attempt, and no earlier one, may write. */
export type RunScheduled = EventOf<'RunScheduled', { readonly experimentId: ExperimentId; readonly attempt: Attempt; readonly scheduledAt: Time }>;
/** It is being launched: its code is unpacked, its process or pod made. */
export type RunStarting = EventOf<'RunStarting', { readonly experimentId: ExperimentId; readonly attempt: Attempt; readonly startingAt: Time }>;
/** The process or pod is there. */
export type RunStarted = EventOf<
  'RunStarted',
  {
    readonly experimentId: ExperimentId;
    readonly attempt: Attempt;
    /** Where its console output can be followed: a `file:` URL, later a pod. */
    readonly console: string;
    /** Relative to the logs root: the folder that gets `run.log`. */
    readonly logsPath: string;
    /** Its build steps come first; `RunBuilt` tells that they are done. */
    readonly isBuilding?: boolean;
    readonly startedAt: Time;
  }
>;
/** Every build step has succeeded, the command itself runs. */
export type RunBuilt = EventOf<'RunBuilt', { readonly experimentId: ExperimentId; readonly attempt: Attempt; readonly builtAt: Time }>;
/** Something a user should know that does not end it, such as a limit the machine can't apply. */
export type RunWarned = EventOf<'RunWarned', { readonly experimentId: ExperimentId; readonly attempt: Attempt; readonly message: string; readonly warnedAt: Time }>;
/**
 * Whether its program has read the checkpoint that it was given, once that is known: at once when it has, else at the end of the attempt. `unknown` where that can't be seen; `how` says why.
 */
export type RunCheckpointSeen = EventOf<
  'RunCheckpointSeen',
  { readonly experimentId: ExperimentId; readonly attempt: Attempt; readonly read: 'read' | 'not-read' | 'unknown'; readonly how: string; readonly seenAt: Time }
>;
export type RunStopRequested = EventOf<'RunStopRequested', { readonly experimentId: ExperimentId; readonly requestedAt: Time }>;

interface RunEnd {
  readonly experimentId: ExperimentId;
  /** 0: it ended before any attempt was scheduled. */
  readonly attempt: Attempt;
  /** False: no process was ever started, so there is no console output to archive. */
  readonly wasStarted: boolean;
  readonly exitCode: number | null;
  readonly message: string | null;
  readonly endedAt: Time;
}
export type RunSucceeded = EventOf<'RunSucceeded', RunEnd>;
/** `reason` tells the user's error from ours: the program failed, it could not be started, its outputs could not be prepared, it vanished. */
export type RunFailed = EventOf<'RunFailed', RunEnd & { readonly reason: 'program' | 'start' | 'outputs' | 'code' | 'lost' }>;
/** The program failed, and `max_restarts` gives it another attempt, in the same outputs. */
export type RunAttemptFailed = EventOf<
  'RunAttemptFailed',
  RunEnd & {
    readonly reason: 'program' | 'lost';
    /** In all, with the first. */
    readonly attemptsAllowed: number;
    /** The next one starts no earlier. */
    readonly nextAttemptAt: Time;
    /** The storage-manager looks at them again, and the next attempt waits for what it says; absent: it doesn't, as before there was such a look. */
    readonly outputs?: { readonly originalExperimentId: ExperimentId; readonly outputsPath: string; readonly outputsStore?: string; /** Damaged checkpoints stay where they are. */ readonly forced: boolean };
  }
>;
export type RunStopped = EventOf<'RunStopped', RunEnd>;
/** The machine took it away; the same experiment goes on as a new attempt. */
export type RunPreempted = EventOf<'RunPreempted', RunEnd>;

export type RunEvent =
  | RunQueued
  | RunOutputsReady
  | RunHeld
  | RunScheduled
  | RunStarting
  | RunStarted
  | RunBuilt
  | RunWarned
  | RunCheckpointSeen
  | RunStopRequested
  | RunSucceeded
  | RunFailed
  | RunAttemptFailed
  | RunStopped
  | RunPreempted;
