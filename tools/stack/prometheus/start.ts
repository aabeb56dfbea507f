// How does a test use a real Prometheus?
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../free-port.ts';
import { programOf } from './provide.ts';

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface FiringAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

export interface Prometheus {
  readonly url: string;
  /** Throws when the question is wrong. */
  query(expr: string): Promise<readonly Sample[]>;
  alerts(): Promise<readonly FiringAlert[]>;
  stop(): Promise<void>;
}

const readyWithinMs = 15_000;

/** `files` are its configuration, by their names; `prometheus.yaml` is the first that it reads. */
export async function startPrometheus(folder: string, files: Readonly<Record<string, string>>): Promise<Prometheus> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const port = await freePort();
  const args = [`--config.file=${join(folder, 'prometheus.yaml')}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'];
  const child = spawn(programOf('prometheus'), args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  const exited = new Promise<void>((done) => child.once('exit', () => done()).once('error', () => done()));
  const leave = (): void => void child.kill('SIGKILL');
  process.once('exit', leave);
  const url = `http://127.0.0.1:${port}`;
  const ask = async <Data>(path: string): Promise<Data> => {
    const answer = (await (await fetch(`${url}/api/v1/${path}`, { signal: AbortSignal.timeout(10_000) })).json()) as { status: string; error?: string; data: Data };
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  };
  for (const giveUpAt = performance.now() + readyWithinMs; !(await fetch(`${url}/-/ready`).then(({ ok }) => ok, () => false)); await pause(20)) {
    if (performance.now() > giveUpAt || child.exitCode !== null) throw new Error(`Prometheus was not ready in time:\n${said}`);
  }
  return {
    url,
    query: async (expr) => (await ask<{ result: Sample[] }>(`query?query=${encodeURIComponent(expr)}`)).result,
    alerts: async () => (await ask<{ alerts: FiringAlert[] }>('alerts')).alerts,
    async stop() {
      process.removeListener('exit', leave);
      leave();
      await exited;
    },
  };
}
