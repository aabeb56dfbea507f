// How is one program kept running?
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, copyFileSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { restartAfter } from './restart-policy.ts';

export interface Program {
  readonly name: string;
  /** Where it listens. */
  readonly port: number;
  /** Path of its compiled main. */
  readonly main: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Its console output; beyond 10 MiB it is moved to `.1` beside it. */
  readonly logFile: string;
}

const keptLogBytes = 10 * 1024 * 1024;
/** A platform that waits should be no burden: young objects in 8 MiB halves and fewer arenas of malloc save the gateway 20 of 150 MB. */
const memory = { flags: ['--max-old-space-size=512', '--max-semi-space-size=8'], environment: { MALLOC_ARENA_MAX: '2' } };
const logLookedAtEveryMs = 10_000;

/** Started, and started again whenever it ends unasked. It leaves by itself when this process dies, because its channel closes. */
export class Supervised {
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #rotation: NodeJS.Timeout | undefined;
  #stopping = false;
  #isLeaving = false;
  readonly #endedAt: number[] = [];

  constructor(
    readonly program: Program,
    private readonly tell: (line: string) => void,
  ) {}

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How often it has ended unasked. */
  get ends(): number {
    return this.#endedAt.length;
  }

  start(): void {
    const { main, environment, logFile, name } = this.program;
    rotate(logFile);
    this.#rotation ??= setInterval(() => rotate(logFile), logLookedAtEveryMs).unref();
    const log = openSync(logFile, 'a', 0o600);
    // Detached: Ctrl-C reaches this process alone, which then ends all in their order.
    const child = spawn(process.execPath, [...memory.flags, main], { env: { ...memory.environment, ...environment }, stdio: ['ignore', log, log, 'ipc'], detached: true });
    closeSync(log);
    this.#child = child;
    child.once('error', (error) => {
      this.tell(`${name}: ${error.message}`);
      if (child.pid === undefined) this.#ended(error.message);
    });
    child.once('exit', (code, signal) => this.#ended(signal ?? `exit ${code}`));
  }

  /** SIGTERM, and after `ms` SIGKILL; resolves when it is gone. */
  async stop(ms: number): Promise<void> {
    this.#isLeaving = true;
    clearInterval(this.#rotation);
    await this.#end(ms);
  }

  /** Another process in its place, of what is installed now. */
  async replace(ms: number): Promise<void> {
    await this.#end(ms);
    if (this.#isLeaving) return;
    this.#stopping = false;
    this.start();
  }

  async #end(ms: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), ms);
    await gone;
    clearTimeout(timer);
  }

  #ended(how: string): void {
    if (this.#stopping) return;
    this.#endedAt.push(performance.now());
    if (this.#endedAt.length > 100) this.#endedAt.shift();
    const { delayMs, isLooping } = restartAfter(this.#endedAt);
    const { name, logFile } = this.program;
    if (isLooping) this.tell(`${name} keeps ending (${how}): ${lastLine(logFile)} (more in ${logFile})`);
    this.#timer = setTimeout(() => this.start(), delayMs);
  }
}

/** Copied and cut, since the program goes on appending to the same file. */
function rotate(file: string): void {
  try {
    if (statSync(file).size < keptLogBytes) return;
    copyFileSync(file, `${file}.1`);
    truncateSync(file);
  } catch {
    // not there yet, or the disk is full: the next time
  }
}

/** The last thing a program said. */
export function lastLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').at(-1)?.slice(0, 300) ?? '';
  } catch {
    return '';
  }
}
