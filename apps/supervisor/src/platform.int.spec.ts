// Does the platform start, stay, and leave as its users expect? With the real programs, as built.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '#testing';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const main = join(root, 'dist/apps/supervisor/src/main.js');
const scratch = mkdtempSync(join(tmpdir(), 'polyaxon-supervisor-'));
const started: Instance[] = [];
const small = join(scratch, 'small');
mkdirSync(small);
const isMounted = process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', small]).status === 0;
const serviceNames = ['api-gateway', 'scheduler', 'storage-manager', 'log-collector'];

/** One `npm start`. */
class Instance {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  readonly exit: Promise<number | string>;

  constructor(readonly home: string, environment: Record<string, string> = {}, options: { uid?: number; gid?: number } = {}, [program, ...args]: readonly [string, ...string[]] = [process.execPath, main]) {
    const env = { PATH: process.env.PATH, HOME: scratch, POLYAXON_HOME: home, POLYAXON_CONFIG_HOME: `${home}.config`, POLYAXON_PORT: '0', ...environment };
    this.child = spawn(program, args, { env, cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    this.child.stdout?.on('data', (chunk) => (this.stdout += chunk));
    this.child.stderr?.on('data', (chunk) => (this.stderr += chunk));
    this.exit = once(this.child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
    started.push(this);
  }

  async ready(): Promise<this> {
    await until(`it is ready: ${this.stderr}`, () => this.stdout.includes('\n') || this.child.exitCode !== null, 60_000);
    if (!this.stdout) throw new Error(`it has left: ${this.stderr}`);
    return this;
  }

  get platform(): { pid: number; url: string; ports: Record<string, number> } {
    return JSON.parse(readFileSync(join(this.home, 'platform.json'), 'utf8'));
  }

  async answers(service: string): Promise<boolean> {
    const answer = await fetch(`http://127.0.0.1:${this.platform.ports[service]}/ready`).catch(() => null);
    return answer?.status === 200;
  }
}

/** Processes whose command line or environment names `path`: everything an instance has started. */
function processesOf(path: string, command = ''): number[] {
  const read = (file: string) => {
    try {
      return readFileSync(file, 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => {
    const line = read(`/proc/${pid}/cmdline`);
    return line.includes(command) && `${line} ${read(`/proc/${pid}/environ`)}`.includes(path);
  }).map(Number);
}

/** It may be gone already. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);

afterAll(async () => {
  for (const { child } of started) child.kill('SIGKILL');
  await until('nothing is left', () => {
    const left = processesOf(scratch).filter((pid) => pid !== process.pid);
    left.forEach(kill);
    return left.length === 0;
  });
  if (isMounted) spawnSync('umount', [small]);
  rmSync(scratch, { recursive: true, force: true });
});

describe('an instance', () => {
  const home = join(scratch, 'home');
  let instance: Instance;
  beforeAll(async () => {
    instance = await new Instance(home).ready();
  });

  it('says in one line that it is ready, and where', () => {
    expect(instance.stdout).toBe(`Polyaxon is ready at ${instance.platform.url} (user root, home ~/home)\n`);
    expect(instance.stderr).toContain(`the password of root is in ${home}/admin-password`);
  });

  it('keeps everything for its owner alone', () => {
    for (const folder of ['', 'outputs', 'logs', 'code', 'runs', 'postgres', 'service-logs']) expect([folder, mode(join(home, folder))]).toEqual([folder, '700']);
    for (const file of ['admin-password', 'admin-token', 'internal-token', 'run-token-secret', 'platform.json']) expect([file, mode(join(home, file))]).toEqual([file, '600']);
  });

  it('logs the local command line in', async () => {
    const { token, username } = JSON.parse(readFileSync(`${home}.config/.polyaxonauth`, 'utf8'));
    const answer = await fetch(`${instance.platform.url}/api/v1/users`, { headers: { authorization: `Token ${token}` } });
    expect([username, answer.status]).toEqual(['root', 200]);
    expect(JSON.parse(readFileSync(`${home}.config/.polyaxonconfig`, 'utf8'))).toMatchObject({ host: '127.0.0.1', port: instance.platform.ports['api-gateway'] });
  });

  it('leaves the login of a user alone who is logged in to another one that answers', async () => {
    const before = readFileSync(`${home}.config/.polyaxonauth`, 'utf8');
    const other = await new Instance(join(scratch, 'other'), { POLYAXON_CONFIG_HOME: `${home}.config` }).ready();
    expect(other.stderr).toContain('the command line is logged in elsewhere');
    expect(readFileSync(`${home}.config/.polyaxonauth`, 'utf8')).toBe(before);
    other.child.kill('SIGTERM');
    expect(await other.exit).toBe(0);
  });

  it('has its home to itself', async () => {
    const second = new Instance(home);
    expect(await second.exit).toBe(1);
    expect(second.stderr).toContain(`another instance (pid ${instance.child.pid}, ${instance.platform.url}) holds`);
    expect(second.stderr).toContain(`kill ${instance.child.pid}`);
    expect(second.stdout).toBe('');
  });

  it.each(serviceNames)('brings back %s when it is killed', async (service) => {
    const [pid] = processesOf(home, `${service}/src/main.js`) as [number];
    process.kill(pid, 'SIGKILL');
    await until(`${service} is back`, async () => {
      const now = processesOf(home, `${service}/src/main.js`);
      return now.length === 1 && now[0] !== pid && instance.answers(service);
    }, 20_000);
  });

  it('brings back the database when it is killed', async () => {
    const file = join(home, 'postgres/data/postmaster.pid');
    const pidOf = () => Number(existsSync(file) ? readFileSync(file, 'utf8').split('\n')[0] : 0);
    const pid = pidOf();
    process.kill(pid, 'SIGKILL');
    await until('all answer again', async () => pidOf() !== pid && (await Promise.all(serviceNames.map((service) => instance.answers(service)))).every(Boolean), 30_000);
  });

  it('starts again where it was killed', async () => {
    instance.child.kill('SIGKILL');
    await instance.exit;
    instance = await new Instance(home).ready();
    expect(processesOf(home, 'src/main.js')).toHaveLength(serviceNames.length + 1);
    expect(instance.stderr).not.toContain('the password of');
  });

  it('leaves nothing behind when it is asked to stop, though npm and the terminal both ask', async () => {
    instance.child.kill('SIGINT');
    instance.child.kill('SIGINT');
    expect(await instance.exit).toBe(0);
    expect(processesOf(home)).toEqual([]);
  });
});

it('stops when npm is asked to', async () => {
  const home = join(scratch, 'npm');
  const instance = await new Instance(home, {}, {}, ['npm', 'start', '--silent']).ready();
  instance.child.kill('SIGTERM');
  expect(await instance.exit).toBe(0);
  expect(processesOf(home)).toEqual([]);
});

it('can be stopped before it is ready', async () => {
  const home = join(scratch, 'hasty');
  const instance = new Instance(home);
  await until('it begins', () => instance.stderr.includes('starting the services'), 30_000);
  instance.child.kill('SIGTERM');
  expect(await instance.exit).toBe(0);
  expect([instance.stdout, processesOf(home)]).toEqual(['', []]);
});

describe('it does not start, and says what to do', () => {
  it('on a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const instance = new Instance(join(scratch, 'no-port'), { POLYAXON_PORT: String(port) });
    expect(await instance.exit).toBe(1);
    expect(instance.stderr).toMatch(new RegExp(`port ${port} is taken by .*${process.pid}`));
    expect(instance.stderr).toMatch(/choose another: POLYAXON_PORT=\d+ npm start/);
    server.close();
  });

  it('in a home that can’t be written', async () => {
    writeFileSync(join(scratch, 'file'), '');
    const instance = new Instance(join(scratch, 'file/home'));
    expect(await instance.exit).toBe(1);
    expect(instance.stderr).toMatch(/^\/.*\/file\/home can't be written: .*\nchoose another home: POLYAXON_HOME=.*\n$/);
  });

  it('with a setting that is wrong', async () => {
    const instance = new Instance(join(scratch, 'wrong'), { POLYAXON_MAX_CONCURRENT_RUNS: 'many' });
    expect(await instance.exit).toBe(1);
    expect(instance.stderr).toContain('POLYAXON_MAX_CONCURRENT_RUNS=many: expected a whole number');
  });

  it('with outputs on an S3 store that it is given no key for', async () => {
    const instance = new Instance(join(scratch, 'store'), { POLYAXON_OUTPUTS_STORE: 's3://runs/outputs' });
    expect(await instance.exit).toBe(1);
    expect(instance.stderr).toContain('POLYAXON_S3_ACCESS_KEY is not set');
  });

  (isMounted ? it : it.skip)('on a disk that is full', async () => {
    const instance = new Instance(join(small, 'home'));
    expect(await instance.exit).toBe(1);
    expect(instance.stderr).toMatch(/the disk of .* is full \(\d+ MB free, 200 MB needed\)\nfree some space there/);
  });
});

(process.getuid?.() === 0 ? it : it.skip)('works for an ordinary user too, in a folder only that user may enter', async () => {
  const nobody = 65534;
  const folder = mkdtempSync(join(tmpdir(), 'polyaxon-ordinary-'));
  try {
    chownSync(folder, nobody, nobody);
    const instance = new Instance(join(folder, 'home'), { HOME: folder }, { uid: nobody, gid: nobody });
    await instance.ready();
    instance.child.kill('SIGTERM');
    expect(await instance.exit).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
