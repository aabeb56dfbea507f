// When does what happen, if everything that could happen now may happen in any order?
import type { Random } from '#testing';

/** Something that will happen, once, some time from `at` on. */
export interface Happening {
  readonly at: number;
  /** For the trace; undefined: not worth telling. */
  readonly what: string | undefined;
  /** It won't happen any more when this is true. */
  readonly isOff?: () => boolean;
  happen(): unknown;
}

const epochMs = Date.UTC(2026, 10, 22);
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Virtual time: among all that is due one is drawn, and when nothing is, time goes on to the next. */
export class Clock {
  #nowMs = 0;
  #agenda: Happening[] = [];

  constructor(private readonly random: Random) {}

  get nowMs(): number {
    return this.#nowMs;
  }

  readonly now = (): Date => new Date(epochMs + this.#nowMs);

  plan(afterMs: number, what: string | undefined, happen: () => unknown, isOff?: () => boolean): Happening {
    const happening = { at: this.#nowMs + afterMs, what, happen, ...(isOff && { isOff }) };
    this.#agenda.push(happening);
    return happening;
  }

  cancel(happening: Happening): void {
    this.#agenda = this.#agenda.filter((one) => one !== happening);
  }

  /** One of the things that are due happens, with all that follows from it at once. */
  async step(tell: (what: string) => void): Promise<void> {
    this.#agenda = this.#agenda.filter(({ isOff }) => !isOff?.());
    let due = this.#agenda.filter(({ at }) => at <= this.#nowMs);
    if (due.length === 0) {
      this.#nowMs = this.#agenda.reduce((earliest, { at }) => Math.min(earliest, at), Infinity);
      if (this.#nowMs === Infinity) throw new Error('nothing will ever happen again');
      due = this.#agenda.filter(({ at }) => at <= this.#nowMs);
    }
    const next = this.random.pick(due);
    this.cancel(next);
    this.#nowMs += this.random.below(4);
    if (next.what) tell(`${String(this.#nowMs).padStart(6)} ms  ${next.what}`);
    next.happen();
    await settled();
  }

  /** What the shipping code takes for the time and for chance is the story's; the answer puts the real ones back. */
  takeOver(): () => void {
    const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, random: Math.random };
    Object.assign(globalThis, {
      setTimeout: (happen: () => unknown, afterMs = 0) => Object.assign(this.plan(afterMs, undefined, happen), { unref: () => undefined }),
      clearTimeout: (happening?: Happening) => happening && this.cancel(happening),
    });
    Math.random = this.random.next;
    return () => {
      Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
      Math.random = real.random;
    };
  }
}
