// Where does each thousandth line begin?
import type { LineIndexBody } from '#contracts';

export const linesApart = 1000;
const newline = 10;

/** Counts lines without keeping any. */
export class LineIndex {
  readonly #starts: number[] = [];
  #lines = 0;
  #at: number;
  #lineStart: number;

  constructor(from: number) {
    this.#at = from;
    this.#lineStart = from;
    this.#starts.push(from);
  }

  get bytesSeenUntil(): number {
    return this.#at;
  }

  take(chunk: Uint8Array): void {
    for (let found = chunk.indexOf(newline); found >= 0; found = chunk.indexOf(newline, found + 1)) {
      this.#lines += 1;
      this.#lineStart = this.#at + found + 1;
      if (this.#lines % linesApart === 0) this.#starts.push(this.#lineStart);
    }
    this.#at += chunk.length;
  }

  /** A last line without an end is one, too. */
  body(isComplete: boolean): LineIndexBody {
    return { lines_apart: linesApart, starts: this.#starts, lines: this.#lines + (this.#at > this.#lineStart ? 1 : 0), end_offset: this.#at, is_complete: isComplete };
  }
}
