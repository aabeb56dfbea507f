// Which database does the platform use, and what if it dies?
import { PostgresUnavailable, startEmbeddedPostgres, type EmbeddedPostgres } from '#event-store';
import { CannotStart } from './cannot-start.ts';
import { full } from './home.ts';
import { freePorts } from './ports.ts';
import { restartAfter } from './restart-policy.ts';

/** A Postgres in `folder`, started again on the same port whenever it dies: services reconnect by themselves. */
export class Database {
  readonly url: string;
  #postgres: EmbeddedPostgres;
  #stopping = new AbortController();
  readonly #kept: Promise<void>;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly tell: (line: string) => void,
    first: EmbeddedPostgres,
  ) {
    this.#postgres = first;
    this.url = first.url;
    this.#kept = this.#keep();
  }

  static async start(folder: string, tell: (line: string) => void): Promise<Database> {
    const [port] = (await freePorts(1)) as [number];
    try {
      return new Database(folder, port, tell, await startEmbeddedPostgres({ folder, port }));
    } catch (error) {
      if (!(error instanceof PostgresUnavailable)) throw error;
      if (/No space left|Disk quota/i.test(error.message)) throw full(folder, 0);
      throw new CannotStart(error.message, 'give it a database of your own with POLYAXON_DATABASE_URL=postgres://..., or look at the reason above');
    }
  }

  get pid(): number {
    return this.#postgres.pid;
  }

  /** One that is just being started again is waited for, so that none is left behind. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#postgres.stop();
    await this.#kept;
    await this.#postgres.stop();
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopping;
    const endedAt: number[] = [];
    for (;;) {
      await this.#postgres.exited;
      if (signal.aborted) return;
      endedAt.push(performance.now());
      const { delayMs, isLooping } = restartAfter(endedAt);
      if (isLooping) this.tell('the database keeps ending');
      await new Promise((done) => setTimeout(done, delayMs));
      if (signal.aborted) return;
      await startEmbeddedPostgres({ folder: this.folder, port: this.port }).then(
        (postgres) => (this.#postgres = postgres),
        (error: Error) => this.tell(error.message),
      );
    }
  }
}
