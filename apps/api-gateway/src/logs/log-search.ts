// Where in a log of any size does something stand, without holding up anybody else?
import { Worker } from 'node:worker_threads';
import { Refusal } from '#decider';
import { expressionOf, type Kept, type Matches, type Wanted } from './matching-lines.ts';
import type { SearchAnswer, SearchOrder } from './search-thread.ts';

/** A thread runs what was built, also when this file itself is run from its source. */
const builtThread = new URL('./search-thread.js', import.meta.url.replace(/(?:\/dist)?\/apps\/(?!.*\/apps\/)/, '/dist/apps/'));
const searchesMax = 4;
/** For one portion of the text, most of which take a millisecond; an expression may need for ever. */
const portionWithinMs = 2000;
const wholeWithinMs = 120_000;
/** Sent ahead while the thread works: it never waits for a message. */
const aheadMax = 4;
/** Fewer and larger portions: each is a message to the thread and one back. */
const portionBytes = 1024 * 1024;

export interface SearchLimits {
  readonly portionWithinMs: number;
  readonly wholeWithinMs: number;
}

export class LogSearch {
  #running = 0;

  constructor(
    private readonly limits: SearchLimits = { portionWithinMs, wholeWithinMs },
    private readonly thread = builtThread,
  ) {}

  /** Each search has a thread of its own, which ends with it, or when whoever asked has gone. */
  async find(content: AsyncIterable<Uint8Array>, wanted: Wanted, kept: Kept, gone: AbortSignal): Promise<Matches> {
    refuseUnreadable(wanted);
    if (this.#running >= searchesMax) throw new Refusal('too-many-requests', `${searchesMax} logs are being searched already; try again in a moment`);
    this.#running += 1;
    const worker = new Worker(this.thread, { workerData: { wanted, kept } satisfies SearchOrder, resourceLimits: { maxOldGenerationSizeMb: 256 } });
    try {
      const conversation = new Conversation(worker, this.limits.portionWithinMs, wanted.text);
      const deadline = performance.now() + this.limits.wholeWithinMs;
      for await (const portion of inPortions(content)) {
        if (gone.aborted) break;
        if (performance.now() > deadline) throw tooLong(wanted.text);
        await conversation.send(portion);
      }
      return await conversation.end();
    } finally {
      this.#running -= 1;
      await worker.terminate();
    }
  }
}

/** What is sent is answered in order, each portion within its time. */
class Conversation {
  #open = 0;
  #matches: Matches | undefined;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(
    private readonly worker: Worker,
    private readonly withinMs: number,
    private readonly text: string,
  ) {
    worker.on('message', (answer: SearchAnswer) => {
      if ('matches' in answer) this.#matches = answer.matches;
      this.#open -= 1;
      this.#wake();
    });
    worker.on('error', (error: Error & { code?: string }) => {
      this.#failure = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new Refusal('request-invalid', `searching for ${shown(text)} took too much memory: make it simpler`) : error;
      this.#wake();
    });
  }

  async send(portion: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#post(portion);
    while (this.#open >= aheadMax) await this.#next();
  }

  async end(): Promise<Matches> {
    this.#post(null);
    while (!this.#matches) await this.#next();
    return this.#matches;
  }

  #post(portion: Uint8Array<ArrayBuffer> | null): void {
    this.worker.postMessage(portion, portion ? [portion.buffer] : []);
    this.#open += 1;
  }

  async #next(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const before = this.#open;
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      if (this.#failure || this.#open < before) return resolve();
      timer = setTimeout(() => reject(tooLong(this.text)), this.withinMs);
    }).finally(() => clearTimeout(timer));
    if (this.#failure) throw this.#failure;
  }
}

async function* inPortions(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let [parts, length]: [Uint8Array[], number] = [[], 0];
  for await (const chunk of content) {
    parts.push(chunk);
    length += chunk.length;
    if (length < portionBytes) continue;
    yield joined(parts, length);
    [parts, length] = [[], 0];
  }
  if (length > 0) yield joined(parts, length);
}

/** In memory of its own, which goes to the thread. */
function joined(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function refuseUnreadable(wanted: Wanted): void {
  try {
    expressionOf(wanted);
  } catch (error) {
    throw new Refusal('request-invalid', `${shown(wanted.text)} is no regular expression: ${(error as Error).message}`, 'search for it as plain text: leave regex out');
  }
}

function tooLong(text: string): Refusal {
  return new Refusal('request-invalid', `searching for ${shown(text)} takes too long: make it simpler, or search for plain text`);
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
