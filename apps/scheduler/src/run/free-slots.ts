// Which slots are free, and what does a run wait for that gets none?
import type { LiveRun, Slot } from './live-runs.ts';

/** What is told to one whose group runs as many as it may begins with this. */
export const turnOfGroup = 'waits for its turn';

type Candidate = Pick<LiveRun, 'groupId' | 'groupConcurrency' | 'heldReason'>;

/** Of the whole machine, and of each group. Who takes one says so here, so that the next in line is told the truth. */
export class FreeSlots {
  readonly #taken = new Map<number | null, number>();
  #free: number;

  constructor(
    private readonly slots: number,
    taken: readonly Slot[],
  ) {
    this.#free = slots - taken.length;
    for (const { groupId } of taken) this.#count(groupId);
  }

  /** Null: there is one. What it was told before is still told while it is still true. */
  reasonToHold(run: Candidate): string | null {
    const reasons = [this.#groupIsFull(run), this.#free > 0 ? null : this.#allTaken].filter((reason) => reason !== null);
    return reasons.find((reason) => reason === run.heldReason) ?? reasons[0] ?? null;
  }

  take({ groupId }: Candidate): void {
    this.#free -= 1;
    this.#count(groupId);
  }

  get #allTaken(): string {
    return `waits for one of ${this.slots} slots (POLYAXON_MAX_CONCURRENT_RUNS), all taken by other runs`;
  }

  #groupIsFull({ groupId, groupConcurrency }: Candidate): string | null {
    if (groupId === null || groupConcurrency === null || (this.#taken.get(groupId) ?? 0) < groupConcurrency) return null;
    return `${turnOfGroup}: group ${groupId} runs ${groupConcurrency} at once (hptuning.concurrency)`;
  }

  #count(groupId: number | null): void {
    if (groupId !== null) this.#taken.set(groupId, (this.#taken.get(groupId) ?? 0) + 1);
  }
}
