// How much may be on its way between two stores at once?

/** Bytes that are in memory; one that is larger than all of the room goes alone. */
export class Room {
  #free: number;
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = [];

  constructor(private readonly bytes: number) {
    this.#free = bytes;
  }

  async take<Result>(bytes: number, work: () => Promise<Result>): Promise<Result> {
    const share = Math.min(bytes, this.bytes);
    await new Promise<void>((enter) => {
      this.#waiting.push({ bytes: share, enter });
      this.#admit();
    });
    try {
      return await work();
    } finally {
      this.#free += share;
      this.#admit();
    }
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
