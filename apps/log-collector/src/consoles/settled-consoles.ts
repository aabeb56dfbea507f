// What goes of the consoles that were sent here, when a crash came between the archiving and the removing?
import type { Logger } from '#service-host';
import type { ConsoleStates } from './console-states.ts';
import type { ReceivedConsoles } from './received-consoles.ts';

const againAfterMs = 60_000;

/** Beside all else, now and then. */
export class SettledConsoles {
  #isAtIt = false;
  /** Of `performance.now()`. */
  #notBefore = 0;

  constructor(
    private readonly received: ReceivedConsoles,
    private readonly states: ConsoleStates,
    private readonly log: Logger,
  ) {}

  look(): void {
    if (this.#isAtIt || performance.now() < this.#notBefore) return;
    this.#isAtIt = true;
    void this.#removeAll()
      .catch((error: unknown) => this.log.warn({ err: error }, 'consoles that are archived could not be removed; it is tried again'))
      .finally(() => {
        this.#isAtIt = false;
        this.#notBefore = performance.now() + againAfterMs;
      });
  }

  async #removeAll(): Promise<void> {
    for (const of of await this.received.all()) if (await this.states.isSettled(of)) await this.received.remove(of);
  }
}
