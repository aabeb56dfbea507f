// What is the scheduler told of a cluster, when the platform itself is on this machine?
import { accessSync, constants } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { CannotStart } from './cannot-start.ts';
import type { Configuration } from './configuration.ts';

export interface OnCluster {
  readonly scheduler: Readonly<Record<string, string>>;
  /** Pods have to reach it. */
  readonly gateway: Readonly<Record<string, string>>;
}

const local: OnCluster = { scheduler: { POLYAXON_EXECUTOR: 'local' }, gateway: {} };

/** `outputs` is the folder of outputs in the home; null: they are in a store. */
export function clusterVariables(configuration: Configuration, gatewayPort: number, outputs: string | null, environment: NodeJS.ProcessEnv = process.env): OnCluster {
  const { POLYAXON_EXECUTOR: executor, POLYAXON_KUBERNETES_KUBECONFIG: kubeconfig, POLYAXON_KUBERNETES_NAMESPACE: namespace, POLYAXON_KUBERNETES_GATEWAY_URL: url, POLYAXON_KUBERNETES_OUTPUTS: volume } = configuration;
  if (executor === 'local') {
    if (kubeconfig === '' && namespace === '') return local;
    throw new CannotStart(`${kubeconfig === '' ? '--namespace' : '--kubeconfig'} says where a cluster is, and runs are processes of this machine`, 'npm start -- --executor kubernetes --kubeconfig FILE');
  }
  const file = kubeconfig === '' ? '' : resolve(environment.INIT_CWD ?? '.', kubeconfig);
  if (file !== '') readable(file);
  return {
    scheduler: {
      POLYAXON_EXECUTOR: executor,
      POLYAXON_KUBERNETES_KUBECONFIG: file,
      POLYAXON_KUBERNETES_NAMESPACE: namespace,
      POLYAXON_KUBERNETES_GATEWAY_URL: url || `http://${firstAddress()}:${gatewayPort}`,
      POLYAXON_KUBERNETES_OUTPUTS: volume || (outputs === null ? '' : `host:${outputs}`),
    },
    gateway: url === '' && !environment.POLYAXON_HOST ? { POLYAXON_HOST: '0.0.0.0' } : {},
  };
}

function readable(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new CannotStart(
      `the kubeconfig ${file} can't be read: ${(error as NodeJS.ErrnoException).code}`,
      'npm start -- --executor kubernetes --kubeconfig FILE, with a file that `kubectl --kubeconfig FILE get pods` works with',
    );
  }
}

/** Of this machine, for others. */
function firstAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
