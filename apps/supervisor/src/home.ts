// Where is everything the platform keeps, and who may use it?
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, realpath, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { CannotStart } from './cannot-start.ts';

/** What a running platform tells others on the machine; in `platform.json`. */
export interface Platform {
  readonly pid: number;
  readonly url: string;
  readonly databaseUrl: string;
  readonly startedAt: string;
  /** Of all services, by name. */
  readonly ports: Readonly<Record<string, number>>;
}

const freeBytesNeeded = 200 * 1024 * 1024;

export class Home {
  private constructor(
    readonly path: string,
    private readonly held: Server,
  ) {}

  readonly folder = (name: 'outputs' | 'logs' | 'code' | 'runs' | 'postgres' | 'kafka' | 's3' | 'working' | 'service-logs') => join(this.path, name);

  /** Made when it isn't there, for this user alone, and held until this process ends, however it ends. */
  static async open(path: string): Promise<Home> {
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
      await closeToOthers(path);
      for (const name of ['outputs', 'working', 'logs', 'code', 'runs', 'secrets', 'config', 'data', 'service-logs']) await mkdir(join(path, name), { recursive: true, mode: 0o700 });
    } catch (error) {
      throw unwritable(path, error as NodeJS.ErrnoException);
    }
    const resolved = await realpath(path);
    const held = await hold(resolved);
    const { bavail, bsize } = await statfs(resolved);
    if (bavail * bsize < freeBytesNeeded) {
      held.close();
      throw full(resolved, bavail * bsize);
    }
    return new Home(resolved, held);
  }

  /** Generated at the first start, for this user's eyes only. */
  async secret(name: string, preset = ''): Promise<string> {
    const file = join(this.path, name);
    const known = await readFile(file, 'utf8').catch(() => '');
    if (known.trim() && !preset) return known.trim();
    const value = preset || randomBytes(24).toString('base64url');
    if (value !== known.trim()) await this.#write(file, `${value}\n`);
    return value;
  }

  /** What the instance that was here last has told; null: there was none. */
  async former(): Promise<Platform | null> {
    return readPlatform(this.path);
  }

  async announce(platform: Platform): Promise<void> {
    await this.#write(join(this.path, 'platform.json'), `${JSON.stringify(platform, null, 2)}\n`);
  }

  async leave(): Promise<void> {
    await new Promise((done) => this.held.close(done));
  }

  async #write(file: string, content: string): Promise<void> {
    try {
      await writeFile(`${file}.new`, content, { mode: 0o600 });
      await rename(`${file}.new`, file);
    } catch (error) {
      throw unwritable(this.path, error as NodeJS.ErrnoException);
    }
  }
}

/** A name in the kernel: one process has it, and it is free the moment that process is gone; no file is left to go stale. */
async function hold(path: string): Promise<Server> {
  const name = `polyaxon-${createHash('sha256').update(path).digest('hex').slice(0, 40)}`;
  const address = process.platform === 'linux' ? `\0${name}` : join(path, 'lock.sock');
  const server = createServer((connection) => connection.destroy());
  try {
    await new Promise<void>((done, failed) => server.once('error', failed).listen(address, done));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (process.platform !== 'linux' && !(await answers(address))) {
      await rm(address, { force: true }); // elsewhere the name is a file, which a killed process leaves behind
      return hold(path);
    }
    const other = await readPlatform(path);
    throw new CannotStart(
      `another instance ${other ? `(pid ${other.pid}, ${other.url}) ` : ''}holds ${path}`,
      `use that one, stop it with ${other ? `\`kill ${other.pid}\`` : 'Ctrl-C'}, or choose another home: POLYAXON_HOME=... npm start`,
    );
  }
  server.unref();
  return server;
}

/** A folder that was there and is not this user's alone, such as `/tmp`, keeps its rights: what is in it is closed anyway. */
async function closeToOthers(path: string): Promise<void> {
  const { uid, mode } = await stat(path);
  const isShared = (mode & 0o1000) !== 0;
  if (uid === process.getuid?.() && !isShared) await chmod(path, 0o700);
}

async function readPlatform(path: string): Promise<Platform | null> {
  try {
    return JSON.parse(await readFile(join(path, 'platform.json'), 'utf8')) as Platform;
  } catch {
    return null;
  }
}

function answers(address: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(address, () => done(socket.destroy() !== undefined)).once('error', () => done(false));
  });
}

function unwritable(path: string, error: NodeJS.ErrnoException): Error {
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') return full(path, 0);
  return new CannotStart(`${path} can't be written: ${error.message}`, 'choose another home: POLYAXON_HOME=... npm start');
}

export function full(path: string, free: number): CannotStart {
  return new CannotStart(
    `the disk of ${path} is full (${Math.floor(free / 1024 / 1024)} MB free, ${freeBytesNeeded / 1024 / 1024} MB needed)`,
    'free some space there (outputs of experiments go with `polyaxon experiment -xp N delete`), or choose another home: POLYAXON_HOME=... npm start',
  );
}
