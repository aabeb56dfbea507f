// How does a benchmark get the gateway alone, without the services that would react to what is written?
import { fork, type ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { openPool, startEmbeddedPostgres } from '#event-store';
import type { Undo } from './scratch.ts';

export interface Gateway {
  readonly url: string;
  readonly pool: Pool;
  /** Another program on the same database. */
  readonly run: (main: string) => ChildProcess;
}

export async function startGateway(folder: string, later: (undo: Undo) => void, token: string): Promise<Gateway> {
  const server = await startEmbeddedPostgres({ folder: join(folder, 'postgres') });
  later(() => server.stop());
  await mkdir(join(folder, 'code'));
  const { PATH } = process.env;
  const env = {
    PATH, POLYAXON_DATABASE_URL: server.url, POLYAXON_INTERNAL_TOKEN: 'bench', POLYAXON_PORT: '0', POLYAXON_ADMIN_PASSWORD: 'the password of root', POLYAXON_ADMIN_TOKEN: token,
    POLYAXON_RUN_TOKEN_SECRET: 'bench', POLYAXON_CODE_ROOT: join(folder, 'code'), POLYAXON_SCHEDULER_URL: 'http://127.0.0.1:9',
    POLYAXON_STORAGE_MANAGER_URL: 'http://127.0.0.1:9', POLYAXON_LOG_COLLECTOR_URL: 'http://127.0.0.1:9',
  };
  const run = (main: string) => {
    const child = fork(new URL(main, import.meta.url), { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
    later(async () => child.kill('SIGKILL'));
    return child;
  };
  const port = await portOf(run('../apps/api-gateway/src/main.js'));
  const pool = openPool(server.url);
  later(() => pool.end());
  return { url: `http://127.0.0.1:${port}/api/v1`, pool, run };
}

/** Told by a message, or in the line that a service logs when it is ready. */
export function portOf(child: ChildProcess): Promise<number> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${said}`)));
    child.once('message', (message: { port: number }) => resolve(message.port));
    child.stderr?.on('data', (words: Buffer) => (said += words.toString()));
    child.stdout?.on('data', (words: Buffer) => {
      const ready = /"ready":true,"port":(\d+)/.exec((said += words.toString()));
      if (ready) resolve(Number(ready[1]));
    });
  });
}
