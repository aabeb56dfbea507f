// How do calls that come at about the same time share one round trip?

interface Call<Item, Answer> {
  readonly items: readonly Item[];
  readonly done: (answer: Answer) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * What comes in one turn of the event loop, or while others are under way, is done in one go: at most `items` of them, unless a single call brings more, and `atOnce` goes at the
 * same time. A go that fails has failed for all its callers, each of which may then try its own alone.
 */
export class SharedCalls<Item, Answer> {
  #waiting: Call<Item, Answer>[] = [];
  #underWay = 0;
  #isDue = false;

  constructor(
    private readonly work: (items: readonly Item[]) => Promise<Answer>,
    private readonly most: { readonly items: number; readonly atOnce: number },
  ) {}

  call(items: readonly Item[]): Promise<Answer> {
    return new Promise((done, failed) => {
      this.#waiting.push({ items, done, failed });
      this.#soon();
    });
  }

  #soon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      while (this.#waiting.length > 0 && this.#underWay < this.most.atOnce) void this.#go(this.#next());
    });
  }

  /** From the front, as many as fit. */
  #next(): Call<Item, Answer>[] {
    let count = 0;
    const end = this.#waiting.findIndex(({ items }, index) => (count += items.length) > this.most.items && index > 0);
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
  }

  async #go(calls: readonly Call<Item, Answer>[]): Promise<void> {
    this.#underWay += 1;
    try {
      const answer = await this.work(calls.flatMap(({ items }) => items));
      for (const { done } of calls) done(answer);
    } catch (error) {
      for (const { failed } of calls) failed(error);
    } finally {
      this.#underWay -= 1;
      if (this.#waiting.length > 0) this.#soon();
    }
  }
}
