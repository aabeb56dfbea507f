// How is one process of a cluster started, watched and ended?
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface Daemon {
  readonly pid: number;
  readonly isGone: () => boolean;
  /** The last it has said. */
  log(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const stopsWithinMs = 15_000;

/** The kernel ends it when whoever started it is gone, so that nothing is left behind by a `kill -9`. */
export function startDaemon(program: string, args: readonly string[], folder: string, name = basename(program)): Daemon {
  const file = join(folder, `${name}.log`);
  const log = openSync(file, 'a');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], { cwd: folder, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  let isGone = false;
  const exited = new Promise<void>((done) => child.once('exit', done).once('error', () => done())).then(() => void (isGone = true));
  return {
    pid: child.pid ?? 0,
    isGone: () => isGone,
    log: () => readFileSync(file, 'utf8').trim().split('\n').slice(-6).join('\n'),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), stopsWithinMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Until `isTrue` is; throws with the last words of the daemon when that never comes, or it is gone. */
export async function until(what: string, daemon: Daemon | undefined, isTrue: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  for (const giveUpAt = performance.now() + withinMs; !(await isTrue().catch(() => false)); await pause(50)) {
    if (daemon?.isGone() || performance.now() > giveUpAt) throw new Error(`${what} did not come${daemon ? `:\n${daemon.log()}` : ''}`);
  }
}
