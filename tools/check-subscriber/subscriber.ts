// How is somebody's subscriber started, stopped, killed, and asked for its effects?
import { spawn, type ChildProcess } from 'node:child_process';

const stopsWithinMs = 15_000;
const linesShown = 8;

/** It can't be judged: the message says why. */
export class CannotCheck extends Error {
  override readonly name = 'CannotCheck';
}

/** A command in a shell, with all that it starts in a group of its own, so that a kill reaches every part of it. */
export class Subscriber {
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  #said = '';
  #hasEnded = false;

  constructor(
    private readonly command: string,
    environment: Readonly<Record<string, string>>,
  ) {
    this.#child = start(command, environment);
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (chunk: Buffer) => (this.#said = (this.#said + chunk.toString()).slice(-8000)));
    this.#gone = new Promise((resolve) => this.#child.once('error', () => resolve()).once('close', () => resolve()));
    void this.#gone.then(() => (this.#hasEnded = true));
  }

  /** Throws when it has ended by itself. */
  assertAlive(): void {
    if (this.#hasEnded) throw new CannotCheck(`the subscriber has ended by itself: ${this.command}\n${lastLines(this.#said)}`);
  }

  /** `kill -9`: nothing is given a chance to say goodbye. */
  async kill(): Promise<void> {
    this.assertAlive();
    this.#signal('SIGKILL');
    await this.#gone;
  }

  /** Asked to leave. One that doesn't is killed, which it has to survive anyway. */
  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    this.#signal('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), stopsWithinMs);
    await this.#gone;
    clearTimeout(timer);
  }

  #signal(name: NodeJS.Signals): void {
    try {
      if (this.#child.pid) process.kill(-this.#child.pid, name);
    } catch {
      // it is gone already
    }
  }
}

/** What it prints, its lines sorted: in which order effects are told is up to it. */
export async function effectsOf(command: string, environment: Readonly<Record<string, string>>): Promise<string[]> {
  const child = start(command, environment);
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise<number | null>((done, failed) => child.once('error', failed).once('close', done));
  if (code !== 0) throw new CannotCheck(`the effects can't be had (exit ${code}): ${command}\n${lastLines(err || out)}`);
  return out.split('\n').map((line) => line.trim()).filter(Boolean).sort();
}

const start = (command: string, environment: Readonly<Record<string, string>>) =>
  spawn('/bin/sh', ['-c', command], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
const lastLines = (text: string) => text.trim().split('\n').slice(-linesShown).join('\n');
