// How does a test use the original command line and tracking client, unmodified, as somebody who has them installed?
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '#testing';
import type { Platform, Said } from '../platform.ts';

const reference = process.env.POLYAXON_REFERENCE ?? '';
const installer = join(reference, 'tools/original-client.sh');
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'polyaxon-platform');

export const canBeInstalled = reference !== '' && existsSync(installer);
/** Elsewhere they are left out, and it is said; where nobody watches their absence is a failure. */
export function describeOriginal(what: string, tests: () => void): void {
  if (canBeInstalled || process.env.CI) describe(what, tests);
  else describe.skip(`${what} (left out: POLYAXON_REFERENCE names no folder with tools/original-client.sh)`, tests);
}

/** The virtual environment that they are in: made once a machine, with nothing of them changed. */
export async function installed(): Promise<string> {
  if (!canBeInstalled) throw new Error('the original client is not there: POLYAXON_REFERENCE must be a folder with tools/original-client.sh');
  const { stdout } = await promisify(execFile)('bash', [installer, join(cache, 'original-client-0.5.6')]);
  return dirname(dirname(stdout.trim()));
}

/** The libraries that speak HTTP for them, as they are today instead of in 2019: a folder for the `PYTHONPATH`, made once a machine. */
export async function currentRequests(venv: string): Promise<string> {
  const folder = join(cache, 'requests-2.34.2');
  if (existsSync(folder)) return folder;
  const beside = `${folder}.${process.pid}`;
  await promisify(execFile)(join(venv, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', beside, 'requests==2.34.2', 'requests-toolbelt==1.0.0']);
  await rename(beside, folder).catch(() => rm(beside, { recursive: true })); // another was faster
  return folder;
}

/** Of a command that goes on while the test looks. */
export interface Live {
  said(): string;
  hasEnded(): boolean;
  readonly ended: Promise<Said>;
  interrupt(): void;
}

/** One person with a home and a working folder of their own. */
export class OriginalClient {
  readonly home: string;
  readonly folder: string;

  constructor(
    readonly platform: Platform,
    readonly venv: string,
    readonly name: string,
    { home = 'home', work = 'work' } = {},
  ) {
    [this.home, this.folder] = [join(platform.folder, `${name}-${home}`), join(platform.folder, `${name}-${work}`)];
    for (const folder of [this.home, this.folder]) mkdirSync(folder, { recursive: true });
  }

  /** The same person in another folder. */
  elsewhere(work: string): OriginalClient {
    return new OriginalClient(this.platform, this.venv, this.name, { work });
  }

  /** The same person in the same folder, at a second machine: two commands at once would read each other's half-written files at home. */
  twin(home: string): OriginalClient {
    const twin = new OriginalClient(this.platform, this.venv, this.name, { home });
    cpSync(this.home, twin.home, { recursive: true });
    return twin;
  }

  write(file: string, content: string): void {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true });
    writeFileSync(join(this.folder, file), content);
  }

  read(file: string): Buffer {
    return readFileSync(join(this.folder, file));
  }

  /** `polyaxon ...`; `answer` is what is typed when it asks. */
  cli(args: readonly string[], answer = '', environment: Readonly<Record<string, string>> = {}): Promise<Said> {
    return this.#start(join(this.venv, 'bin/polyaxon'), args, environment, answer).ended;
  }

  /** As `cli`, of a command that must work: what it printed. */
  async does(...args: string[]): Promise<string> {
    const { code, out, err } = await this.cli(args);
    if (code !== 0) throw new Error(`polyaxon ${args.join(' ')} ended with ${code}:\n${out}${err}`);
    return out;
  }

  /** As `cli`, of a command that is refused: the answer as it printed it. */
  async refused(...args: string[]): Promise<{ status: number; detail: string; code: string; out: string }> {
    const { code, out } = await this.cli(args);
    const [, reason = '{}'] = /^Reason: (.*)$/m.exec(out) ?? [];
    const { status, detail, code: problem } = JSON.parse(reason) as { status: number; detail: string; code: string };
    expect([args.join(' '), code, out]).toEqual([args.join(' '), 1, expect.stringMatching(/failed with status code \d+/)]);
    return { status, detail, code: problem, out };
  }

  live(...args: string[]): Live {
    return this.#start(join(this.venv, 'bin/polyaxon'), args, {}, '');
  }

  /** A program with the tracking client, outside of the platform. */
  python(program: string, environment: Readonly<Record<string, string>> = {}): Promise<Said> {
    return this.#start(join(this.venv, 'bin/python'), ['-W', 'ignore', '-c', program], environment, '').ended;
  }

  #start(program: string, args: readonly string[], more: Readonly<Record<string, string>>, answer: string): Live {
    const env = { HOME: this.home, PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8', NO_PROXY: '*', PYTHONUNBUFFERED: '1', ...more };
    const child: ChildProcess = spawn(program, args, { cwd: this.folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.stdin?.on('error', () => undefined).end(answer);
    const ended = new Promise<Said>((done, failed) => child.once('error', failed).once('close', (code) => done({ code, out, err })));
    let hasEnded = false;
    ended.catch(() => undefined).finally(() => (hasEnded = true));
    return { said: () => out, hasEnded: () => hasEnded, ended, interrupt: () => void child.kill('SIGINT') };
  }
}

/** The number of what was made: `Experiment was resumed with id 5`, `Experiment \`4\` was created`. */
export function numberIn(said: string): number {
  const [, number] = /(?:with id |Experiment `|group )(\d+)/.exec(said) ?? [];
  if (number === undefined) throw new Error(`no number in: ${said}`);
  return Number(number);
}

/** A table as the command line prints it, `key   value` a line. */
export function valueIn(said: string, key: string): string | undefined {
  return new RegExp(`^${key} {2,}(.*?)\\s*$`, 'm').exec(said)?.[1];
}

/** At once when it ends without. */
export async function untilSaid(live: Live, words: string): Promise<string> {
  await until(`the command line has printed ${words}`, () => live.said().includes(words) || live.hasEnded(), 60_000);
  if (!live.said().includes(words)) throw new Error(`it ended without saying ${words}: ${JSON.stringify(await live.ended)}`);
  return live.said();
}
