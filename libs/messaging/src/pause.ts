// How does a loop rest between its turns without sleeping through what happens meanwhile?

/**
 * Before each look the loop says `begin`; whoever has news for it says `wake`. News that comes during a look is not missed: there is no rest after that look.
 * After `end` there is none at all.
 */
export class Pause {
  #isWoken = false;
  #isOver = false;
  #cut: () => void = () => undefined;

  /** What is told from now on is news. */
  begin(): void {
    this.#isWoken = false;
  }

  wake(): void {
    this.#isWoken = true;
    this.#cut();
  }

  end(): void {
    this.#isOver = true;
    this.#cut();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isWoken(): boolean {
    return this.#isWoken;
  }

  /** True when it was cut short, or didn't even begin. */
  async rest(ms: number): Promise<boolean> {
    return this.#isWoken || this.hold(ms);
  }

  /** As `rest`, but what was told before doesn't count: after a failure it is no reason to try again at once. */
  async hold(ms: number): Promise<boolean> {
    if (this.#isOver) return true;
    return new Promise((resolve) => {
      const finish = (isCut: boolean) => {
        clearTimeout(timer);
        this.#cut = () => undefined;
        resolve(isCut);
      };
      const timer = setTimeout(() => finish(false), ms);
      this.#cut = () => finish(true);
    });
  }
}
