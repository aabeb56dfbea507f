// How does somebody find a line in the console output without reading all of it?
import type { Page } from './lists.ts';

/** Answer of GET .../logs/lines. Offsets are those of GET .../logs. */
export interface LineIndexBody {
  readonly lines_apart: number;
  /** Where the first line that was looked at begins, the one `lines_apart` further, and so on. */
  readonly starts: readonly number[];
  /** From the first start on. */
  readonly lines: number;
  /** As far as was looked. */
  readonly end_offset: number;
  /** Nothing will ever come after it. */
  readonly is_complete: boolean;
  /** Who printed what follows, for each that begins in what was looked at. */
  readonly parts: readonly LogPart[];
  /** When something came last, as far as that is known: the program has printed nothing since. */
  readonly grown_at: string | null;
}

export interface LogPart {
  readonly experiment_id: number;
  /** From 1; another one begins when the platform has started its program again. */
  readonly attempt: number;
  /** Its first line, counted as `lines` are, from 0. */
  readonly line: number;
}

/** A line that has what was searched for. */
export interface LogHit {
  /** From 1, as people count. */
  readonly line: number;
  /** Without colours; of a long line what is around the first place. */
  readonly text: string;
}

/** Answer of GET .../logs/search: `count` is how many lines have it in all that there is, however many are on the page. */
export interface LogSearchBody extends Page<LogHit> {
  /** All of them were looked at. */
  readonly lines: number;
  /** There will be no more. */
  readonly is_complete: boolean;
}
