// Who does what was asked for, one step after the other, whatever happens to the process?
import { kindOf, maxTries, Pause } from '#messaging';
import { evolveAll } from '#decider';
import type { CopyProgressBody, OutputsEvent, StreamName, Time } from '#contracts';
import { errandFor, inSpan, onErrand, type EventStore } from '#event-store';
import type { Logger } from '#service-host';
import { outputsDecider, type OutputsCommand } from '../outputs/decider.ts';
import { isAnswered, type Outputs } from '../outputs/outputs.ts';
import { storesOf, type Claimed, type CopyTask, type DeleteTask, type Kind, type PrepareTask, type Task } from './task.ts';
import type { WorkTable } from './work-table.ts';

export type Clock = () => Time;

export interface Surroundings {
  /** Raised when nobody wants the outcome any more. */
  readonly signal: AbortSignal;
  readonly report: (progress: CopyProgressBody) => void;
  /** The outputs path has gone for good: nothing must be made there again. */
  readonly isDeleted: boolean;
}

/** Looks at the world, does what is still to be done, and says what has then happened. Safe to repeat from any point. */
export interface Performer<T extends Task> {
  perform(task: Claimed<T>, surroundings: Surroundings): Promise<OutputsCommand>;
  /** Trying again won't help. */
  isFinal?(error: unknown): boolean;
  /** How it is told that it could not be done; without it, it is tried for ever. */
  failed?(task: Claimed<T>, error: unknown): OutputsCommand | Promise<OutputsCommand>;
}

export interface Performers {
  readonly prepare: Performer<PrepareTask>;
  readonly copy: Performer<CopyTask>;
  readonly delete: Performer<DeleteTask>;
}

/** Copies may take hours, so what is quick never waits for one. */
const lanes: readonly { readonly kinds: readonly Kind[]; readonly atOnce: number }[] = [
  { kinds: ['prepare', 'delete'], atOnce: 4 },
  { kinds: ['copy'], atOnce: 4 },
];
const idlePollMs = 1000;
const retryDelayMs = 20;
const retryDelayMsMax = 30_000;

interface Running {
  readonly task: Claimed;
  readonly cancellation: AbortController;
  /** Its row is being given up, so its absence means nothing. */
  isLeaving: boolean;
}

export interface WorkerParts {
  readonly store: EventStore;
  readonly table: WorkTable;
  readonly performers: Performers;
  readonly log: Logger;
  /** Leases are renewed so often; several times before one runs out. */
  readonly renewMs: number;
  /** Another instance has taken a copy over while this one was at it: two must never write one folder, so this process has to end. */
  readonly usurped: (task: Task) => void;
  /** There are several: what waits for one that is away must not hold up what is for another. */
  readonly areStoresApart?: boolean;
}

/** Level-based: looks at the table when woken and from time to time; what it holds there is all it knows. */
export class Worker {
  readonly #running = new Map<string, Running>();
  readonly #endings = new Set<Promise<void>>();
  readonly #pause = new Pause();
  #loop: Promise<void> | undefined;

  constructor(private readonly parts: WorkerParts) {}

  start(): void {
    this.#loop ??= this.#run();
  }

  /** There may be something new. */
  wake(): void {
    this.#pause.wake();
  }

  /**
   * Takes nothing new and waits `patienceMs` for what is under way. A long copy is left as it is: its lease runs out, and the next process goes on in what is
   * there already.
   */
  async stop(patienceMs = 3000): Promise<void> {
    this.#pause.end();
    await this.#loop;
    const late = new Promise<void>((resolve) => setTimeout(resolve, patienceMs).unref());
    await Promise.race([Promise.all(this.#endings), late]);
  }

  async #run(): Promise<void> {
    while (!this.#pause.isOver) {
      this.#pause.begin();
      try {
        await this.#renew();
        for (const { kinds, atOnce } of lanes) await this.#takeOf(kinds, atOnce);
      } catch (error) {
        this.parts.log.warn({ err: error }, 'the work table could not be read');
      }
      await this.#pause.rest(this.#running.size > 0 ? this.parts.renewMs : idlePollMs);
    }
  }

  async #renew(): Promise<void> {
    if (this.#running.size === 0) return;
    const held = [...this.#running.values()];
    const ours = await this.parts.table.renew(held.map(({ task }) => task.id));
    for (const { task, cancellation, isLeaving } of held) {
      const state = ours.get(task.id);
      if (state?.isCancelled) cancellation.abort();
      if (!state && !isLeaving && task.kind === 'copy') this.parts.usurped(task);
    }
  }

  async #takeOf(kinds: readonly Kind[], atOnce: number): Promise<void> {
    if (!this.parts.areStoresApart) return this.#take(kinds, atOnce);
    for (const stores of await this.parts.table.stores(kinds)) await this.#take(kinds, atOnce, stores);
  }

  async #take(kinds: readonly Kind[], atOnce: number, stores?: string): Promise<void> {
    const busy = [...this.#running.values()].filter(({ task }) => kinds.includes(task.kind) && (stores === undefined || storesOf(task) === stores)).length;
    const tasks = await this.parts.table.claim(kinds, atOnce - busy, [...this.#running.keys()], stores);
    for (const task of tasks) {
      const running: Running = { task, cancellation: new AbortController(), isLeaving: false };
      this.#running.set(task.id, running);
      const ending = onErrand(errandFor(task.cause, task.experimentId), () => inSpan(`${task.kind} outputs`, { attributes: { 'polyaxon.tries': task.tries } }, () => this.#see(running))).finally(() => {
        this.#running.delete(task.id);
        this.parts.table.release(task.id);
        this.#endings.delete(ending);
        this.wake(); // for whatever waited behind it
      });
      this.#endings.add(ending);
    }
  }

  /** To its end, or to its next try. */
  async #see(running: Running): Promise<void> {
    const { task } = running;
    const { kind, experimentId, tries } = task;
    try {
      const command = await this.#outcome(task, running.cancellation.signal);
      running.isLeaving = true;
      await this.#tell(task, command);
    } catch (error) {
      if (this.#pause.isOver) return; // the connections are being closed: the next process looks again
      running.isLeaving = true;
      const delayMs = Math.min(retryDelayMsMax, retryDelayMs * 2 ** Math.min(tries, 20));
      this.parts.log.warn({ err: error, kind, experimentId, tries: tries + 1 }, 'a task failed and is tried again');
      await this.parts.table.retryLater(task.id, delayMs, error instanceof Error ? error.message : String(error)).catch(() => undefined); // the lease runs out by itself
      setTimeout(() => this.wake(), delayMs + 1).unref();
    }
  }

  /** Null: it has been told before. */
  async #outcome(task: Claimed, signal: AbortSignal): Promise<OutputsCommand | null> {
    const history = await this.parts.store.load(streamOf(task));
    const outputs = evolveAll(outputsDecider, history as unknown as OutputsEvent[]);
    if (isTold(task, outputs)) return null;
    const performer = this.parts.performers[task.kind] as Performer<Task>;
    const report = (progress: CopyProgressBody) => void this.parts.table.report(task.id, progress).catch(() => undefined); // it is only shown
    try {
      return await performer.perform(task, { signal, report, isDeleted: outputs.isDeleted });
    } catch (error) {
      const isOver = performer.isFinal?.(error) === true || (kindOf(error) !== 'transient' && task.tries + 1 >= maxTries);
      if (!performer.failed || !isOver) throw error;
      this.parts.log.warn({ err: error, kind: task.kind, experimentId: task.experimentId }, 'a task has failed');
      return await performer.failed(task, error);
    }
  }

  /** What has happened is told, and the task is gone, in one transaction. */
  async #tell(task: Claimed, command: OutputsCommand | null): Promise<void> {
    const { store, table } = this.parts;
    await store.transaction(async (on) => {
      const isOurs = await table.finish(on, task.id);
      if (isOurs && command) await store.handleIn(on, streamOf(task), outputsDecider, [command], task.cause);
    });
  }
}

export function streamOf({ originalExperimentId }: Pick<Task, 'originalExperimentId'>): StreamName {
  return `outputs-${originalExperimentId}`;
}

function isTold({ kind, experimentId, payload }: Task, outputs: Outputs): boolean {
  const { copy, isDeleted } = outputs;
  switch (kind) {
    case 'prepare':
      return isAnswered(outputs, experimentId, payload.attempt);
    case 'copy':
      return copy?.experimentId !== experimentId || copy.state !== 'running';
    case 'delete':
      return isDeleted;
    default:
      return kind satisfies never;
  }
}
