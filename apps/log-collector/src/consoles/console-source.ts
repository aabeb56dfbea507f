// Where is console output followed from, and what can be asked of it?

/**
 * What one attempt prints, kept where it runs until it is archived. The bytes before any offset never change, so whoever knows how far it came can go on there;
 * that no more will come is not told here but by the end of the run.
 */
export interface Console {
  /** Bytes from `offset` on, as many as are there and fit; 0: none so far. */
  read(into: Buffer, offset: number): Promise<number>;
  /** Printed so far. */
  sizeBytes(): Promise<number>;
  /** When the last of it was printed, or came here, in ms since 1970; null: nothing was. */
  changedAtMs(): Promise<number | null>;
  /** Calls `grown` within 50 ms of something printed, and now and then without a reason; until it is closed. */
  watch(grown: () => void): void;
  /** The program has ended: not given where nothing more can come then. What comes nevertheless is refused; how many bytes were printed and will never be here. */
  seal?(): Promise<number>;
  close(): Promise<void>;
}

/** There is none under that address any more. */
export class ConsoleGone extends Error {
  override readonly name = 'ConsoleGone';
}

export interface ConsoleSource {
  /** `console` as `RunStarted` tells it. Throws `ConsoleGone`. */
  open(console: string): Promise<Console>;
  /** It is archived. Not given: whoever made it removes it. */
  remove?(console: string): Promise<void>;
}
