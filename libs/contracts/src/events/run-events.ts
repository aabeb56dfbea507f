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
/**
 * Its process or pod is there, or asked for, and can't start yet. unschedulable: no machine has room for it, or may have it. image: its image can't be had so far. building: it is being built.
 * cluster: who would start it can't be reached. starting: nothing of that holds it up any more. The reason is for the user.
 */
export type RunPending = EventOf<'RunPending', { readonly experimentId: ExperimentId; readonly attempt: Attempt; readonly cause: PendingCause; readonly reason: string | null; readonly pendingAt: Time }>;
export type PendingCause = 'unschedulable' | 'image' | 'building' | 'cluster' | 'starting';
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
/** How the machine takes an attempt away. preempted: for something more important. evicted: it was short of something, or is drained. node-lost: it is gone. infrastructure: anything else. */
export type TakenCause = 'preempted' | 'evicted' | 'node-lost' | 'infrastructure';
/**
 * What ended an attempt that its program did not end by itself. out-of-memory: it used more than it may. image, unschedulable: it waited as long as it may. start: its container can't be started.
 */
export type EndCause = TakenCause | 'out-of-memory' | 'image' | 'unschedulable' | 'start';

/** What `max_restarts` is for. */
export type RepeatedReason = 'program' | 'out-of-memory' | 'lost';

interface Again {
  /** The next one starts no earlier. */
  readonly nextAttemptAt: Time;
  /** The storage-manager looks at them again, and the next attempt waits for what it says; absent: it doesn't, as before there was such a look. */
  readonly outputs?: { readonly originalExperimentId: ExperimentId; readonly outputsPath: string; readonly outputsStore?: string; /** Damaged checkpoints stay where they are. */ readonly forced: boolean };
}

export type RunSucceeded = EventOf<'RunSucceeded', RunEnd>;
/**
 * `reason` tells the user's error from ours: the program failed, or used more memory than it may; it could not be started, its image could not be built or had, no machine could have it; its outputs or its code
 * could not be had; it vanished; the machine took it away more often than is allowed (infrastructure).
 */
export type RunFailed = EventOf<
  'RunFailed',
  RunEnd & {
    readonly reason: 'program' | 'out-of-memory' | 'start' | 'build' | 'image' | 'unschedulable' | 'outputs' | 'code' | 'lost' | 'infrastructure';
    /** With infrastructure: how it was taken away the last time. */
    readonly cause?: TakenCause;
  }
>;
/** The program failed, and `max_restarts` gives it another attempt, in the same outputs. */
export type RunAttemptFailed = EventOf<
  'RunAttemptFailed',
  RunEnd &
    Again & {
      readonly reason: RepeatedReason;
      /** In all, with the first and those that the machine took away. */
      readonly attemptsAllowed: number;
    }
>;
export type RunStopped = EventOf<'RunStopped', RunEnd>;
/** The machine took it away; the same experiment goes on as a new attempt, in the same outputs. What is optional was not told in former days. */
export type RunPreempted = EventOf<
  'RunPreempted',
  RunEnd &
    Partial<Again> & {
      readonly cause?: TakenCause;
      /** With this one. */
      readonly preemptions?: number;
      readonly preemptionsAllowed?: number;
    }
>;

export type RunEvent =
  | RunQueued
  | RunOutputsReady
  | RunHeld
  | RunScheduled
  | RunStarting
  | RunStarted
  | RunBuilt
  | RunPending
  | RunWarned
  | RunCheckpointSeen
  | RunStopRequested
  | RunSucceeded
  | RunFailed
  | RunAttemptFailed
  | RunStopped
  | RunPreempted;
