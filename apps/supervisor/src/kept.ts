// How is something that the platform brings itself, such as its database, kept there until the end?
import { restartAfter } from './restart-policy.ts';

export interface Running {
  readonly pid: number;
  /** Resolves when it is gone, asked for or not. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/** Started again in its place whenever it ends unasked: whoever uses it reconnects by themselves. */
export class Kept {
  readonly #stopping = new AbortController();
  readonly #kept: Promise<void>;

  constructor(
    private readonly name: string,
    private running: Running,
    private readonly startAgain: () => Promise<Running>,
    private readonly tell: (line: string) => void,
  ) {
    this.#kept = this.#keep();
  }

  get pid(): number {
    return this.running.pid;
  }

  /** One that is just being started again is waited for, so that none is left behind. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.running.stop();
    await this.#kept;
    await this.running.stop();
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopping;
    const endedAt: number[] = [];
    for (;;) {
      await this.running.exited;
      if (signal.aborted) return;
      endedAt.push(performance.now());
      const { delayMs, isLooping } = restartAfter(endedAt);
      if (isLooping) this.tell(`${this.name} keeps ending`);
      await new Promise((done) => setTimeout(done, delayMs));
      if (signal.aborted) return;
      await this.startAgain().then(
        (running) => (this.running = running),
        (error: Error) => this.tell(error.message),
      );
    }
  }
}
