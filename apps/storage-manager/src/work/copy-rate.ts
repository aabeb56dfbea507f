// How fast is a copy, and when will it be complete?
import type { CopyProgressBody } from '#contracts';
import type { CopyProgress } from '#storage';

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

/** Long enough that single large files don't make it jump, short enough that a store which slows down shows. */
const windowMs = 10_000;
const enoughMs = 500;

/** What a former copier did is there at once, and is no speed of this one. */
export class CopyRate {
  #samples: readonly Sample[] = [];

  body({ filesDone, files, bytesDone, bytes }: CopyProgress, nowMs: number): CopyProgressBody {
    const last = this.#samples.at(-1);
    if (last !== undefined && bytesDone < last.bytes) this.#samples = []; // the source changed, and some of it is copied again
    const kept = this.#samples.filter(({ atMs }, index) => atMs >= nowMs - windowMs || index === this.#samples.length - 1);
    this.#samples = [...kept, { atMs: nowMs, bytes: bytesDone }];
    const first = this.#samples[0]!;
    const ms = nowMs - first.atMs;
    const rate = ms < enoughMs ? null : Math.round(((bytesDone - first.bytes) * 1000) / ms);
    const left = rate === null || rate === 0 ? null : Math.ceil((bytes - bytesDone) / rate);
    return { files_done: filesDone, files, bytes_done: bytesDone, bytes, bytes_per_second: rate, seconds_left: left };
  }
}
