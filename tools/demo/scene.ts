// Where does the demo play: a platform of its own, and a user's terminal?
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** The id, as users read it in what a command printed. */
export const idIn = (said: string): number => Number(/(?:Experiment `|with id )(\d+)/.exec(said)?.[1] ?? Number.NaN);

export class Scene {
  readonly home: string;
  readonly code: string;
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  #supervisor: ChildProcess | undefined;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'polyaxon-demo-'));
    this.home = join(this.#folder, 'home');
    this.code = join(this.#folder, 'iris');
    mkdirSync(join(this.#folder, 'config'));
    cpSync(join(root, 'examples/iris'), this.code, { recursive: true, filter: (file) => !/\/(tests|__pycache__)$/.test(file) });
    // Nothing of the user's own settings takes part.
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(POLYAXON_|npm_)/.test(name)));
    this.#environment = { ...clean, POLYAXON_CONFIG_HOME: join(this.#folder, 'config'), POLYAXON_HOME: this.home, POLYAXON_PORT: '0', NO_COLOR: '1' };
  }

  /** Resolves with the line that says it is ready. */
  async start(): Promise<string> {
    const supervisor = spawn(process.execPath, [join(root, 'dist/apps/supervisor/src/main.js')], { env: this.#environment, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    this.#supervisor = supervisor;
    return new Promise((ready, failed) => {
      supervisor.stdout.once('data', (line: Buffer) => ready(line.toString().trim()));
      supervisor.once('exit', (code) => failed(new Error(`the platform did not start (exit ${code})`)));
    });
  }

  /** As a user types it: shown, then run. Rejects when it fails. */
  async type(...args: string[]): Promise<string> {
    process.stdout.write(`\n$ polyaxon ${args.join(' ')}\n`);
    const { said, code } = await this.#run(args, true);
    if (code !== 0) throw new Error(`polyaxon ${args.join(' ')} ended with ${code}`);
    return said;
  }

  /** Asked on the side, not shown. */
  async ask<Answer>(...args: string[]): Promise<Answer> {
    const { said, code } = await this.#run([...args, '-o', 'json'], false);
    if (code !== 0) throw new Error(`polyaxon ${args.join(' ')} ended with ${code}: ${said}`);
    return JSON.parse(said) as Answer;
  }

  /** Of the administrator. */
  get token(): string {
    return readFileSync(join(this.home, 'admin-token'), 'utf8').trim();
  }

  output(path: string): string {
    return readFileSync(join(this.home, 'outputs', path), 'utf8');
  }

  /** `keep`: the platform goes on, and nothing is removed. */
  async leave(keep: boolean): Promise<void> {
    const supervisor = this.#supervisor;
    if (keep) {
      supervisor?.unref();
      supervisor?.stdout?.destroy();
      const settings = `POLYAXON_CONFIG_HOME=${join(this.#folder, 'config')}`;
      process.stdout.write(`\nThe platform goes on (stop it with: kill ${supervisor?.pid}). In ${this.code}:\n  ${settings} ${join(root, 'polyaxon')} project experiments\n`);
      return;
    }
    if (supervisor?.exitCode === null) {
      const gone = new Promise((done) => supervisor.once('exit', done));
      supervisor.kill('SIGTERM');
      await gone;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #run(args: readonly string[], shown: boolean): Promise<{ said: string; code: number | null }> {
    const child = spawn(process.execPath, [join(root, 'dist/apps/cli/src/main.js'), ...args], { cwd: this.code, env: this.#environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (shown) process.stdout.write(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => (shown ? process.stdout.write(chunk) : undefined));
    return new Promise((done, failed) => child.once('error', failed).once('close', (code) => done({ said, code })));
  }
}
