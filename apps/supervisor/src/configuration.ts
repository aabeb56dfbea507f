// What may a user tell the platform when it starts?
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { choice, ConfigurationInvalid, integer, port, storeVariable, text, type ConfigurationOf } from '#service-host';

/** What is not given here is passed on to the services as it is; `docs/configuration.md` lists theirs too. */
export const variables = {
  POLYAXON_HOME: text('folder of everything the platform keeps', join(homedir(), '.polyaxon-platform')),
  POLYAXON_PORT: port(8000),
  POLYAXON_ADMIN_USER: text('name of the administrator', 'root'),
  POLYAXON_ADMIN_PASSWORD: text('password of the administrator; empty: generated at the first start and kept in the home', ''),
  POLYAXON_DATABASE_URL: text('a Postgres of your own; empty: one is started in the home', ''),
  POLYAXON_BUS: choice('what services hear each other through, postgres or kafka, as `--bus`; empty: kafka when brokers are named, else postgres', ['', 'postgres', 'kafka'], ''),
  POLYAXON_KAFKA_BROKERS: text('host:port of brokers of your own, separated by commas; empty: with kafka as the bus, one is downloaded once and started in the home', ''),
  POLYAXON_INSTANCES: integer('of each service, as `--instances`: when one is killed, stands still or is replaced, another goes on', { min: 1, max: 9, fallback: 1 }),
  POLYAXON_STORAGE: choice('what keeps outputs, volume (folders in the home) or s3, as `--storage`; empty: s3 when a store is named, else volume', ['', 'volume', 's3'], ''),
  POLYAXON_OUTPUTS_STORE: storeVariable('a store of your own, `s3://bucket/prefix`, reached as the `POLYAXON_S3_*` variables say; empty: with s3, a server is built once and started in the home'),
  POLYAXON_EXECUTOR: choice('what runs are, local processes or pods of a cluster, as `--executor`', ['local', 'kubernetes'], 'local'),
  POLYAXON_KUBERNETES_KUBECONFIG: text('kubeconfig of the cluster, as `--kubeconfig`; empty: as kubectl finds it', ''),
  POLYAXON_KUBERNETES_NAMESPACE: text('namespace of runs, as `--namespace`; empty: that of the kubeconfig, else default', ''),
  POLYAXON_KUBERNETES_GATEWAY_URL: text('where pods reach the gateway; empty: it listens on all addresses of this machine, and pods are told the first one', ''),
  POLYAXON_KUBERNETES_OUTPUTS: text('volume with outputs (claim:NAME, host:/folder); empty: the folder of outputs in the home, for a cluster on this machine', ''),
  POLYAXON_MAX_CONCURRENT_RUNS: integer('runs that are live at once; 0: one for each processor, at least 2; on a cluster 500', { min: 0, max: 10_000, fallback: 0 }),
  POLYAXON_GRACE_PERIOD_SECONDS: integer('time a stopped program has before it is killed', { min: 0, max: 86_400, fallback: 30 }),
} as const;

export type Configuration = ConfigurationOf<typeof variables>;

/** What follows `npm start --`, as the variables it stands for. Throws `ConfigurationInvalid`. */
export function givenBy(args: readonly string[]): Readonly<Record<string, string>> {
  try {
    const text = { type: 'string' } as const;
    const { bus, storage, instances, executor, kubeconfig, namespace } = parseArgs({
      args: [...args], options: { bus: text, storage: text, instances: text, executor: text, kubeconfig: text, namespace: text },
    }).values;
    const given = {
      POLYAXON_BUS: bus, POLYAXON_STORAGE: storage, POLYAXON_INSTANCES: instances, POLYAXON_EXECUTOR: executor, POLYAXON_KUBERNETES_KUBECONFIG: kubeconfig, POLYAXON_KUBERNETES_NAMESPACE: namespace,
    };
    return Object.fromEntries(Object.entries(given).filter((one): one is [string, string] => one[1] !== undefined));
  } catch (error) {
    throw new ConfigurationInvalid(`${(error as Error).message}\nnpm start -- [--bus postgres|kafka] [--storage volume|s3] [--instances N] [--executor local|kubernetes [--kubeconfig FILE] [--namespace NAME]]`);
  }
}
