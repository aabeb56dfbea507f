// Which platform does this user speak to, and as whom?
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { usageFailure } from './failure.ts';

export interface Configuration {
  readonly host: string;
  readonly port: number;
  readonly use_https: boolean;
}
export interface Login {
  readonly username: string;
  readonly token: string;
}

const defaults: Configuration = { host: '127.0.0.1', port: 8000, use_https: false };

/** The files are those of the original command line, which can thus be used beside this one. */
export class UserConfiguration {
  readonly #folder: string;

  constructor(private readonly environment: NodeJS.ProcessEnv) {
    this.#folder = environment.POLYAXON_CONFIG_HOME || join(homedir(), '.polyaxon');
  }

  /** What is in force: the environment wins over the file. */
  get configuration(): Configuration {
    const { POLYAXON_API_HOST: host, POLYAXON_HTTP_PORT: port, POLYAXON_USE_HTTPS: https } = this.environment;
    return checked({ ...this.#saved(), ...(host && { host }), ...(port && { port }), ...(https && { use_https: https }) });
  }

  set(changes: { readonly [Key in keyof Configuration]?: string | undefined }): Configuration {
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const configuration = checked({ ...this.#saved(), ...given });
    this.#write('.polyaxonconfig', configuration);
    return configuration;
  }

  purge(): void {
    rmSync(join(this.#folder, '.polyaxonconfig'), { force: true });
  }

  get login(): Login | null {
    const saved = readJson(join(this.#folder, '.polyaxonauth')) as Partial<Login> | null;
    const token = this.environment.POLYAXON_SECRET_USER_TOKEN || saved?.token;
    return token ? { token, username: saved?.username ?? '' } : null;
  }

  logIn(login: Login): void {
    this.#write('.polyaxonauth', login);
  }

  logOut(): void {
    rmSync(join(this.#folder, '.polyaxonauth'), { force: true });
  }

  #saved(): Readonly<Record<string, unknown>> {
    return { ...defaults, ...(readJson(join(this.#folder, '.polyaxonconfig')) as object | null) };
  }

  #write(name: string, value: unknown): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeJson(join(this.#folder, name), value, 0o600);
  }
}

function checked({ host, port, use_https }: Readonly<Record<string, unknown>>): Configuration {
  if (typeof host !== 'string' || !/^[-\w.:[\]]+$/.test(host)) throw usageFailure(`the host is a name or an address, not ${JSON.stringify(host)}`);
  if (!/^\d{1,5}$/.test(String(port)) || Number(port) < 1 || Number(port) > 65_535)
    throw usageFailure(`the port is a number from 1 to 65535, not ${JSON.stringify(port)}`);
  if (!/^(true|false|1|0)$/i.test(String(use_https))) throw usageFailure(`use_https is true or false, not ${JSON.stringify(use_https)}`);
  return { host, port: Number(port), use_https: /^(true|1)$/i.test(String(use_https)) };
}

export function readJson(path: string): unknown {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw usageFailure(`${path} is not the JSON that this program wrote there`, `rm ${path}`);
  }
}

/** Seen whole or not at all, also by another command that runs at the same time. */
export function writeJson(path: string, value: unknown, mode: number): void {
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, `${JSON.stringify(value, null, 2)}\n`, { mode });
  chmodSync(beside, mode);
  renameSync(beside, path);
}
