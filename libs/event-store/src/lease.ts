// Which instance of a service does what only one may do, and how is one that has slept through a takeover kept from acting?
import { setTimeout as pass } from 'node:timers/promises';
import pg, { type Pool } from 'pg';
import type { Queryable } from './event-store.ts';

/** Another instance has it, or nobody can be sure: whatever was about to be done is left to whoever has it. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** What a worker that must be alone asks. */
export interface Standing {
  readonly isHeld: boolean;
  /** Before each effect on the world. Throws `LeaseLost`. By a clock that goes on while this process is paused, so that waking up it acts on nothing. */
  confirm(): void;
  /** As the last thing in a transaction: one of a former holder is refused. Throws `LeaseLost`. */
  confirmIn(on: Queryable): Promise<void>;
}

/** Of who is alone by other means, such as a simulation. */
export const alone: Standing = { isHeld: true, confirm: () => undefined, confirmIn: async () => undefined };

export interface LeaseObserver {
  /** The epoch is that of the holder; null: not held here any more. */
  changed(epoch: number | null): void;
  refused(): void;
  /** It fails and tries again. */
  failed(error: unknown): void;
}

export interface LeaseOptions {
  /** Who gives no sign for so long is replaced. */
  readonly seconds: number;
  readonly observer?: Partial<LeaseObserver>;
}

const confirm = { name: 'confirm-lease', text: `SELECT FROM event_store.leases WHERE name = $1 AND epoch = $2 FOR SHARE` };
const standbyPollMs = 250;
const retryMs = 500;
/** Longer than a transaction that is left open may block a takeover. */
const answerWithinMs = 20_000;

/**
 * standing by -> held: a lock of a session in the database, which ends at once with a process that dies, and after `seconds` with one that is paused or cut off ->
 * lost: standing by again. Each takeover raises the epoch in the lease's row; whoever writes compares its own in the same transaction. Holding is believed only for
 * three quarters of the time after the last sign, so the former holder stops acting before the next one begins.
 */
export class Lease implements Standing {
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #client: pg.Client | undefined;
  #epoch: number | null = null;
  #believedUntilMs = -Infinity;
  #wake = new AbortController();

  constructor(
    private readonly pool: Pool,
    readonly name: string,
    private readonly options: LeaseOptions,
  ) {}

  /** Resolves when it is held, or by another, or can't be asked for now: who is alone begins at once. */
  async start(): Promise<void> {
    await new Promise<void>((asked) => {
      this.#running ??= this.#run(asked);
    });
  }

  /** Gives it back, so that the next one need not wait. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.#running;
  }

  /** Null: not held here. */
  get epoch(): number | null {
    return this.isHeld ? this.#epoch : null;
  }

  get isHeld(): boolean {
    return this.#epoch !== null && performance.now() < this.#believedUntilMs;
  }

  confirm(): void {
    if (!this.isHeld) this.#refuse();
  }

  async confirmIn(on: Queryable): Promise<void> {
    const epoch = this.#epoch;
    this.confirm();
    const { rowCount } = await on.query({ ...confirm, values: [this.name, epoch] });
    if (rowCount !== 1) this.#refuse();
  }

  #refuse(): never {
    this.options.observer?.refused?.();
    throw new LeaseLost(`another instance has taken over: ${this.name}`);
  }

  async #run(asked: () => void): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      let waitMs = standbyPollMs;
      try {
        this.#wake = new AbortController();
        const isHeld = await this.#acquire();
        asked();
        if (isHeld) await this.#keep();
      } catch (error) {
        asked();
        waitMs = retryMs;
        if (!this.#stopping.signal.aborted) this.options.observer?.failed?.(error);
        await this.#leave();
      }
      await pass(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
    await this.#leave();
  }

  async #acquire(): Promise<boolean> {
    const client = (this.#client ??= await this.#connect());
    const { rows } = await client.query<{ held: boolean }>(`SELECT pg_try_advisory_lock(hashtext('lease'), hashtext($1)) AS held`, [this.name]);
    if (!rows[0]?.held) return false;
    const raised = await client.query<{ epoch: string }>(
      `INSERT INTO event_store.leases (name, epoch) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET epoch = event_store.leases.epoch + 1, taken_at = clock_timestamp() RETURNING epoch`,
      [this.name],
    );
    await this.#sign(client);
    this.#epoch = Number(raised.rows[0]?.epoch);
    this.options.observer?.changed?.(this.#epoch);
    return true;
  }

  async #keep(): Promise<void> {
    const client = this.#client as pg.Client;
    while (!this.#stopping.signal.aborted) {
      await pass(this.#ms / 4, undefined, { signal: AbortSignal.any([this.#stopping.signal, this.#wake.signal]) }).catch(() => undefined);
      if (!this.#stopping.signal.aborted) await this.#sign(client);
    }
  }

  /** Believed from before the question: the server counts from after it. */
  async #sign(client: pg.Client): Promise<void> {
    const askedMs = performance.now();
    await client.query('SELECT 1');
    this.#believedUntilMs = askedMs + (this.#ms * 3) / 4;
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.pool.options.connectionString, application_name: `lease: ${this.name}`, keepAlive: true, query_timeout: answerWithinMs, connectionTimeoutMillis: 10_000 });
    client.on('error', () => this.#wake.abort()); // the next sign fails
    try {
      await client.connect();
      await client.query(`SET idle_session_timeout = ${this.#ms}`);
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  async #leave(): Promise<void> {
    const [client, wasHeld] = [this.#client, this.#epoch !== null];
    this.#client = undefined;
    this.#epoch = null;
    this.#believedUntilMs = -Infinity;
    if (wasHeld) this.options.observer?.changed?.(null);
    await client?.end().catch(() => undefined);
  }

  get #ms(): number {
    return this.options.seconds * 1000;
  }
}
