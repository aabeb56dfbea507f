// How is a platform tried by users while its parts are killed, put to sleep and replaced, and what does the audit find?
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { until } from '#testing';
import { Platform, upload, type Part, type Place } from '../platform.ts';
import { seeded } from '../seeded.ts';
import { Users } from './users.ts';

const here = dirname(fileURLToPath(import.meta.url));
export const services = ['api-gateway', 'scheduler', 'storage-manager', 'log-collector'] as const;
const project = 'chaos';
const liveMax = 16;
const ended = `'succeeded', 'failed', 'stopped', 'upstream_failed'`;

export interface Findings {
  readonly numbers: Readonly<Record<string, unknown>> & { readonly experiments: number };
  readonly problems: readonly string[];
}

export class Trial {
  readonly users: Users;
  readonly random: () => number;
  readonly #watcher: ChildProcess;

  private constructor(
    readonly platform: Platform,
    private readonly bus: string,
    seed: number,
  ) {
    this.random = seeded(seed);
    this.users = new Users({
      urls: () => this.gateways, token: readFileSync(join(platform.home, 'admin-token'), 'utf8').trim(), project: `root/${project}`, journal: join(platform.folder, 'journal.jsonl'), random: this.random,
      turn: () => this.#turn(),
    });
    this.#watcher = fork(join(here, 'watch-processes.mjs'), [platform.home, join(platform.folder, 'processes.jsonl')], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
  }

  static async begin(bus: 'kafka' | 'postgres', seed: number, more: Readonly<Record<string, string>> = {}, place: Place = {}): Promise<Trial> {
    const platform = await Platform.start({ POLYAXON_BUS: bus, POLYAXON_GRACE_PERIOD_SECONDS: '5', POLYAXON_MAX_CONCURRENT_RUNS: '4', ...more }, place);
    await platform.api('POST', 'projects', { name: project });
    await upload(platform, `root/${project}`, { 'program.py': readFileSync(join(here, 'program.py'), 'utf8') });
    return new Trial(platform, bus, seed);
  }

  get gateways(): readonly string[] {
    const { ports } = JSON.parse(readFileSync(join(this.platform.home, 'platform.json'), 'utf8')) as { ports: Record<string, number> };
    return Object.entries(ports).filter(([name]) => name.startsWith('api-gateway')).map(([, port]) => `http://127.0.0.1:${port}`);
  }

  /** One of its instances, whichever; at an unpredictable moment of what is under way. */
  async kill(part: Part): Promise<void> {
    await pass(this.random() * 300);
    const pid = await this.#anyOf(part);
    process.kill(pid, 'SIGKILL');
    this.users.note({ fault: 'kill', part, pid });
  }

  /** For so long that others take over; then it goes on with what it was about to do. */
  async sleep(part: Part, ms: number): Promise<void> {
    await pass(this.random() * 300);
    const pid = await this.#anyOf(part);
    process.kill(pid, 'SIGSTOP');
    this.users.note({ fault: 'pause', part, pid, ms });
    await pass(ms);
    process.kill(pid, 'SIGCONT');
    this.users.note({ fault: 'wake', part, pid });
  }

  /** Every service becomes the version that is installed now, one instance after the other. */
  async replaceAll(): Promise<void> {
    const before = services.flatMap((part) => this.platform.pids(part));
    this.users.note({ fault: 'replace', part: 'all', pids: before.length });
    process.kill(this.platform.pid, 'SIGUSR2');
    await until('every service is another process', () => services.flatMap((part) => this.platform.pids(part)).every((pid) => !before.includes(pid)), 240_000);
  }

  /** Users wait for what they have asked for: else little could be resumed, and a slow machine had more to do in the end than fits into the time that recovery is given. */
  async #turn(): Promise<void> {
    await until('there is room for more', async () => {
      const [row] = await this.platform.rows<{ live: number }>(`SELECT count(*)::int AS live FROM api_gateway.experiments WHERE last_status NOT IN (${ended})`).catch(() => []);
      return !row || row.live <= liveMax;
    }, 300_000);
  }

  /** All that was asked has ended, in the end. */
  async allDone(withinMs = 120_000): Promise<void> {
    await until('every experiment is done', async () => {
      const live = await this.platform.rows<{ id: number; last_status: string }>(
        `SELECT id, last_status FROM api_gateway.experiments WHERE last_status NOT IN (${ended})`,
      );
      if (live.length > 0) throw new Error(`still live: ${live.map(({ id, last_status }) => `${id} ${last_status}`).join(', ')}`);
      return true;
    }, withinMs);
    await until('nothing is left to do', async () => {
      const [row] = await this.platform.rows<{ left: number }>(
        `SELECT (SELECT count(*) FROM storage_manager.work)::int + (SELECT count(*) FROM scheduler.runs)::int + (SELECT count(*) FROM scheduler.leftovers)::int AS left`,
      );
      return row?.left === 0;
    }, withinMs);
  }

  async audit(): Promise<Findings> {
    const { folder, home } = this.platform;
    const { databaseUrl } = JSON.parse(readFileSync(join(home, 'platform.json'), 'utf8')) as { databaseUrl: string };
    const given = { journal: join(folder, 'journal.jsonl'), database: databaseUrl, brokers: this.#brokers(), home, processes: join(folder, 'processes.jsonl') };
    const audit = spawn(process.execPath, [join(here, 'audit.mjs'), JSON.stringify(given)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    audit.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    audit.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    await new Promise((done) => audit.once('close', done));
    if (!out.startsWith('{')) throw new Error(`the audit could not be made: ${err}`);
    return JSON.parse(out) as Findings;
  }

  async end(): Promise<void> {
    this.#watcher.kill('SIGKILL');
    for (const part of services) for (const pid of this.platform.pids(part)) process.kill(pid, 'SIGCONT');
    await this.platform.remove();
  }

  async #anyOf(part: Part): Promise<number> {
    const pids = await until(`${part} is there`, () => (this.platform.pids(part).length > 0 ? this.platform.pids(part) : null), 60_000);
    return pids[Math.floor(this.random() * pids.length)] as number;
  }

  #brokers(): string {
    const file = join(this.platform.home, 'kafka/server.properties');
    if (this.bus !== 'kafka' || !existsSync(file)) return '';
    return /^advertised\.listeners=.*?((?:127\.0\.0\.1|localhost):\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  }
}
