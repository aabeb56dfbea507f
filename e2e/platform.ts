// How does a test use the whole platform: its own home, its command line, its API, and the power to kill any part of it?
import { spawn, spawnSync, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { ExperimentBody } from '#contracts';
import { until } from '#testing';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

export type Part = 'api-gateway' | 'scheduler' | 'storage-manager' | 'log-collector' | 'postgres' | 'kafka';

export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Answer {
  readonly status: number;
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- asserted by the test
  readonly text: string;
}

/** Where, from what and as whom a platform runs, when that is what the test is about. */
export interface Place {
  /** Left to whoever gave it; else the platform has a home of its own. */
  readonly home?: string;
  readonly clone?: string;
  /** What is started in the clone. */
  readonly program?: string;
  readonly uid?: number;
}

export class Platform {
  readonly folder = mkdtempSync(join(tmpdir(), 'polyaxon-e2e-'));
  readonly home: string;
  url = '';
  /** Its whole stdout. */
  said = '';
  #supervisor: ChildProcess | undefined;
  #token = '';

  private constructor(
    private readonly more: Readonly<Record<string, string>>,
    private readonly place: Place,
  ) {
    this.home = place.home ?? join(this.folder, 'home');
  }

  static async start(more: Readonly<Record<string, string>> = {}, place: Place = {}): Promise<Platform> {
    const platform = new Platform(more, place);
    mkdirSync(join(platform.folder, 'config'));
    platform.#handOver();
    await platform.up();
    return platform;
  }

  get environment(): NodeJS.ProcessEnv {
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(POLYAXON_|npm_|NODE_OPTIONS)/.test(name)));
    return { ...clean, POLYAXON_CONFIG_HOME: join(this.folder, 'config'), POLYAXON_HOME: this.home, POLYAXON_PORT: '0', NO_COLOR: '1', ...this.more };
  }

  async up(): Promise<void> {
    const supervisor = this.#spawn(this.place.program ?? 'dist/apps/supervisor/src/main.js', [], this.folder);
    this.#supervisor = supervisor;
    let err = '';
    this.said = '';
    supervisor.stdout.on('data', (chunk: Buffer) => (this.said += chunk.toString()));
    supervisor.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
      appendFileSync(join(this.folder, 'supervisor.log'), chunk);
    });
    const line = await new Promise<string>((ready, failed) => {
      supervisor.stdout.once('data', (chunk: Buffer) => ready(chunk.toString()));
      supervisor.once('exit', (code) => failed(new Error(`the platform did not start (exit ${code}): ${err}`)));
    });
    this.url = /(http:\S+)/.exec(line)?.[1] ?? '';
    this.#token = readFileSync(join(this.home, 'admin-token'), 'utf8').trim();
  }

  get pid(): number {
    return this.#supervisor?.pid ?? 0;
  }

  /** Resolves with the exit code. */
  async down(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const supervisor = this.#supervisor;
    if (!supervisor || supervisor.exitCode !== null || supervisor.signalCode !== null) return supervisor?.exitCode ?? null;
    const gone = new Promise<number | null>((done) => supervisor.once('exit', done));
    supervisor.kill(signal);
    return gone;
  }

  async remove(): Promise<void> {
    await this.down();
    // Runs outlive the platform, and those of a failed test would do so for ever.
    for (const { pid, environment } of processes()) if (environment.includes(`=${this.home}/`)) end(pid);
    // A failed test is looked into with what the services said.
    if (process.env.KEEP_HOME) process.stderr.write(`kept ${this.folder}\n`);
    else rmSync(this.folder, { recursive: true, force: true });
  }

  /** A user's folder with these files in it. */
  workspace(name: string, files: Readonly<Record<string, string>>): string {
    const folder = join(this.folder, name);
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), content);
    }
    this.#handOver();
    return folder;
  }

  cli(cwd: string, ...args: string[]): Promise<Said> {
    const child = this.#spawn('dist/apps/cli/src/main.js', args, cwd);
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    return new Promise((done, failed) => child.once('error', failed).once('close', (code) => done({ code, out, err })));
  }

  get authorization(): { readonly authorization: string } {
    return { authorization: `Token ${this.#token}` };
  }

  /** `path` after /api/v1/; `body` an object (JSON), a form, or text. */
  async api(method: string, path: string, body?: unknown, { token = this.#token, headers = {} }: { token?: string | null; headers?: Record<string, string> } = {}): Promise<Answer> {
    const sent = body === undefined ? {} : body instanceof FormData || typeof body === 'string' ? { body } : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(`${this.url}/api/v1/${path}`, {
      method,
      ...(sent.body !== undefined && { body: sent.body }),
      headers: { ...(token && { authorization: `Token ${token}` }), ...('headers' in sent ? sent.headers : {}), ...headers },
      signal: AbortSignal.timeout(20_000),
    });
    const text = await answer.text();
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      parsed = undefined;
    }
    return { status: answer.status, body: parsed, text };
  }

  /** A write that is repeated with its key while parts of the platform are away. */
  async write(method: string, path: string, body: unknown = {}, withinMs = 60_000): Promise<Answer> {
    const headers = { 'idempotency-key': randomUUID() };
    return until(`${method} ${path} is answered`, async () => {
      const answer = await this.api(method, path, body, { headers });
      const again = answer.status >= 500 || (answer.status === 409 && answer.body?.code === 'request-in-progress');
      return again ? null : answer;
    }, withinMs);
  }

  async experiment(id: number): Promise<ExperimentBody> {
    return (await this.api('GET', `experiments/${id}`)).body as ExperimentBody;
  }

  async status(id: number, ...wanted: string[]): Promise<ExperimentBody> {
    return until(`experiment ${id} is ${wanted.join(' or ')}`, async () => {
      const body = await this.experiment(id);
      return wanted.includes(body.last_status) ? body : null;
    }, 60_000);
  }

  done(id: number): Promise<ExperimentBody> {
    return this.status(id, 'succeeded', 'failed', 'stopped', 'upstream_failed', 'skipped');
  }

  outputs(path: string): string {
    return join(this.home, 'outputs', path);
  }

  output(path: string): string | null {
    return existsSync(this.outputs(path)) ? readFileSync(this.outputs(path), 'utf8') : null;
  }

  log(experiment: ExperimentBody): string {
    const [written, kept] = ['logs', 's3/objects/polyaxon/logs'].map((root) => join(this.home, root, experiment.logs_path, 'run.log')) as [string, string];
    return readFileSync(existsSync(written) ? written : kept, 'utf8');
  }

  async rows<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const { databaseUrl } = JSON.parse(readFileSync(join(this.home, 'platform.json'), 'utf8')) as { databaseUrl: string };
    const client = new pg.Client({ connectionString: databaseUrl });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  #spawn(program: string, args: readonly string[], cwd: string): ChildProcessByStdio<null, Readable, Readable> {
    const { clone = root, uid } = this.place;
    return spawn(process.execPath, [join(clone, program), ...args], { cwd, env: this.environment, stdio: ['ignore', 'pipe', 'pipe'], ...(uid !== undefined && { uid, gid: uid }) });
  }

  #handOver(): void {
    const { uid } = this.place;
    if (uid !== undefined) spawnSync('chown', ['-R', `${uid}:${uid}`, this.folder]);
  }

  /** Process ids of a part, as the kernel knows them now; none while it is being started again. */
  pids(part: Part): number[] {
    const marks: Partial<Record<Part, string>> = { postgres: `${this.home}/postgres/data`, kafka: `${this.home}/kafka/server.properties` };
    const mark = marks[part] ?? `apps/${part}/src/main.js`;
    return processes().filter(({ pid, parent, command }) => pid !== this.pid && parent === this.pid && command.includes(mark)).map(({ pid }) => pid);
  }

  /** Whose end of a connection to the database this port is. */
  pidOfConnection(port: number): number | null {
    const inode = readFileSync('/proc/net/tcp', 'utf8').split('\n').map((line) => line.trim().split(/\s+/)).find(([, local]) => local?.endsWith(`:${port.toString(16).toUpperCase().padStart(4, '0')}`))?.[9];
    const services = (['api-gateway', 'scheduler', 'storage-manager', 'log-collector'] as const).flatMap((part) => this.pids(part));
    const links = (pid: number) => readdirSync(`/proc/${pid}/fd`).map((descriptor) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
      } catch {
        return ''; // closed while we looked
      }
    });
    return services.find((pid) => links(pid).includes(`socket:[${inode}]`)) ?? null;
  }

  /** `kill -9`, as soon as there is somebody to kill; nothing is given a chance to say goodbye. */
  async kill(part: Part): Promise<number> {
    const pid = await until(`${part} is there to be killed`, () => this.pids(part)[0] ?? null, 30_000);
    process.kill(pid, 'SIGKILL');
    return pid;
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself
  }
}

/** Every process of this machine. */
export function processes(): { pid: number; parent: number; command: string; environment: string }[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]);
      return [{ pid: Number(name), parent, command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' '), environment: readFileSync(`/proc/${name}/environ`, 'utf8') }];
    } catch {
      return []; // it ended while we looked
    }
  });
}

/** Uploads files as the code of a project, without the command line. */
export async function upload(platform: Platform, project: string, files: Readonly<Record<string, string>>): Promise<Answer> {
  const { create } = await import('tar');
  const folder = platform.workspace(`upload-${randomUUID()}`, files);
  const archive = join(platform.folder, `${randomUUID()}.tar.gz`);
  await create({ gzip: true, file: archive, cwd: folder }, Object.keys(files));
  return uploadBytes(platform, project, readFileSync(archive));
}

export function uploadBytes(platform: Platform, project: string, bytes: Uint8Array): Promise<Answer> {
  const form = new FormData();
  form.append('repo', new Blob([bytes], { type: 'text/plain' }), 'code.tar.gz');
  return platform.api('PUT', `${project}/repo/upload`, form);
}
