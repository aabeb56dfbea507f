// How much work would be lost if a run ended now?
import type { Pool } from 'pg';
import { gauge, type Logger } from '#service-host';
import { overdueAfterMs } from '../now/needs.ts';
import type { Outputs } from '../outputs/outputs-reader.ts';

const everyMs = 60_000;
/** Those that began first have the most to lose. */
const askedMax = 200;

export interface CheckpointAgesParts {
  readonly pool: Pool;
  /** When the newest checkpoint in an outputs path was written; null: there is none. */
  readonly newestCheckpoint: (outputs: Outputs) => Promise<string | null>;
  readonly now: () => Date;
}

/** Of the experiments that run now, never one series each: the oldest says whether there is something to look at, and the list of experiments what. */
export class CheckpointAges {
  readonly #oldest = gauge('checkpoint_oldest_age_seconds');
  readonly #without = gauge('runs_without_checkpoint');
  readonly #overdue = gauge('runs_checkpoint_overdue');
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(private readonly parts: CheckpointAgesParts) {}

  start(log: Logger): void {
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.once()).catch((error: unknown) => log.warn({ err: error }, 'the ages of checkpoints are not known now'));
    }, everyMs).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async once(): Promise<void> {
    const { pool, newestCheckpoint, now } = this.parts;
    const { rows } = await pool.query<Outputs & { began: Date }>(
      `SELECT outputs_path AS "outputsPath", outputs_store AS "outputsStore", started_at AS began FROM api_gateway.experiments
       WHERE last_status = 'running' AND is_managed AND NOT deleted AND started_at IS NOT NULL ORDER BY started_at LIMIT $1`,
      [askedMax],
    );
    let [oldestMs, without, overdue] = [0, 0, 0];
    for (const { began, ...outputs } of rows) {
      const saved = await newestCheckpoint(outputs);
      const isSince = saved !== null && Date.parse(saved) > began.getTime(); // of a resume, its source's are no work of its own
      if (!isSince) without += 1;
      const ageMs = now().getTime() - (isSince ? Date.parse(saved) : began.getTime());
      if (ageMs >= overdueAfterMs) overdue += 1;
      oldestMs = Math.max(oldestMs, ageMs);
    }
    this.#oldest.set(oldestMs / 1000);
    this.#without.set(without);
    this.#overdue.set(overdue);
  }
}
