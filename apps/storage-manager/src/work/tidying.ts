// Who gives back what uploads occupy that nobody finishes?
import type { Logger } from '#service-host';
import type { OutputsStores } from '../outputs-stores.ts';

const everyMs = 3600_000;
/** Whoever began it had time enough, also to be started again. */
const oldMs = 24 * 3600_000;

/** Copies end their own; this is for copiers that died and were not wanted any more. A store that is away is asked again an hour later. */
export class Tidying {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly stores: Pick<OutputsStores, 'names' | 'of'>,
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
    await Promise.all(this.stores.names.map((name) => this.#tidyOne(name)));
  }

  async #tidyOne(name: string): Promise<void> {
    try {
      const count = await (await this.stores.of(name)).tidy(new Date(Date.now() - oldMs).toISOString());
      if (count > 0) this.log.info({ store: name, count }, 'uploads that nobody finished were given up');
    } catch (error) {
      this.log.warn({ err: error, store: name }, 'uploads that nobody finished could not be given up');
    }
  }
}
