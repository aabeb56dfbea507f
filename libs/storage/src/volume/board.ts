// How do the threads of one copy share out the work, and how is it watched and stopped?

const next = 0;
const stopped = 1;
const filesDone = 2;
const counters = 3;

/** Memory that all threads see: nothing has to be sent to take a file, to count it, or to stop. */
export class Board {
  readonly #counters: Int32Array;
  readonly #bytesDone: BigInt64Array;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(8 * (counters + 1))) {
    this.#counters = new Int32Array(memory, 8, counters);
    this.#bytesDone = new BigInt64Array(memory, 0, 1);
  }

  /** The items nobody has taken yet, one by one, until there are none or the copy is stopped. */
  *share<Item>(items: readonly Item[]): Generator<Item> {
    while (!this.isStopped) {
      const item = items[Atomics.add(this.#counters, next, 1)];
      if (item === undefined) return;
      yield item;
    }
  }

  /** Before the next list of items is shared. */
  reset(): void {
    Atomics.store(this.#counters, next, 0);
  }

  stop(): void {
    Atomics.store(this.#counters, stopped, 1);
  }

  get isStopped(): boolean {
    return Atomics.load(this.#counters, stopped) === 1;
  }

  addFile(): void {
    Atomics.add(this.#counters, filesDone, 1);
  }

  addBytes(bytes: number): void {
    Atomics.add(this.#bytesDone, 0, BigInt(bytes));
  }

  get filesDone(): number {
    return Atomics.load(this.#counters, filesDone);
  }

  get bytesDone(): number {
    return Number(Atomics.load(this.#bytesDone, 0));
  }
}
