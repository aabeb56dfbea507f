// How does a service reach its database, and how does it notice that it doesn't?
import pg from 'pg';

/** The server ends a statement that takes longer, and says so. */
const statementMs = 15_000;
/** When not even that is said, nobody is there any more: the connection is thrown away, and what waited for the answer fails. */
const unansweredMs = statementMs + 3000;
const connectMs = 10_000;
const partingMs = 1000;

/** Of every connection of a service. */
export const connectionLimits = {
  statement_timeout: statementMs,
  query_timeout: unansweredMs,
  idle_in_transaction_session_timeout: 10_000,
  connectionTimeoutMillis: connectMs,
  keepAlive: true,
} as const;

/**
 * A pool for `url`. Transactions that are forgotten open would hold back every reader of the order of commits, so the server ends them after 10 s.
 * `max` connections; one more for each `LISTEN`.
 */
export function openPool(url: string, { max = 10, name = 'polyaxon' }: { max?: number; name?: string } = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max, application_name: name, ...connectionLimits });
  // An idle connection that breaks (the database restarts) is replaced at its next use; without a listener it would end the process.
  pool.on('error', () => undefined);
  // The same while it is in use: the query under way fails, and that is enough.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Whether the server has said nothing at all: the connection is of no use any more. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** For a statement that may take its time: the server is told with `SET LOCAL statement_timeout`, the connection with this. */
export function patient(text: string, withinMs: number): pg.QueryConfig {
  return { text, query_timeout: withinMs } as pg.QueryConfig;
}

/**
 * A session that holds a lock. The server ends it, and the lock with it, when it has said nothing for `idleMs`: whoever is paused or cut off is replaced. So its owner
 * gives a sign more often than that.
 */
export class LockSession {
  readonly client: pg.Client;

  constructor(url: string | undefined, name: string, private readonly idleMs: number) {
    this.client = new pg.Client({ connectionString: url, application_name: name, ...connectionLimits, query_timeout: idleMs });
  }

  async open(): Promise<void> {
    await this.client.connect();
    await this.client.query(`SET idle_session_timeout = ${this.idleMs}`);
  }

  /** Ever again, until the function that is returned is called; `onSilence` when it is not answered. */
  giveSigns(everyMs: number, onSilence: () => void): () => void {
    const timer = setInterval(() => void this.client.query('SELECT 1').catch(onSilence), everyMs);
    return () => clearInterval(timer);
  }

  /** Politely when the server answers; one that is cut off can't say goodbye, and is not waited for. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((done) => (timer = setTimeout(done, partingMs)));
    await Promise.race([this.client.end().catch(() => undefined), late]);
    clearTimeout(timer);
    (this.client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }
}
