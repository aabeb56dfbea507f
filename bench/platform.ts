// How does a benchmark get the whole platform, as a user starts it?
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Undo } from './scratch.ts';

const supervisorMain = fileURLToPath(new URL('../apps/supervisor/src/main.js', import.meta.url));

export interface ScratchPlatform {
  readonly home: string;
  /** Of everything it serves. */
  readonly url: string;
  readonly databaseUrl: string;
  readonly token: string;
  readonly pid: number;
  /** Of the administrator `root`; rejects when it is refused. */
  readonly call: <Body>(method: string, path: string, json?: object) => Promise<Body>;
}

/** `more` are variables of its environment. */
export async function startPlatform(folder: string, later: (undo: Undo) => void, more: Readonly<Record<string, string>> = {}): Promise<ScratchPlatform> {
  const home = join(folder, 'home');
  const configuration = join(folder, 'config');
  await mkdir(configuration);
  // Nothing of the user's own settings takes part.
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(POLYAXON_|npm_)/.test(name)));
  const env = { ...clean, POLYAXON_HOME: home, POLYAXON_PORT: '0', POLYAXON_CONFIG_HOME: configuration, ...more };
  const supervisor = spawn(process.execPath, [supervisorMain], { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const gone = once(supervisor, 'exit');
  later(async () => {
    supervisor.kill('SIGTERM');
    await gone;
  });
  let said = '';
  supervisor.stderr.on('data', (words: Buffer) => (said += words.toString()));
  await Promise.race([once(supervisor.stdout, 'data'), gone.then(() => Promise.reject(new Error(`the platform did not start: ${said}`)))]);
  const { url, databaseUrl } = JSON.parse(await readFile(join(home, 'platform.json'), 'utf8')) as { url: string; databaseUrl: string };
  const token = (await readFile(join(home, 'admin-token'), 'utf8')).trim();
  return {
    home,
    url,
    databaseUrl,
    token,
    pid: supervisor.pid as number,
    async call<Body>(method: string, path: string, json?: object) {
      const headers = { authorization: `Token ${token}`, ...(json && { 'content-type': 'application/json' }) };
      const response = await fetch(`${url}/api/v1${path}`, { method, headers, ...(json && { body: JSON.stringify(json) }) });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as Body;
    },
  };
}
