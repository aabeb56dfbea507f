// How is a polyaxonfile compiled without holding up anybody else?
import { Worker } from 'node:worker_threads';
import { Refusal } from '#decider';
import type { Hptuning } from '#polyaxonfile';
import type { Suggestion, Trial } from '../group/search/search.ts';
import type { Compiled, CompiledGroup, CompiledGroupChange, GroupCompiler, GroupLimits } from './specification.ts';

export type Request =
  | { readonly what: 'experiment'; readonly content: string; readonly overrides: readonly string[] }
  | { readonly what: 'kind'; readonly content: string; readonly overrides: readonly string[] }
  | { readonly what: 'group'; readonly content: string; readonly overrides: readonly string[]; readonly limits: GroupLimits }
  | { readonly what: 'group-change'; readonly content: string; readonly change: string; readonly limits: GroupLimits }
  | { readonly what: 'search'; readonly hptuning: Hptuning; readonly past: readonly (readonly Trial[])[] };

export type Answer =
  | { readonly result: unknown }
  | { readonly refusal: { readonly code: string; readonly message: string; readonly fix?: string } }
  /** A mistake of ours. */
  | { readonly fault: string };

/** A thread runs what was built, also when this file itself is run from its source. */
const builtThread = new URL('./polyaxonfile-thread.js', import.meta.url.replace(/(?:\/dist)?\/apps\/(?!.*\/apps\/)/, '/dist/apps/'));
const waitingMax = 256;
/** A search goes over everything that was tried before. */
const searchTimeoutMs = 60_000;

/** One warm thread, one request at a time; one that takes too long or too much memory is ended and replaced, and its request refused. */
export class PolyaxonfileWorker implements GroupCompiler {
  #thread: Promise<Worker> | undefined;
  /** A thread of its own: a search may take seconds, and nobody's polyaxonfile waits for it. */
  #searcher: PolyaxonfileWorker | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** `warm`: loaded before anybody asks. */
  constructor(
    private readonly timeoutMs = 1000,
    private readonly thread = builtThread,
    warm = true,
  ) {
    if (warm) void this.#warm();
  }

  compile(content: string, overrides: readonly string[]): Promise<Compiled> {
    return this.#inTurn({ what: 'experiment', content, overrides });
  }

  kindOf(content: string, overrides: readonly string[]): Promise<string> {
    return this.#inTurn({ what: 'kind', content, overrides });
  }

  compileGroup(content: string, overrides: readonly string[], limits: GroupLimits): Promise<CompiledGroup> {
    return this.#inTurn({ what: 'group', content, overrides, limits });
  }

  compileGroupChange(content: string, change: string, limits: GroupLimits): Promise<CompiledGroupChange> {
    return this.#inTurn({ what: 'group-change', content, change, limits });
  }

  nextIteration(hptuning: Hptuning, past: readonly (readonly Trial[])[]): Promise<readonly Suggestion[]> {
    this.#searcher ??= new PolyaxonfileWorker(searchTimeoutMs, this.thread, false);
    return this.#searcher.#inTurn({ what: 'search', hptuning, past });
  }

  #inTurn<Result>(request: Request): Promise<Result> {
    if (this.#waiting >= waitingMax) throw new Refusal('too-many-requests', 'too many polyaxonfiles at once; try again in a moment');
    this.#waiting += 1;
    const mine = this.#last.then(() => this.#ask<Result>(request));
    this.#last = mine.catch(() => undefined).finally(() => (this.#waiting -= 1));
    return mine;
  }

  async stop(): Promise<void> {
    await this.#searcher?.stop();
    await this.#last;
    const thread = this.#thread;
    this.#thread = undefined;
    await (await thread?.catch(() => undefined))?.terminate();
  }

  async #ask<Result>(request: Request): Promise<Result> {
    const thread = await this.#warm();
    const answer = await this.#answerOf(thread, request);
    if ('result' in answer) return answer.result as Result;
    if ('refusal' in answer) throw new Refusal(answer.refusal.code, answer.refusal.message, answer.refusal.fix);
    throw new Error(`compiling a polyaxonfile failed: ${answer.fault}`);
  }

  #answerOf(thread: Worker, request: Request): Promise<Answer> {
    return new Promise((resolve) => {
      const settle = (answer: Answer, broken: boolean) => {
        clearTimeout(timer);
        thread.off('message', done).off('error', failed);
        if (broken) this.#replace(thread);
        resolve(answer);
      };
      const done = (answer: Answer) => settle(answer, false);
      const failed = () => settle(tooMuch('memory'), true);
      const timer = setTimeout(() => settle(tooMuch('time'), true), this.timeoutMs);
      thread.on('message', done).on('error', failed);
      thread.postMessage(request);
    });
  }

  /** The thread, once it has loaded what it needs. */
  #warm(): Promise<Worker> {
    if (this.#thread) return this.#thread;
    const ready = new Promise<Worker>((resolve, reject) => {
      const thread = new Worker(this.thread, { resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32 } });
      thread.unref();
      thread.once('message', () => resolve(thread)).on('error', reject);
    });
    ready.catch(() => (this.#thread = undefined)); // told to whoever asks; the next one tries anew
    this.#thread = ready;
    return ready;
  }

  #replace(thread: Worker): void {
    this.#thread = undefined;
    thread.terminate().catch(() => undefined);
    void this.#warm();
  }
}

function tooMuch(what: 'time' | 'memory'): Answer {
  return { refusal: { code: 'polyaxonfile-invalid', message: `the polyaxonfile took too much ${what}: make it simpler`, fix: 'polyaxon check -f polyaxonfile.yml' } };
}
