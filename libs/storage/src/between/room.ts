// How much may be on its way between two stores at once?

/** Below that, memory is had and given back as usual. */
const pooledBytes = 1024 * 1024;

/** Bytes that are in memory; one that is larger than all of the room goes alone. What is large is used again and again: given back, it would stay for long before anybody collects it. */
export class Room {
  #free: number;
  readonly #spare: Buffer[] = [];
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = [];

  constructor(private readonly bytes: number) {
    this.#free = bytes;
  }

  /** `work` may use the buffer until it ends. */
  async take<Result>(bytes: number, work: (buffer: Buffer) => Promise<Result>): Promise<Result> {
    const share = Math.min(bytes, this.bytes);
    await new Promise<void>((enter) => {
      this.#waiting.push({ bytes: share, enter });
      this.#admit();
    });
    const whole = bytes < pooledBytes ? Buffer.allocUnsafe(bytes) : this.#pooled(bytes);
    try {
      return await work(whole.subarray(0, bytes));
    } finally {
      if (bytes >= pooledBytes) this.#spare.push(whole);
      this.#free += share;
      this.#admit();
    }
  }

  /** The smaller ones go when a larger one is needed, so that no more is kept than the room has. */
  #pooled(bytes: number): Buffer {
    const fitting = this.#spare.findIndex(({ length }) => length >= bytes);
    if (fitting >= 0) return this.#spare.splice(fitting, 1)[0]!;
    this.#spare.pop();
    return Buffer.allocUnsafeSlow(bytes);
  }

  /** In the order they came, or a large one would wait for ever. */
  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined && next.bytes <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.bytes;
      next.enter();
    }
  }
}
