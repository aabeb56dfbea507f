// How does a test use the platform that docker-compose.yml makes, on an engine of its own?
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExperimentBody } from '#contracts';
import { until } from '#testing';
import { startEngine, type Engine } from '../tools/stack/docker/engine.ts';
import { missingForDocker, standInsFile } from '../tools/stack/docker/provide.ts';
import { freePort } from '../tools/stack/free-port.ts';
import { root, type Said } from './platform.ts';

export const built = ['secrets', 'api-gateway', 'scheduler', 'storage-manager', 'log-collector'] as const;
export const services = ['api-gateway', 'scheduler', 'storage-manager', 'log-collector', 'postgres', 'kafka', 'store'] as const;
export type Service = (typeof services)[number];
type Volume = 'store' | 'outputs' | 'logs' | 'admin-keys';

const name = 'polyaxon-e2e';
/** For builds alone; Docker knows these. */
const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'].filter((one) => process.env[one]);
const tell = (line: string) => void process.stderr.write(`${line}\n`);

/** False, with a skipped test that says what would provide it, where there is none; on machines nobody watches that is a failure. */
export function hasDocker(title: string): boolean {
  const missing = missingForDocker();
  if (!missing) return true;
  if (process.env.CI) throw new Error(missing);
  describe(title, () => void it.skip(missing, () => undefined));
  return false;
}

export class Composed {
  readonly folder = mkdtempSync(join(tmpdir(), 'polyaxon-compose-'));

  private constructor(
    private readonly engine: Engine,
    private readonly port: number,
  ) {}

  /** With images in the place of the official ones, and the network of this machine for what is built. */
  static async open(): Promise<Composed> {
    const engine = await startEngine(tell);
    const composed = new Composed(engine, await freePort());
    try {
      await engine.docker('load', '--quiet', '--input', standInsFile());
      const build = { network: 'host', ...(proxies.length > 0 && { args: Object.fromEntries(proxies.map((one) => [one, process.env[one]])) }) };
      writeFileSync(join(composed.folder, 'builds.json'), JSON.stringify({ services: Object.fromEntries(built.map((one) => [one, { build }])) }));
      return composed;
    } catch (error) {
      await composed.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.engine.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  docker(...args: string[]): Promise<string> {
    return this.engine.docker(...args);
  }

  async compose(...args: string[]): Promise<string> {
    const registry = (await this.#run('npm', ['config', 'get', 'registry'], root)).out.trim();
    const environment = { POLYAXON_PORT: String(this.port), POLYAXON_GRACE_PERIOD_SECONDS: '5', POLYAXON_MAX_CONCURRENT_RUNS: '4', POLYAXON_CARRY_LAG_SECONDS: '1', NPM_CONFIG_REGISTRY: registry };
    const { code, out, err } = await this.#run('docker-compose', ['-p', name, '-f', 'docker-compose.yml', '-f', join(this.folder, 'builds.json'), ...args], root, environment);
    if (code !== 0) throw new Error(`docker-compose ${args.join(' ')} ended with ${code}: ${err.slice(-4000)}`);
    return out;
  }

  /** Each is healthy, as Docker knows it. */
  async healthy(...wanted: readonly Service[]): Promise<void> {
    for (const service of wanted)
      await until(`${service} is healthy`, async () => (await this.state(service, '{{.State.Status}} {{.State.Health.Status}}')) === 'running healthy', 180_000).catch(async (error: Error) => {
        throw new Error(`${error.message}: ${(await this.docker('logs', '--tail', '20', this.container(service))).slice(-3000)}`);
      });
  }

  container(service: Service): string {
    return `${name}_${service}_1`;
  }

  async state(service: Service, format: string): Promise<string> {
    return (await this.docker('inspect', '--format', format, this.container(service))).trim();
  }

  /** Process ids as this machine counts them, of what runs in the container. */
  async pids(service: Service, command: string): Promise<number[]> {
    const [, ...rows] = (await this.docker('top', this.container(service), '-eo', 'pid,args')).trim().split('\n');
    return rows.filter((row) => row.includes(command)).map((row) => Number(row.trim().split(' ')[0]));
  }

  /** The whole container, as the kernel ends one that takes too much; `docker kill` would be a wish that it stay away. Resolves when Docker has started it again. */
  async crash(...doomed: readonly Service[]): Promise<void> {
    const before = new Map(await Promise.all(doomed.map(async (service) => [service, await this.state(service, '{{.RestartCount}}')] as const)));
    for (const service of doomed) process.kill(Number(await this.state(service, '{{.State.Pid}}')), 'SIGKILL');
    for (const service of doomed) await until(`${service} is started again`, async () => (await this.state(service, '{{.RestartCount}}')) !== before.get(service), 60_000);
  }

  /** Undefined: there is no such file. */
  async file(volume: Volume, path: string): Promise<string | undefined> {
    const file = join((await this.docker('volume', 'inspect', '--format', '{{.Mountpoint}}', `${name}_${volume}`)).trim(), path);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  workspace(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(this.folder, 'workspace-'));
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), content);
    }
    return folder;
  }

  /** The command line of this machine. */
  async cli(cwd: string, args: readonly string[], stdin?: string): Promise<Said> {
    const told = { POLYAXON_CONFIG_HOME: join(this.folder, 'config'), POLYAXON_HTTP_PORT: String(this.port), NO_COLOR: '1' };
    return this.#run(process.execPath, [join(root, 'dist/apps/cli/src/main.js'), ...args], cwd, told, stdin);
  }

  async experiment(project: string, id: number): Promise<ExperimentBody | undefined> {
    const authorization = `Token ${(await this.file('admin-keys', 'token'))?.trim()}`;
    const answer = await fetch(`${this.url}/api/v1/${project}/experiments/${id}`, { headers: { authorization }, signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
    return answer?.ok ? ((await answer.json()) as ExperimentBody) : undefined;
  }

  #run(program: string, args: readonly string[], cwd: string, more: Readonly<Record<string, string>> = {}, stdin?: string): Promise<Said> {
    const clean = Object.fromEntries(Object.entries(this.engine.environment).filter(([variable]) => !/^(POLYAXON_|npm_|NODE_OPTIONS)/.test(variable)));
    const child = spawn(program, args, { cwd, env: { ...clean, ...more }, stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.end(stdin);
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    return new Promise((done, failed) => child.once('error', failed).once('close', (code) => done({ code, out, err })));
  }
}
