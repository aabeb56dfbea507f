// Where does a test get a real database of its own?
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, createEventStore, EventStore, openPool, startEmbeddedPostgres } from '#event-store';

export interface TestStore {
  readonly store: EventStore;
  readonly url: string;
  close(): Promise<void>;
}

/**
 * An empty event store in a fresh database: on the server of `POLYAXON_TEST_DATABASE_URL` (the test command starts one for all), or else on one started for this
 * test alone.
 */
export async function openTestStore(): Promise<TestStore> {
  const server = await testServer();
  const url = await createDatabase(server.url, `test_${randomBytes(6).toString('hex')}`);
  const pool = openPool(url, { max: 40, name: 'test' });
  await createEventStore(pool);
  const close = async () => {
    await pool.end();
    await server.stop();
  };
  return { store: new EventStore(pool), url, close };
}

async function testServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env.POLYAXON_TEST_DATABASE_URL;
  if (given) return { url: given, stop: async () => undefined };
  const folder = await mkdtemp(join(tmpdir(), 'polyaxon-test-postgres-'));
  const server = await startEmbeddedPostgres({ folder });
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: server.url, stop };
}
