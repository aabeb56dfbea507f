// What does a carrier tell of how far it is?
import { isPassingFailure, SourceMoves, storeProblemOf, type CarryNotes, type CarryOrder, type CarryStatus, type Pass } from '#storage';

/** A file that never holds still is worth a word after so many times the lag. */
const patience = 3;

export class Report {
  readonly #warnings = new Set<string>();
  #failures = 0;
  #files = 0;
  #sizeBytes = 0;
  #oldestMs: number | undefined;
  #failingSince: number | undefined;

  constructor(
    private readonly order: CarryOrder,
    private readonly notes: CarryNotes,
    private readonly nowMs: () => number,
  ) {}

  isPassing(error: unknown): boolean {
    return isPassingFailure(error) || error instanceof SourceMoves;
  }

  async passed({ files, sizeBytes, waiting, links, oldestCarriedMs }: Pass): Promise<void> {
    this.#files += files;
    this.#sizeBytes += sizeBytes;
    this.#failingSince = undefined;
    const [oldest] = [...waiting].sort((one, other) => one.changedAtMs - other.changedAtMs);
    this.#oldestMs = oldest?.changedAtMs ?? oldestCarriedMs ?? undefined; // of one that has just got there: how late it did
    if (links.length > 0) this.#warnings.add(`links are not carried to the store: ${links[0]}${links.length > 1 ? ' and others' : ''}`);
    await this.#tell();
  }

  async failed(error: unknown): Promise<void> {
    this.#failures += 1;
    this.#failingSince ??= this.nowMs();
    const store = this.order.store ?? this.order.references[0]?.store;
    const message = store && !(error instanceof SourceMoves) ? storeProblemOf(error, store).message : (error as Error).message;
    if (this.nowMs() - this.#failingSince > 1000 * this.order.lagSeconds) this.#warnings.add(`the outputs are not carried to the store for the moment: ${message}`);
    process.stderr.write(`${(error as Error).stack}\n`);
    await this.#tell();
  }

  async #tell(): Promise<void> {
    const since = Math.min(this.#oldestMs ?? Infinity, this.#failingSince ?? Infinity);
    const lagSeconds = Number.isFinite(since) ? Math.max(0, (this.nowMs() - since) / 1000) : 0;
    if (lagSeconds > patience * this.order.lagSeconds && this.#failingSince === undefined) {
      this.#warnings.add(`outputs are written without a pause for longer than ${patience * this.order.lagSeconds} s and get into the store at the end only; write to another name and rename`);
    }
    const status: CarryStatus = { lagSeconds, files: this.#files, sizeBytes: this.#sizeBytes, failures: this.#failures, warnings: [...this.#warnings] };
    if (this.notes.isThere) await this.notes.say('status', status);
  }
}
