// How is a long installation run so that whoever waits for it sees that it goes on, and why it failed?
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

export type Tell = (line: string) => void;

const tries = 3;
const pauseMs = 5000;
const progressMs = 10_000;
const linesShown = 12;

/** It can't be provided here; the message says why, and what to do. */
export class CannotProvide extends Error {
  override readonly name = 'CannotProvide';
}

/** Resolves with what it printed on stdout; throws with its last lines. */
export async function run(program: string, args: readonly string[], { tell, what, ...options }: { cwd?: string; env?: NodeJS.ProcessEnv; tell?: Tell; what?: string } = {}): Promise<string> {
  const began = performance.now();
  const progress = setInterval(() => what && tell?.(`${what} ... ${((performance.now() - began) / 1000).toFixed(0)} s`), progressMs);
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = (): void => void child.kill();
  process.once('exit', stop);
  let [out, said] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-8000)));
  const end = await new Promise<number | string | null>((done) => child.once('error', ({ message }) => done(message)).once('close', (code, signal) => done(code ?? signal)));
  clearInterval(progress);
  process.removeListener('exit', stop);
  if (end !== 0) throw new CannotProvide(`${program} ${args.slice(0, 3).join(' ')} ... ended with ${end}:\n${said.trim().split('\n').slice(-linesShown).join('\n')}`);
  return out;
}

/** For what needs the network. */
export async function again<Result>(tell: Tell, attempt: () => Promise<Result>): Promise<Result> {
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof CannotProvide) || left === 0) throw error;
      tell(`${error.message}\nonce more ...`);
      await pause(pauseMs);
    }
  }
}
