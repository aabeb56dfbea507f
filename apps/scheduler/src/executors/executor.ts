// What must something do that runs the attempts of experiments, be it processes or pods?
import type { Attempt, CheckpointOffer, CloningStrategy, EndCause, ExperimentId, ExperimentOrder, PendingCause, TakenCause } from '#contracts';
import type { CheckpointSeen } from '#storage';

/** Names one attempt for ever; whatever the executor makes for it is named after it. */
export interface AttemptId {
  readonly experimentId: ExperimentId;
  readonly attempt: Attempt;
}

/** Everything needed to launch it. */
export interface AttemptSpec extends AttemptId {
  readonly order: ExperimentOrder;
  readonly cloningStrategy: CloningStrategy | null;
  readonly sourceExperimentId: ExperimentId | null;
  /** What it is to go on from; absent: it begins with empty outputs. */
  readonly checkpoint?: CheckpointOffer;
  /** The span it is launched in, as W3C Trace Context writes it, for a program that traces itself. */
  readonly traceparent?: string;
  /** What its console begins with, such as how its image was built. */
  readonly preamble?: string;
}

/**
 * Its pod is there and can't start yet; asked again. unschedulable: no machine has room for it, or may have it. image: its image can't be had so far. building: it is
 * being built. The reason is for the user and says what holds it up,
 * not what to do about it: the decisions add that (`run/what-to-do.ts`), also to the messages below.
 */
export interface Pending {
  readonly isPending: true;
  readonly cause: PendingCause;
  readonly reason: string | null;
}

export type { EndCause } from '#contracts';

export interface Launched {
  /** Where its console output can be followed. */
  readonly console: string;
  /** Its build steps come first. */
  readonly isBuilding?: boolean;
  /** What was asked for and can't be had here; the attempt runs nevertheless. */
  readonly warnings: readonly string[];
}

/** Its program is there, and nothing is waited for any more. */
export function isLaunched(answer: Launched | Pending | null): answer is Launched {
  return answer !== null && !('isPending' in answer);
}

/** How far the store is behind what the program has written, where its outputs are carried to one. */
export interface Carrying {
  readonly lagSeconds: number;
  readonly sizeBytes: number;
  readonly failures: number;
}

export type { CheckpointSeen } from '#storage';

/**
 * absent: it was never launched. ended: nothing of it is left that could still write; `exitCode` null: it vanished without one. `message` is null when there is
 * nothing to say beyond a success. isBuilding: its build steps have not all succeeded. warnings: what users should know, again and again.
 * checkpoint: as soon as it is read, or at the end; nothing when it was given none.
 */
export type Observation =
  | { readonly state: 'absent' }
  | { readonly state: 'running'; readonly isBuilding?: true; readonly carrying?: Carrying; readonly warnings?: readonly string[]; readonly checkpoint?: CheckpointSeen }
  | {
      readonly state: 'ended';
      readonly exitCode: number | null;
      readonly message: string | null;
      /** Not given: its program ended it. With `exitCode` 0 it was asked to end by the machine, and has not finished. */
      readonly cause?: EndCause;
      readonly isBuilding?: true;
      readonly warnings?: readonly string[];
      readonly checkpoint?: CheckpointSeen;
    };

/** It can't be launched, now or later; the message is for the user. */
export class LaunchFailed extends Error {
  override readonly name = 'LaunchFailed';

  constructor(
    readonly reason: 'start' | 'build' | 'code' | 'image' | 'unschedulable',
    message: string,
    /** taken: the machine took it away before it could start; another attempt may follow. console: where what it printed before that can be followed. */
    readonly options?: ErrorOptions & { readonly taken?: TakenCause; readonly console?: string },
  ) {
    super(message, options);
  }
}

/** Of the processes that an attempt has now. */
export interface Usage {
  readonly processes: number;
  /** From the beginning of each on. */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

/** Each call is safe to repeat, also by another process after this one was killed in the middle of it; calls about one attempt come one at a time. */
export interface Executor {
  /**
   * Resolves when the attempt's program is there, finding what an earlier call has launched; with null or why when what it needs is still being brought here, which may take long: asked again. Throws
   * `LaunchFailed`. `confirm` is called before each step that can't be taken back, and throws when another scheduler has taken over meanwhile: then nothing more is done.
   */
  launch(spec: AttemptSpec, confirm?: () => void): Promise<Launched | Pending | null>;
  observe(attempt: AttemptId): Promise<Observation>;
  /** Asks it to end; called again once `graceSeconds` are over, forces it. One that was not launched never will be. */
  stop(attempt: AttemptId, graceSeconds: number): Promise<void>;
  /** Removes what was kept of an ended attempt; its console output stays with `keepConsole`. */
  forget(attempt: AttemptId, options?: { readonly keepConsole?: boolean }): Promise<void>;
  /** Of one that runs; an executor that can't tell has none. */
  usage?(attempt: AttemptId): Promise<Usage | null>;
  /** Calls `listener` when something may have changed, of one experiment or of any; a hint only, observing is what counts. */
  onChange(listener: (experimentId?: ExperimentId) => void): void;
}
