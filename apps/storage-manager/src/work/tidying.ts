// Who gives back what uploads occupy that nobody finishes?
import type { Logger } from '#service-host';
import type { FileTree } from '#storage';

const everyMs = 3600_000;
/** Whoever began it had time enough, also to be started again. */
const oldMs = 24 * 3600_000;

/** Copies end their own; this is for copiers that died and were not wanted any more. A store that is away is asked again an hour later. */
export class Tidying {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly tree: FileTree,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.#timer ??= setInterval(() => void this.#tidy(), everyMs).unref();
    void this.#tidy();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #tidy(): Promise<void> {
    try {
      const count = await this.tree.tidy(new Date(Date.now() - oldMs).toISOString());
      if (count > 0) this.log.info({ count }, 'uploads that nobody finished were given up');
    } catch (error) {
      this.log.warn({ err: error }, 'uploads that nobody finished could not be given up');
    }
  }
}
