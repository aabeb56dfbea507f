// How does a real S3 server run as a plain process, and end without a trace?
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../free-port.ts';
import { programOf } from '../go-program.ts';
import type { Keys, ServerKind } from './servers.ts';

export interface S3Server extends Keys {
  readonly endpoint: string;
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

const readyWithinMs = 30_000;
const lookEveryMs = 20;

/** `data` is kept: the next server started on it has the same buckets. Without a port a free one is taken. */
export async function startS3Server(kind: ServerKind, { data, port, keys = freshKeys() }: { data: string; port?: number; keys?: Keys }): Promise<S3Server> {
  const folder = resolve(data);
  for (const name of kind.folders) await mkdir(join(folder, name), { recursive: true });
  const used = port ?? (await freePort());
  const env = { PATH: process.env.PATH, HOME: folder, ...kind.environment(keys) };
  const child = spawn(programOf(kind), kind.args(folder, used), { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  const exited = new Promise<void>((done) => child.once('close', () => done()).once('error', ({ message }) => { said = message; done(); }));
  const endpoint = `http://127.0.0.1:${used}`;
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL'); // its data is thrown away or must survive this anyway
    await exited;
  };
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  const giveUpAt = performance.now() + readyWithinMs;
  while (!(await isReady(endpoint + kind.readyPath))) {
    if (hasEnded()) throw new Error(`${kind.name} did not start: ${said}`);
    if (performance.now() > giveUpAt) {
      await stop();
      throw new Error(`${kind.name} was not ready within ${readyWithinMs} ms: ${said}`);
    }
    await pause(lookEveryMs);
  }
  return { ...keys, endpoint, pid: child.pid!, exited, stop };
}

function freshKeys(): Keys {
  return { accessKey: `key${randomBytes(6).toString('hex')}`, secretKey: randomBytes(20).toString('hex') };
}

async function isReady(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(2000) }).then(({ ok }) => ok, () => false);
}
