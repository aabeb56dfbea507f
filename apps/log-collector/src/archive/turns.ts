// Whose turn is it, when many have something to do?

/**
 * First come, first served, a few at a time; a turn is short, and who wants another one queues again. Asked for while it waits it is the same turn;
 * asked for while it runs it is one more, since what it is about may have been missed.
 */
export class Turns<Of> {
  readonly #waiting = new Set<Of>();
  readonly #running = new Set<Of>();
  readonly #lanes: Buffer[];
  #isClosed = false;
  #idle: () => void = () => undefined;

  /** Each lane has one buffer of `bufferBytes`: all the memory that turns need. */
  constructor(
    private readonly turn: (of: Of, buffer: Buffer) => Promise<void>,
    lanes: number,
    bufferBytes: number,
  ) {
    this.#lanes = Array.from({ length: lanes }, () => Buffer.alloc(bufferBytes));
  }

  ask(of: Of): void {
    if (this.#isClosed) return;
    this.#waiting.add(of);
    this.#advance();
  }

  /** Nobody gets a turn any more; resolves when those under way are over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting.clear();
    if (this.#running.size > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  #advance(): void {
    for (const of of this.#waiting) {
      if (this.#lanes.length === 0) return;
      if (this.#running.has(of)) continue;
      this.#waiting.delete(of);
      void this.#run(of, this.#lanes.pop()!);
    }
  }

  /** `turn` never rejects. */
  async #run(of: Of, buffer: Buffer): Promise<void> {
    this.#running.add(of);
    await this.turn(of, buffer);
    this.#running.delete(of);
    this.#lanes.push(buffer);
    this.#advance();
    if (this.#running.size === 0) this.#idle();
  }
}
