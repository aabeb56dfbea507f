// Is appending events through the event store as fast as Postgres' own client sending the same statement?
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Pool } from 'pg';
import { createEventStore, EventStore, openPool, startEmbeddedPostgres, type Queryable } from '#event-store';
import { created } from '#testing';
import { correct, takingTurns, type BenchResult, type BenchRow } from './result.ts';
import { inMemory, inScratch, onDisk } from './scratch.ts';

const run = promisify(execFile);
const seconds = 2;
const batchSize = 1000;
const cause = { actor: 'bench' };
const event = created(23);
const cases = [
  { connections: 1, goal: 0.9 },
  { connections: 32, goal: 0.75 },
];
const places = [
  { name: 'in memory', folder: inMemory },
  { name: 'flushed to disk', folder: onDisk },
];

export async function bench(): Promise<BenchRow[]> {
  const pgbench = await findPgbench();
  const rows: BenchRow[] = [];
  for (const place of places) rows.push(...(await inScratch(place.folder, (folder, later) => benchIn(folder, place.name, pgbench, later))));
  return rows;
}

async function benchIn(folder: string, place: string, pgbench: Pgbench | null, later: (undo: () => Promise<unknown>) => void): Promise<BenchRow[]> {
  const server = await startEmbeddedPostgres({ folder: join(folder, 'postgres') });
  later(() => server.stop());
  const table = new MessagesTable(openPool(server.url, { name: 'bench' }));
  later(() => table.pool.end());
  await createEventStore(table.pool);
  const rows: BenchRow[] = [];
  for (const { connections, goal } of cases) {
    const name = `append, ${connections} connection${connections > 1 ? 's' : ''}, ${place}`;
    if (pgbench === null) rows.push({ name, notRun: 'there is no pgbench here: `apt-get install postgresql-contrib` on Debian and Ubuntu' });
    else rows.push(await againstPgbench({ name, connections, goal, url: server.url, folder, pgbench, table }));
  }
  if (place === 'in memory') rows.push(await batches(server.url, table));
  return rows;
}

interface Pgbench {
  readonly program: string;
  readonly version: string;
}

interface Comparison {
  readonly name: string;
  readonly connections: number;
  readonly goal: number;
  readonly url: string;
  readonly folder: string;
  readonly pgbench: Pgbench;
  readonly table: MessagesTable;
}

async function againstPgbench({ name, connections, goal, url, folder, pgbench, table }: Comparison): Promise<BenchResult> {
  const file = join(folder, 'append.sql');
  const { script, definitions } = await pgbenchScript(table);
  await writeFile(file, script);
  const args = ['-n', '-M', 'prepared', '-c', String(connections), '-j', String(Math.min(connections, 2)), '-T', String(seconds)];
  const { hostname, port, username, password, pathname } = new URL(url);
  const theirs = async () => {
    await table.empty();
    const where = ['-h', hostname, '-p', port, '-U', username, pathname.slice(1)];
    const { stdout } = await run(pgbench.program, [...args, '-f', file, ...definitions, ...where], { env: { ...process.env, PGPASSWORD: password } });
    await table.holds(Number(/actually processed: (\d+)/.exec(stdout)?.[1]));
    return Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
  };
  const ours = () => appending(url, connections, 1, table);
  return { name, peer: `pgbench ${args.join(' ')} -f append.sql (${pgbench.version})`, ...(await takingTurns({ ours, theirs }, { warmUps: 2 })), goal, bound: 'at least', unit: 'events/s' };
}

async function batches(url: string, table: MessagesTable): Promise<BenchResult> {
  const sides = { ours: () => appending(url, 1, batchSize, table), theirs: () => appending(url, 1, 1, table) };
  return { name: 'append in batches of 1,000', peer: 'single appends of ours, 1 connection', ...(await takingTurns(sides)), goal: 5, bound: 'at least', unit: 'events/s' };
}

/** Events a second; each writer goes on as soon as its append is acknowledged. */
async function appending(url: string, connections: number, batch: number, table: MessagesTable): Promise<number> {
  await table.empty();
  const pool = openPool(url, { max: connections, name: 'bench writers' });
  const store = new EventStore(pool);
  const events = Array.from({ length: batch }, () => event);
  await Promise.all(Array.from({ length: connections }, () => pool.query('SELECT pg_sleep(0.05)'))); // connected, each of them
  let streams = 0;
  const start = performance.now();
  const write = async () => {
    while (performance.now() - start < seconds * 1000) await store.append(`experiment-${(streams += 1)}`, -1, events, cause);
  };
  await Promise.all(Array.from({ length: connections }, write));
  const elapsedSeconds = (performance.now() - start) / 1000;
  await table.holds(streams * batch, batch);
  const [first, last] = [(await store.load('experiment-1'))[0], (await store.load(`experiment-${streams}`)).at(-1)];
  correct('the first and the last event read as they were written', [first, last].every((read) => JSON.stringify(sorted(read?.data)) === JSON.stringify(sorted(event.data))));
  await pool.end();
  return (streams * batch) / elapsedSeconds;
}

class MessagesTable {
  constructor(readonly pool: Pool) {}

  async empty(): Promise<void> {
    await this.pool.query('TRUNCATE event_store.messages');
  }

  /** Every acknowledged event, in streams of `batch` each, without a gap. */
  async holds(events: number, batch = 1): Promise<void> {
    const { rows } = await this.pool.query<{ events: number; streams: number; last: number }>(
      `SELECT count(*)::int AS events, count(DISTINCT stream_name)::int AS streams, coalesce(max(position), -1)::int AS last FROM event_store.messages`,
    );
    const [found] = rows;
    correct(`${events} events were acknowledged and are there`, found?.events === events && found.streams === events / batch && found.last === batch - 1);
  }
}

/** The very statement of the event store, with values that pgbench can make: a stream of its own for each. */
async function pgbenchScript(table: MessagesTable): Promise<{ script: string; definitions: string[] }> {
  let text = '';
  let values: readonly unknown[] = [];
  const listener = {
    query(config: { text: string; values: unknown[] }) {
      ({ text, values } = config);
      return table.pool.query(config);
    },
  };
  await table.empty();
  await new EventStore(table.pool).append('experiment-1', -1, [event], cause, listener as unknown as Queryable);
  const [, category, position, , type, data, metadata] = values as string[];
  const given = [`'experiment-' || :stream::text`, `'${category}'`, `'${position}'`, 'gen_random_uuid()', `'${type}'`, ':data', ':metadata'];
  const statement = text.replaceAll(/\$(\d)/g, (_, number: string) => given[Number(number) - 1] as string);
  return {
    script: `\\set n :n + 1\n\\set stream :client_id * 1000000000 + :n\n${statement.replaceAll(/\s+/g, ' ')};\n`,
    definitions: ['n=0', `data=${data}`, `metadata=${metadata}`].flatMap((one) => ['-D', one]),
  };
}

async function findPgbench(): Promise<Pgbench | null> {
  const debian = '/usr/lib/postgresql';
  const versions = await Promise.resolve().then(() => readdirSync(debian)).catch(() => []);
  const folders = [...versions.sort((one, other) => Number(other) - Number(one)).map((version) => join(debian, version, 'bin')), ...(process.env.PATH ?? '').split(delimiter)];
  for (const folder of folders) {
    const program = join(folder, 'pgbench');
    const version = await run(program, ['--version']).catch(() => null);
    if (version) return { program, version: version.stdout.trim() };
  }
  return null;
}

function sorted(data: object | undefined): [string, unknown][] {
  return Object.entries(data ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
}
