// Who does the blocking work of a copy?
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Reply, Tasks } from './copy-thread.ts';

/** On a network volume a file takes round trips, so one more than a small machine has processors; on a local one they'd only queue for the folder. */
const threadsOfCrew = 3;
/** Run from the sources, as tests are, the thread is the built one: Node can't start it from TypeScript. */
const thread = new URL('./copy-thread.js', import.meta.url.replace(/\/libs\/storage\/src\/volume\/crew\.ts$/, '/dist$&'));

export type Input<Name extends keyof Tasks> = Parameters<Tasks[Name]>[0];
export type Output<Name extends keyof Tasks> = ReturnType<Tasks[Name]>;
/** Its items are shared out among all threads. */
export type SharedTask = { [Name in keyof Tasks]: Input<Name> extends { readonly memory: SharedArrayBuffer } ? Name : never }[keyof Tasks];

/**
 * Threads of their own, because thousands of small blocking calls there are several times faster than asynchronous ones, and because a copy
 * in Node's own few threads would keep everything else in the process from reading a file.
 */
export class Crew {
  static #idle: Crew | undefined;
  readonly #threads = Array.from({ length: threadsOfCrew }, () => new Worker(thread, { execArgv: [] }));
  #fault: Error | undefined;
  #tasks = 0;

  private constructor() {
    for (const worker of this.#threads) {
      worker.unref();
      worker.once('error', (error: Error) => (this.#fault = error));
    }
  }

  static borrow(): Crew {
    const idle = Crew.#idle;
    Crew.#idle = undefined;
    return idle !== undefined && idle.#fault === undefined ? idle : new Crew();
  }

  /** One crew stays, so that the next copy needn't wait for threads to start. Not one still at work: its reply would be taken for another's. */
  giveBack(): void {
    if (this.#fault === undefined && this.#tasks === 0 && Crew.#idle === undefined) Crew.#idle = this;
    else for (const worker of this.#threads) void worker.terminate();
  }

  /** A thread does one task at a time: two at once need two of them. */
  async one<Name extends keyof Tasks>(task: Name, input: Input<Name>, thread: 0 | 1 = 0): Promise<Output<Name>> {
    return this.#perform(this.#threads[thread]!, task, input);
  }

  /** All of them, on one input whose items they share out among themselves. The first error counts, when all have stopped. */
  async all<Name extends SharedTask>(task: Name, input: Input<Name>, onError: () => void): Promise<Output<Name>[]> {
    const settled = await Promise.allSettled(
      this.#threads.map(async (worker) => {
        try {
          return await this.#perform(worker, task, input);
        } catch (error) {
          onError();
          throw error;
        }
      }),
    );
    const failed = settled.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return settled.map((outcome) => (outcome as PromiseFulfilledResult<Output<Name>>).value);
  }

  async #perform<Name extends keyof Tasks>(worker: Worker, task: Name, input: Input<Name>): Promise<Output<Name>> {
    if (this.#fault !== undefined) throw this.#fault;
    worker.ref();
    this.#tasks += 1;
    try {
      worker.postMessage({ task, input });
      const [reply] = (await once(worker, 'message')) as [Reply];
      if ('error' in reply) throw Object.assign(new Error(reply.error.message), { code: reply.error.code });
      return reply.result as Output<Name>;
    } finally {
      this.#tasks -= 1;
      worker.unref();
    }
  }
}
