// How do database and services start together, and leave together?
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { CannotStart } from './cannot-start.ts';
import type { Configuration } from './configuration.ts';
import { startDatabase, type Database } from './database.ts';
import { full, Home, type Platform } from './home.ts';
import { startOwnKafka, type OwnKafka } from './kafka.ts';
import { logInLocally } from './local-login.ts';
import { freePorts, isFree, portOfGateway } from './ports.ts';
import { programsOf, type ServiceName } from './programs.ts';
import { startOwnStore, type OwnStore } from './store.ts';
import { lastLine, Supervised } from './supervised.ts';

export interface RunningPlatform {
  readonly url: string;
  readonly home: string;
  readonly loggedIn: boolean;
  /** Nobody has ever started it in this home, so its password was just made. */
  readonly isNew: boolean;
  /** Of all gateways, the first included. */
  readonly urls: readonly string[];
  /** Every service anew, one instance after the other, each ready before the next one goes. */
  replaceAll(): Promise<void>;
  /** Services drain for at most 10 s, then the database; runs go on by themselves and are found again. */
  stop(): Promise<void>;
}

const leavesGentlyWithinMs = 10_000;
const readyWithinMs = 90_000;
/** What a service needs at most to leave when whoever started it was killed. */
const leavesWithinMs = 12_000;
/** So many ends before it was ready once, and it never will be. */
const endsAllowed = 4;

/** `signal` ends a start that is under way as cleanly as a platform that is ready. */
export async function startPlatform(configuration: Configuration, tell: (line: string) => void, signal: AbortSignal): Promise<RunningPlatform> {
  const home = await Home.open(configuration.POLYAXON_HOME);
  let database: Database | undefined;
  let kafka: OwnKafka | undefined;
  let ownStore: OwnStore | undefined;
  const services: Supervised[] = [];
  const stop = async () => {
    await Promise.all(services.map((service) => service.stop(leavesGentlyWithinMs)));
    await Promise.all([kafka?.kept.stop(), ownStore?.kept.stop(), database?.kept.stop()]);
    await home.leave();
  };
  try {
    const former = await home.former();
    await formerServicesLeft(former, tell);
    const port = await portOfGateway(configuration.POLYAXON_PORT);
    if (!configuration.POLYAXON_DATABASE_URL) {
      tell('starting the database ...');
      database = await startDatabase(home.folder('postgres'), tell);
      signal.throwIfAborted();
    }
    const { POLYAXON_KAFKA_BROKERS: named } = configuration;
    const isKafka = (configuration.POLYAXON_BUS || (named ? 'kafka' : 'postgres')) === 'kafka';
    if (isKafka && !named) {
      kafka = await startOwnKafka(home.folder('kafka'), tell);
      signal.throwIfAborted();
    }
    if (isOnS3(configuration) && !configuration.POLYAXON_OUTPUTS_STORE) {
      ownStore = await startOwnStore(home.folder('s3'), await home.secret('s3-secret-key'), tell);
      signal.throwIfAborted();
    }
    const kafkaBrokers = isKafka ? named || (kafka as OwnKafka).brokers : '';
    const databaseUrl = configuration.POLYAXON_DATABASE_URL || (database as Database).url;
    const ports = await portsFor(configuration.POLYAXON_INSTANCES, port);
    const secrets = {
      internal: await home.secret('internal-token'),
      runToken: await home.secret('run-token-secret'),
      adminToken: await home.secret('admin-token'),
      adminPassword: await home.secret('admin-password', configuration.POLYAXON_ADMIN_PASSWORD),
    };
    const store = isOnS3(configuration) ? { POLYAXON_OUTPUTS_STORE: configuration.POLYAXON_OUTPUTS_STORE, ...ownStore?.variables } : { POLYAXON_OUTPUTS_STORE: '' };
    const programs = programsOf({ home, configuration, databaseUrl, kafkaBrokers, store, ports, secrets });
    tell('starting the services ...');
    for (const program of programs) {
      const service = new Supervised(program, tell);
      services.push(service);
      service.start();
    }
    await Promise.all(services.map((service) => ready(service, signal)));
    const urls = ports['api-gateway'].map((one) => `http://127.0.0.1:${one}`);
    const url = urls[0] as string;
    const portOf = Object.fromEntries(programs.map((program) => [program.name, program.port]));
    await home.announce({ pid: process.pid, url, databaseUrl, startedAt: new Date().toISOString(), ports: portOf });
    const replaceAll = async () => {
      for (const service of services) {
        await service.replace(leavesGentlyWithinMs);
        await ready(service, signal);
        tell(`${service.program.name} was replaced`);
      }
    };
    const loggedIn = await logInLocally({ port, username: configuration.POLYAXON_ADMIN_USER, token: secrets.adminToken });
    return { url, home: home.path, loggedIn, isNew: !former && !configuration.POLYAXON_ADMIN_PASSWORD, urls, replaceAll, stop };
  } catch (error) {
    await stop();
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw full(home.path, 0);
    throw error;
  }
}

function isOnS3({ POLYAXON_STORAGE: storage, POLYAXON_OUTPUTS_STORE: store }: Configuration): boolean {
  return (storage || (store ? 's3' : 'volume')) === 's3';
}

/** Attempts that outlive the platform: they have a folder, and no exit code in it yet. */
export async function liveRuns(home: string): Promise<number> {
  const attempts = (await readdir(`${home}/runs`).catch(() => [])).filter((name) => /^\d+-\d+$/.test(name));
  return attempts.filter((name) => !existsSync(`${home}/runs/${name}/exit`)).length;
}

/** Services whose supervisor was killed notice it and leave; until then they hold their ports, and their work. */
async function formerServicesLeft(former: Platform | null, tell: (line: string) => void): Promise<void> {
  const isGone = async () => (await Promise.all(Object.values(former?.ports ?? {}).map(isFree))).every(Boolean);
  const deadline = performance.now() + leavesWithinMs;
  for (let told = false; !(await isGone()) && performance.now() < deadline; told = true) {
    if (!told) tell('waiting for the services of the former instance to leave ...');
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** For every instance its own; the first gateway has the one that was wanted. */
async function portsFor(instances: number, gateway: number): Promise<Readonly<Record<ServiceName, readonly number[]>>> {
  const free = await freePorts(4 * instances - 1);
  const some = () => free.splice(0, instances);
  return { scheduler: some(), 'storage-manager': some(), 'log-collector': some(), 'api-gateway': [gateway, ...free] };
}

async function ready(service: Supervised, signal: AbortSignal): Promise<void> {
  const { name, logFile, port } = service.program;
  const deadline = performance.now() + readyWithinMs;
  let missing = '';
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    const answer = await fetch(`http://127.0.0.1:${port}/ready`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    if (answer?.ok) return;
    missing = (await answer?.text().catch(() => '')) ?? missing;
    if (service.ends >= endsAllowed) throw new CannotStart(`${name} can't start: ${lastLine(logFile)}`, `look into ${logFile}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new CannotStart(`${name} was not ready within ${readyWithinMs / 1000} s: ${detailIn(missing) ?? lastLine(logFile)}`, `look into ${logFile}`);
}

/** What `/ready` says is missing. */
function detailIn(answer: string): string | undefined {
  try {
    const { detail } = JSON.parse(answer) as { detail?: unknown };
    return typeof detail === 'string' ? detail : undefined;
  } catch {
    return undefined;
  }
}
