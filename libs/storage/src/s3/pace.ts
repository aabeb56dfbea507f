// How much may be asked of a store at once, and when again after it said no?
import { setTimeout as pause } from 'node:timers/promises';
import { isPassing, requestsMax } from './connection.ts';

const first = 16;
const triesMax = 11;
const delayMs = 50;
const delayMsMax = 5000;
/** Many requests of one moment are refused together: that counts once. */
const calmMs = 250;
/** Of the usual time of an answer: one that takes so much longer than at best waited in the store, and more at once would only wait longer. */
const slower = 2;
const memory = 0.05;
/** So many answers are waited for before that is judged. */
const enough = 32;

export interface Asked {
  readonly signal?: AbortSignal | undefined;
  readonly kind?: string;
}

/** Additive increase as long as the store answers as fast as it can, multiplicative decrease when it asks for patience, over everything one tree asks for. */
export class Pace {
  #limit = first;
  #active = 0;
  #slowedAt = 0;
  /** By kinds of requests: each takes its own time. */
  readonly #times = new Map<string, { answers: number; usualMs: number; bestMs: number }>();
  readonly #waiting: (() => void)[] = [];

  /** Told whenever the store asks for patience, or is away. */
  constructor(
    private readonly onSlowDown: (error: unknown) => void = () => undefined,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Repeats what is safe to repeat, until it is done, nobody wants it any more, or the failure is not one that passes. */
  async run<Answer>(request: () => Promise<Answer>, { signal, kind = '' }: Asked = {}): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      await this.#enter();
      try {
        const begun = this.now();
        const answer = await request();
        this.#speedUp(kind, this.now() - begun);
        return answer;
      } catch (error) {
        if (!isPassing(error) || tries === triesMax) throw error;
        this.#slowDown(error);
        if (signal?.aborted === true) throw error;
      } finally {
        this.#leave();
      }
      const delay = Math.min(delayMsMax, delayMs * 2 ** (tries - 1));
      await pause(delay / 2 + (Math.random() * delay) / 2, undefined, { ...(signal && { signal }) });
    }
  }

  async #enter(): Promise<void> {
    while (this.#active >= this.limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#active += 1;
  }

  #leave(): void {
    this.#active -= 1;
    for (let free = this.limit - this.#active; free > 0 && this.#waiting.length > 0; free -= 1) this.#waiting.shift()!();
  }

  #speedUp(kind: string, tookMs: number): void {
    const times = this.#times.get(kind) ?? { answers: 0, usualMs: 0, bestMs: Infinity };
    this.#times.set(kind, times);
    times.answers += 1;
    times.usualMs += (tookMs - times.usualMs) * Math.max(memory, 1 / times.answers);
    if (times.answers >= enough) times.bestMs = Math.min(times.bestMs, times.usualMs);
    if (times.usualMs <= slower * times.bestMs) this.#limit = Math.min(requestsMax, this.#limit + 1 / this.#limit);
  }

  #slowDown(error: unknown): void {
    this.onSlowDown(error);
    const now = this.now();
    if (now - this.#slowedAt < calmMs) return;
    this.#slowedAt = now;
    this.#limit = Math.max(1, this.#limit / 2);
  }
}
