// Where does each thousandth line begin, and whose is it?
import type { LineIndexBody, LogPart } from '#contracts';

export const linesApart = 1000;
const newline = 10;

/** Where the output of an attempt begins, in bytes. */
export interface AttemptStart {
  readonly experimentId: number;
  readonly attempt: number;
  readonly offset: number;
}

/** Counts lines without keeping any. */
export class LineIndex {
  readonly #starts: number[] = [];
  readonly #parts: LogPart[] = [];
  readonly #expected: AttemptStart[] = [];
  #lines = 0;
  #at: number;
  #lineStart: number;

  constructor(private readonly from: number) {
    this.#at = from;
    this.#lineStart = from;
    this.#starts.push(from);
  }

  get bytesSeenUntil(): number {
    return this.#at;
  }

  /** In the order in which they come; before their bytes do. */
  expect(starts: readonly AttemptStart[]): void {
    this.#expected.push(...starts.filter(({ offset }) => offset >= this.from));
  }

  take(chunk: Uint8Array): void {
    this.#begun();
    for (let found = chunk.indexOf(newline); found >= 0; found = chunk.indexOf(newline, found + 1)) {
      this.#lines += 1;
      this.#lineStart = this.#at + found + 1;
      if (this.#lines % linesApart === 0) this.#starts.push(this.#lineStart);
      if (this.#expected.length > 0 && this.#at + found + 1 < this.#at + chunk.length) this.#begun();
    }
    this.#at += chunk.length;
  }

  /** A last line without an end is one, too. */
  body(isComplete: boolean, grownAt: string | null = null): LineIndexBody {
    const lines = this.#lines + (this.#at > this.#lineStart ? 1 : 0);
    return { lines_apart: linesApart, starts: this.#starts, lines, end_offset: this.#at, is_complete: isComplete, parts: this.#parts, grown_at: grownAt };
  }

  /** Whoever is expected by now has begun with this line. */
  #begun(): void {
    for (let next = this.#expected[0]; next && next.offset <= this.#lineStart; next = this.#expected[0]) {
      this.#expected.shift();
      this.#parts.push({ experiment_id: next.experimentId, attempt: next.attempt, line: this.#lines });
    }
  }
}
