// What happens to experiments that nobody asks about: whose time is over, or whose program has fallen silent?
import type { Pool } from 'pg';
import { Refusal } from '#decider';
import type { Logger } from '#service-host';
import type { Experiments } from './experiments.ts';
import type { Heartbeats } from './heartbeats.ts';

const everyMs = 30_000;
const silenceMs = 30 * 60_000;
const atOnce = 100;
const actor = 'api-gateway';

export interface UpkeepParts {
  readonly experiments: Pick<Experiments, 'delete' | 'reportStatus'>;
  readonly heartbeats: Heartbeats;
  readonly pool: Pool;
  readonly now: () => Date;
}

/** Looks at what is there, again and again; what is refused today, since others use the outputs, is asked again the next time. */
export class Upkeep {
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(private readonly parts: UpkeepParts) {}

  start(log: Logger): void {
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.once()).catch((error: unknown) => log.warn({ err: error }, 'the upkeep of experiments is tried again'));
    }, everyMs).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async once(): Promise<void> {
    const { experiments, heartbeats, now } = this.parts;
    for (const id of await this.#expired()) await experiments.delete(id, actor).catch(unlessRefused);
    const message = `no sign of life for ${silenceMs / 60_000} minutes`;
    for (const id of await heartbeats.silentSince(new Date(now().getTime() - silenceMs), atOnce))
      await experiments.reportStatus(id, { status: 'failed', message, traceback: null }, actor).catch(unlessRefused);
  }

  /** Done longer ago than their `ttl`; later ones first, so that a resume goes before its original. */
  async #expired(): Promise<number[]> {
    const { rows } = await this.parts.pool.query<{ id: number }>(
      `SELECT id FROM api_gateway.experiments WHERE ttl_seconds IS NOT NULL AND finished_at + ttl_seconds * interval '1 second' <= $1 AND NOT deleted AND NOT is_pinned ORDER BY id DESC LIMIT $2`,
      [this.parts.now(), atOnce],
    );
    return rows.map(({ id }) => id);
  }
}

function unlessRefused(error: unknown): void {
  if (!(error instanceof Refusal)) throw error;
}
