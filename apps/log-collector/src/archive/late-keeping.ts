// How do logs get into a store that was away when they were to be kept there?
import { LeaseLost } from '#event-store';
import { keep, removeWritten, type KeepingParts } from './kept-logs.ts';

const againAfterMs = 5000;

/** Beside all else: an upload, or a store that says nothing, must not hold up what is printed now. Only of runs that are over, so that nothing newer can be overtaken. */
export class LateKeeping {
  #isAtIt = false;
  /** Of `performance.now()`. */
  #notBefore = 0;

  constructor(private readonly parts: KeepingParts) {}

  look(): void {
    if (!this.parts.kept || this.#isAtIt || performance.now() < this.#notBefore) return;
    this.#isAtIt = true;
    void this.#keepAll()
      .catch((error: unknown) => {
        if (!(error instanceof LeaseLost)) this.parts.log.warn({ err: error }, 'logs that are not in the store yet could not be put there; it is tried again');
      })
      .finally(() => {
        this.#isAtIt = false;
        this.#notBefore = performance.now() + againAfterMs;
      });
  }

  async #keepAll(): Promise<void> {
    const { table, kept } = this.parts;
    const unkept = await table.unkept();
    if (unkept.length === 0 || (await kept?.problem()) !== undefined) return;
    for (const archive of unkept) {
      await keep(this.parts, archive, archive.end);
      if (await table.kept(archive.experimentId)) await removeWritten(this.parts, archive);
      else await kept?.remove(archive.logsPath); // it was deleted meanwhile
    }
  }
}
