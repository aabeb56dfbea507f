// Is the command line of this machine logged in?
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface LocalLogin {
  readonly port: number;
  readonly username: string;
  readonly token: string;
}

/** Written in the files the command line reads, unless its user is logged in to a platform that answers, this one included; false when that is another one. */
export async function logInLocally({ port, username, token }: LocalLogin): Promise<boolean> {
  const folder = process.env.POLYAXON_CONFIG_HOME || join(homedir(), '.polyaxon');
  const [config, auth] = [join(folder, '.polyaxonconfig'), join(folder, '.polyaxonauth')];
  const known = { host: '127.0.0.1', port: 8000, use_https: false, ...read(config) };
  const knownToken = read(auth).token;
  const isHere = ['127.0.0.1', 'localhost'].includes(known.host) && Number(known.port) === port;
  if (knownToken && (await isAccepted(known, String(knownToken)))) return isHere;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    save(config, { ...known, host: '127.0.0.1', port, use_https: false });
    save(auth, { username, token });
    return true;
  } catch {
    return false; // no home of its own: the command line can still log in with a password
  }
}

/** Not when nobody is there: the platform that was used before is gone, or is not running. */
async function isAccepted({ host, port, use_https }: { host: string; port: number; use_https: boolean }, token: string): Promise<boolean> {
  try {
    const headers = { authorization: `Token ${token}` };
    const { status } = await fetch(`${use_https ? 'https' : 'http'}://${host}:${port}/api/v1/users`, { headers, signal: AbortSignal.timeout(2000) });
    return status !== 401;
  } catch {
    return !['127.0.0.1', 'localhost'].includes(host); // a machine elsewhere may be away for a moment; its user's login is not ours to forget
  }
}

function read(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function save(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
}
