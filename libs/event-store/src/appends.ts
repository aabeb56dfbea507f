// Who is told at once that something was appended, by whichever process?
import type { Pool, PoolClient } from 'pg';
import { wakeChannel } from './event-store.ts';

const againMs = 1000;

/** One connection for all who listen, while there are any. A word that is lost with it costs its listeners a poll: they look by themselves, too. */
export class Appends {
  readonly #listeners = new Set<() => void>();
  #opening: Promise<void> | undefined;
  #client: PoolClient | undefined;

  constructor(private readonly pool: Pool) {}

  /** The answer ends it. */
  listen(onAppended: () => void): () => void {
    this.#listeners.add(onAppended);
    this.#keepOpen();
    return () => {
      this.#listeners.delete(onAppended);
      if (this.#listeners.size === 0) this.#leave();
    };
  }

  #keepOpen(): void {
    if (this.#client || this.#listeners.size === 0) return;
    this.#opening ??= this.#open()
      .catch(() => void setTimeout(() => this.#keepOpen(), againMs).unref())
      .finally(() => (this.#opening = undefined));
  }

  async #open(): Promise<void> {
    const client = await this.pool.connect();
    const broken = (): void => {
      if (this.#client !== client) return;
      this.#leave();
      setTimeout(() => this.#keepOpen(), againMs).unref();
    };
    client.on('error', broken).on('end', broken);
    client.on('notification', () => this.#listeners.forEach((tell) => tell()));
    try {
      await client.query(`LISTEN ${wakeChannel}`);
    } catch (error) {
      client.release(true);
      throw error;
    }
    this.#client = client;
    if (this.#listeners.size === 0) this.#leave(); // all have gone meanwhile
  }

  /** The connection goes with it: another user of it would hear what it did not ask for. */
  #leave(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.release(true);
  }
}
