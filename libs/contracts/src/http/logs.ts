// How does somebody find a line in the console output without reading all of it?

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
}
