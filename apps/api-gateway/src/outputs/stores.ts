// May an experiment be submitted whose outputs are to be kept in that store?
import type { StoreBody } from '#contracts';
import { Refusal } from '#decider';

/** Whoever submits hundreds at once asks the store once; one that has gone since is heard of by its runs. */
const goodForMs = 2000;
/** Longer than the storage-manager waits for the store. */
const answerWithinMs = 8000;

export type AskStore = (name: string, signal: AbortSignal) => Promise<StoreBody>;

/**
 * Asked before anything is written down: a store that can't be used is a refusal, not a run that fails. A storage-manager that doesn't answer is none: its outputs are prepared as soon as
 * it is back, and until then the experiment waits.
 */
export class Stores {
  /** Of those without a problem. */
  readonly #answers = new Map<string, { readonly body: Promise<StoreBody | null>; readonly until: number }>();

  constructor(
    private readonly ask: AskStore,
    private readonly nowMs: () => number,
  ) {}

  async refuseUnusable(name: string): Promise<void> {
    const answer = await this.#answer(name);
    if (!answer?.problem) return;
    const { message, setting } = answer.problem;
    throw new Refusal('store-unusable', `the store of the outputs can not be used: ${message}; look at ${setting}`, `set right what ${setting} says, where the storage-manager is started; then ask again`);
  }

  async #answer(name: string): Promise<StoreBody | null> {
    const known = this.#answers.get(name);
    if (known && known.until > this.nowMs()) return known.body;
    const body = this.ask(name, AbortSignal.timeout(answerWithinMs)).catch(() => null);
    this.#answers.set(name, { body, until: this.nowMs() + goodForMs });
    const answer = await body;
    if (answer?.problem) this.#answers.delete(name); // mended, it is asked at once
    return answer;
  }
}
