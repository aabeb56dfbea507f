// What is there to do to an outputs path?
import type { Attempt, ExperimentId } from '#contracts';
import type { Cause } from '#event-store';

interface TaskOf<Kind extends string, Payload> {
  readonly kind: Kind;
  readonly experimentId: ExperimentId;
  readonly originalExperimentId: ExperimentId;
  readonly payload: Payload & { readonly outputsPath: string; /** Absent: the default one. */ readonly outputsStore?: string };
  /** Of the events that will tell the outcome. */
  readonly cause: Cause;
}

/** Which checkpoint a run is to go on from. */
interface StartPoint {
  /** Null, or of a task that was written down before there was a choice: the newest that is whole. */
  readonly from?: string | null;
  readonly forced?: boolean;
}

export type PrepareTask = TaskOf<'prepare', StartPoint & { readonly isResume: boolean; /** Of a run that is started again; absent: the first. */ readonly attempt?: Attempt }>;
export type CopyTask = TaskOf<
  'copy',
  StartPoint & {
    readonly sourceOriginalExperimentId: ExperimentId;
    readonly sourceOutputsPath: string;
    readonly sourceOutputsStore?: string;
    readonly sourceIsLive: boolean;
    /** Both empty: everything. */
    readonly folders: readonly string[];
    readonly files: readonly string[];
  }
>;
export type DeleteTask = TaskOf<'delete', unknown>;
export type Task = PrepareTask | CopyTask | DeleteTask;
export type Kind = Task['kind'];

/** Those that it has to do with, as one word: what waits for them waits together. */
export function storesOf({ payload }: Task): string {
  const { outputsStore = '', sourceOutputsStore = '' } = payload as CopyTask['payload'];
  return [outputsStore, sourceOutputsStore].filter(Boolean).join('<');
}

/** A task this process holds the lease of. */
export type Claimed<T extends Task = Task> = T & {
  readonly id: string;
  /** Which taking of it this is, from 1; whoever has taken an earlier one is refused. */
  readonly epoch: number;
  /** That failed before. */
  readonly tries: number;
  readonly isCancelled: boolean;
};
