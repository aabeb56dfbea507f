// What is a service process, if it can be killed between any two things it does?
import type { Clock } from './clock.ts';
import type { Random } from '#testing';

/** The database went away in the middle of a commit: whoever asked can't know whether it happened. */
export class ConnectionLost extends Error {
  readonly code = 'ECONNRESET';
}

export interface Faults {
  /** 0: none. */
  rate: number;
}

/**
 * One process of a service from its start to its end. Whatever it does to the world outside it does through `effect`: the story chooses
 * when that takes place, and whether the process lives to hear of it. One that was killed never hears of anything again.
 */
export class Life {
  isOver = false;
  readonly #atEnd: (() => void)[] = [];

  constructor(
    readonly service: string,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly faults: Faults,
    private readonly killed: (life: Life) => void,
  ) {}

  effect<Result>(what: string, happen: () => Result | Promise<Result>, isCommit = false): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const take = async (): Promise<void> => {
        const { rate } = this.faults;
        if (isCommit && this.random.chance(0.01 * rate)) return reject(new ConnectionLost('before the commit'));
        const isLast = this.random.chance(0.004 * rate);
        const isUnheard = isCommit && this.random.chance(0.01 * rate);
        try {
          const result = await happen();
          if (isLast) this.killed(this);
          else if (isUnheard) reject(new ConnectionLost('after the commit'));
          else if (!this.isOver) resolve(result);
        } catch (error) {
          if (!this.isOver) reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      if (!this.isOver) this.clock.plan(this.#delayMs(), `${this.service}: ${what}`, () => void take(), () => this.isOver);
    });
  }

  /** Nothing answers any more, and what it held is let go. */
  end(): void {
    this.isOver = true;
    for (const release of this.#atEnd.splice(0)) release();
  }

  atEnd(release: () => void): void {
    this.#atEnd.push(release);
  }

  /** Mostly none; now and then everything else overtakes it. */
  #delayMs(): number {
    if (this.faults.rate === 0) return this.random.below(3);
    const draw = this.random.below(100);
    if (draw < 85) return this.random.below(3);
    return draw < 99 ? this.random.below(100) : this.random.below(8000);
  }
}
