// May an experiment be submitted whose outputs are to be kept in that store?
import { ServiceUnavailableException } from '@nestjs/common';
import type { StoreBody } from '#contracts';
import { Refusal } from '#decider';
import { defaultStore } from '../experiment/outputs-store.ts';

/** Whoever submits hundreds at once asks the store once; one that has gone since is heard of by its runs. */
const goodForMs = 2000;
/** Longer than the storage-manager waits for the store. */
const answerWithinMs = 8000;

export type AskStore = (name: string, signal: AbortSignal) => Promise<StoreBody>;

/**
 * Asked before anything is written down: a store that can't be used is a refusal, not a run that fails. A storage-manager that doesn't answer is none, as long
 * as the store is known: its outputs are prepared as soon as it is back, and until then the experiment waits.
 */
export class Stores {
  /** Which it was told of at last. */
  #known: readonly string[] = [defaultStore];
  /** Of those without a problem. */
  readonly #answers = new Map<string, { readonly body: Promise<StoreBody | null>; readonly until: number }>();

  constructor(
    private readonly ask: AskStore,
    private readonly nowMs: () => number,
  ) {}

  async refuseUnusable(name: string): Promise<void> {
    const answer = await this.#answer(name);
    if (answer) this.#known = answer.known;
    if (!this.#known.includes(name)) throw answer ? unknown(name, answer.known) : new ServiceUnavailableException(`the storage-manager does not answer whether there is a store ${name}; try again in a moment`);
    if (!answer?.problem) return;
    const { message, setting } = answer.problem;
    throw new Refusal('store-unusable', `the store ${name} of the outputs can not be used: ${message}; look at ${setting}`, `set right what ${setting} says, where the storage-manager is started; then ask again`);
  }

  async #answer(name: string): Promise<StoreBody | null> {
    const known = this.#answers.get(name);
    if (known && known.until > this.nowMs()) return known.body;
    const body = this.ask(name, AbortSignal.timeout(answerWithinMs)).catch(() => null);
    this.#answers.set(name, { body, until: this.nowMs() + goodForMs });
    const answer = await body;
    if (answer ? answer.problem || !answer.known.includes(name) : !this.#known.includes(name)) this.#answers.delete(name); // mended, it is asked at once; and names are the user's
    return answer;
  }
}

function unknown(name: string, known: readonly string[]): Refusal {
  return new Refusal('reference-invalid', `environment.persistence.outputs, or artifact_refs: there is no store ${name.slice(0, 100)}; known are ${known.join(', ')}`, 'name one of them in the polyaxonfile, or none');
}
