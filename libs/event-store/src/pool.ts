// How does a service reach its database?
import pg from 'pg';

/**
 * A pool for `url`. Transactions that are forgotten open would hold back every reader of the order of commits, so the server ends them after 10 s.
 * `max` connections; one more for each `LISTEN`.
 */
export function openPool(url: string, { max = 10, name = 'polyaxon' }: { max?: number; name?: string } = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: name,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 10_000,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  // An idle connection that breaks (the database restarts) is replaced at its next use; without a listener it would end the process.
  pool.on('error', () => undefined);
  // The same while it is in use: the query under way fails, and that is enough.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
