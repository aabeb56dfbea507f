// Which programs make the platform, and what is each of them told?
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clusterVariables } from './cluster.ts';
import type { Configuration } from './configuration.ts';
import type { Home } from './home.ts';
import type { Program } from './supervised.ts';

export type ServiceName = 'api-gateway' | 'scheduler' | 'storage-manager' | 'log-collector';

export interface Surroundings {
  readonly home: Home;
  readonly configuration: Configuration;
  readonly databaseUrl: string;
  /** Empty: services hear each other through the database. */
  readonly kafkaBrokers: string;
  /** Where outputs, logs and code are kept. */
  readonly store: Readonly<Record<string, string>> & { readonly POLYAXON_OUTPUTS_STORE: string };
  /** One for each instance. */
  readonly ports: Readonly<Record<ServiceName, readonly number[]>>;
  readonly secrets: { readonly internal: string; readonly runToken: string; readonly adminToken: string; readonly adminPassword: string };
}

const apps = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Each gets only what it needs: the scheduler's programs never see a password. The first instances of all come first. */
export function programsOf({ home, configuration, databaseUrl, kafkaBrokers, store, ports, secrets }: Surroundings): readonly Program[] {
  const urls = (name: ServiceName) => ports[name].map((port) => `http://127.0.0.1:${port}`);
  const url = (name: ServiceName) => urls(name).join(',');
  const outputs = { POLYAXON_OUTPUTS_ROOT: home.folder('outputs') };
  const logs = { POLYAXON_LOGS_ROOT: home.folder('logs') };
  const code = { POLYAXON_CODE_ROOT: home.folder('code') };
  const runs = { POLYAXON_RUNS_ROOT: home.folder('runs') };
  const runToken = { POLYAXON_RUN_TOKEN_SECRET: secrets.runToken };
  const onCluster = clusterVariables(configuration, ports['api-gateway'][0] as number, store.POLYAXON_OUTPUTS_STORE === '' ? home.folder('outputs') : null);
  const own: Readonly<Record<ServiceName, Readonly<Record<string, string>>>> = {
    'api-gateway': {
      ...code, ...runToken, ...store, ...onCluster.gateway,
      POLYAXON_ADMIN_USER: configuration.POLYAXON_ADMIN_USER,
      POLYAXON_ADMIN_PASSWORD: secrets.adminPassword,
      POLYAXON_ADMIN_TOKEN: secrets.adminToken,
      POLYAXON_SCHEDULER_URL: url('scheduler'),
      POLYAXON_STORAGE_MANAGER_URL: url('storage-manager'),
      POLYAXON_LOG_COLLECTOR_URL: url('log-collector'),
    },
    scheduler: {
      ...outputs, ...logs, ...code, ...runs, ...runToken, ...store, ...onCluster.scheduler,
      ...(store.POLYAXON_OUTPUTS_STORE && { POLYAXON_OUTPUTS_ROOT: home.folder('working') }),
      POLYAXON_GATEWAY_URL: urls('api-gateway')[0] as string,
      POLYAXON_MAX_CONCURRENT_RUNS: String(configuration.POLYAXON_MAX_CONCURRENT_RUNS),
      POLYAXON_GRACE_PERIOD_SECONDS: String(configuration.POLYAXON_GRACE_PERIOD_SECONDS),
    },
    'storage-manager': { ...outputs, ...store },
    'log-collector': { ...logs, ...runs, ...store },
  };
  const one = (service: ServiceName, port: number, name: string): Program => ({
    name,
    port,
    main: join(apps, service, 'src/main.js'),
    logFile: join(home.folder('service-logs'), `${name}.log`),
    environment: {
      ...inherited(),
      ...(service !== 'api-gateway' && { POLYAXON_HOST: '127.0.0.1' }), // only the gateway is for others
      ...own[service],
      POLYAXON_DATABASE_URL: databaseUrl,
      POLYAXON_KAFKA_BROKERS: kafkaBrokers,
      POLYAXON_INTERNAL_TOKEN: secrets.internal,
      POLYAXON_PORT: String(port),
    },
  });
  const instances = Array.from({ length: configuration.POLYAXON_INSTANCES }, (_, index) => index);
  return instances.flatMap((index) => (Object.keys(own) as ServiceName[]).map((name) => one(name, ports[name][index] as number, index === 0 ? name : `${name}-${index + 1}`)));
}

/** The user's own surroundings reach the programs they run, but for what is told to this one alone. */
function inherited(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && !/^(POLYAXON_(HOME|PORT|ADMIN_|DATABASE_)|npm_|INIT_CWD$|NODE_CHANNEL)/.test(entry[0])));
}
