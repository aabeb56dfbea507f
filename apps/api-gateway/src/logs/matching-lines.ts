// Which lines of a text have what is searched for, wherever its bytes are cut?
import { StringDecoder } from 'node:string_decoder';
import type { LogHit } from '#contracts';

export interface Wanted {
  readonly text: string;
  /** `text` is a regular expression, for one line. */
  readonly isExpression: boolean;
  readonly matchesCase: boolean;
}

/** Which of the hits are kept; all are counted. */
export interface Kept {
  readonly skip: number;
  readonly limit: number;
}

export interface Matches {
  readonly hits: readonly LogHit[];
  readonly count: number;
  readonly lines: number;
}

/** A line without an end is searched in pieces of this size, so that no line is ever held whole. */
const pieceLength = 1024 * 1024;
/** Of one piece in the next: a shorter text is found wherever a line was cut. */
const overlap = 4096;
const shownLength = 400;
const shownBefore = 100;
/** What colours a text for a terminal, and is no part of it. */
const colours = /\u001b\[[\d;?]*[@-~]/g;

/** Throws a SyntaxError for an expression that is none. */
export function expressionOf({ text, isExpression, matchesCase }: Wanted): RegExp {
  return new RegExp(isExpression ? text : text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), `g${matchesCase ? '' : 'i'}`);
}

/** Counts every line and every hit, and keeps a page of hits. */
export class MatchingLines {
  readonly #expression: RegExp;
  readonly #decoder = new StringDecoder('utf8');
  readonly #hits: LogHit[] = [];
  #rest = '';
  /** The line that `#rest` begins is a hit already. */
  #isCounted = false;
  #lines = 0;
  #count = 0;

  constructor(
    private readonly wanted: Wanted,
    private readonly kept: Kept,
  ) {
    this.#expression = expressionOf(wanted);
  }

  take(chunk: Uint8Array): void {
    const text = this.#rest + this.#decoder.write(chunk);
    const end = text.lastIndexOf('\n');
    this.#rest = text.slice(end + 1);
    if (end >= 0) this.#search(text.slice(0, end));
    if (this.#rest.length > pieceLength) {
      this.#look(this.#rest.replaceAll(colours, ''), this.#lines + 1);
      this.#rest = this.#rest.slice(-overlap);
    }
  }

  end(): Matches {
    this.#rest += this.#decoder.end();
    if (this.#rest !== '') this.#search(this.#rest);
    this.#rest = '';
    return { hits: this.#hits, count: this.#count, lines: this.#lines };
  }

  /** Whole lines, the last one without its end. */
  #search(coloured: string): void {
    const text = coloured.includes('\u001b') ? coloured.replaceAll(colours, '') : coloured;
    if (this.wanted.isExpression || this.#isCounted) {
      for (const line of text.split('\n')) {
        this.#look(line, (this.#lines += 1));
        this.#isCounted = false;
      }
      return;
    }
    // What has no line end in it can be looked for in all lines at once, which is many times as fast.
    let [line, from] = [this.#lines + 1, 0];
    this.#expression.lastIndex = 0;
    for (let found = this.#expression.exec(text); found; found = this.#expression.exec(text)) {
      for (let end = text.indexOf('\n', from); end >= 0 && end < found.index; end = text.indexOf('\n', from)) [line, from] = [line + 1, end + 1];
      const end = text.indexOf('\n', found.index);
      this.#hit(text.slice(from, end < 0 ? undefined : end), line, found.index - from);
      if (end < 0) break;
      this.#expression.lastIndex = end + 1;
    }
    for (let end = text.indexOf('\n', from); end >= 0; end = text.indexOf('\n', from)) [line, from] = [line + 1, end + 1];
    this.#lines = line;
  }

  #look(text: string, line: number): void {
    if (this.#isCounted) return;
    this.#expression.lastIndex = 0;
    const found = this.#expression.exec(text);
    if (found) this.#hit(text, line, found.index);
    this.#isCounted = found !== null;
  }

  #hit(text: string, line: number, at: number): void {
    this.#count += 1;
    if (this.#count <= this.kept.skip || this.#hits.length >= this.kept.limit) return;
    const start = text.length <= shownLength ? 0 : Math.max(0, at - shownBefore);
    this.#hits.push({ line, text: text.slice(start, start + shownLength).replace(/\r$/, '') });
  }
}
