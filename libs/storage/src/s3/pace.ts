// How much may be asked of a store at once, and when again after it said no?
import { setTimeout as pause } from 'node:timers/promises';
import { isPassing, requestsMax } from './connection.ts';

const first = 16;
const triesMax = 11;
const delayMs = 50;
const delayMsMax = 5000;
/** Many requests of one moment are refused together: that counts once. */
const calmMs = 250;

/** Additive increase, multiplicative decrease, over everything one tree asks for. */
export class Pace {
  #limit = first;
  #active = 0;
  #slowedAt = 0;
  readonly #waiting: (() => void)[] = [];

  /** Told whenever the store asks for patience, or is away. */
  constructor(private readonly onSlowDown: (error: unknown) => void = () => undefined) {}

  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Repeats what is safe to repeat, until it is done, nobody wants it any more, or the failure is not one that passes. */
  async run<Answer>(request: () => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      await this.#enter();
      try {
        const answer = await request();
        this.#limit = Math.min(requestsMax, this.#limit + 1 / this.#limit);
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

  #slowDown(error: unknown): void {
    this.onSlowDown(error);
    const now = performance.now();
    if (now - this.#slowedAt < calmMs) return;
    this.#slowedAt = now;
    this.#limit = Math.max(1, this.#limit / 2);
  }
}
