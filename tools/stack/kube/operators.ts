// How do the operators that make Jobs of several processes (JobSet, Kubeflow's trainer) get onto this machine, and run beside a test cluster as plain processes?
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { componentFolder, provideOnce } from '../cache.ts';
import { freePort } from '../free-port.ts';
import { go, goEnvironment } from '../go-program.ts';
import { inClone } from '../in-clone.ts';
import type { Tell } from '../program.ts';
import type { Cluster } from './cluster.ts';
import { startDaemon, until, type Daemon } from './daemon.ts';

interface Part {
  readonly module: string;
  readonly main: string;
  readonly program: string;
  /** In the module: what kinds of objects it adds to a cluster, and who is asked before one is taken. */
  readonly crds: readonly string[];
  readonly webhooks: string;
}

const parts = {
  jobset: { module: 'sigs.k8s.io/jobset', main: '', program: 'jobset', crds: ['config/components/crd/bases/jobset.x-k8s.io_jobsets.yaml'], webhooks: 'config/components/webhook/manifests.yaml' },
  trainer: {
    module: 'github.com/kubeflow/trainer/v2', main: '/cmd/trainer-controller-manager', program: 'trainer-controller-manager',
    crds: ['manifests/base/crds/trainer.kubeflow.org_trainjobs.yaml', 'manifests/base/crds/trainer.kubeflow.org_trainingruntimes.yaml', 'manifests/base/crds/trainer.kubeflow.org_clustertrainingruntimes.yaml'],
    webhooks: 'manifests/base/webhook/manifests.yaml',
  },
} as const satisfies Record<string, Part>;
export type OperatorName = keyof typeof parts;

const sources = 'tools/stack/kube/operators';
const folder = (): string => componentFolder('kube-operators', version());

/** What keeps a test from using them here; undefined: nothing. */
export function missingForOperators(): string | undefined {
  return existsSync(folder()) ? undefined : 'JobSet and the trainer of Kubeflow are not here: npm run stack -- kube --level sched';
}

/** Some two minutes on two cores, once. */
export async function provideOperators(tell: Tell): Promise<void> {
  await provideOnce(folder(), async (into, scratch) => {
    tell('building JobSet and the trainer of Kubeflow from their sources; this takes some minutes, once ...');
    const at = join(scratch, 'sources');
    await cp(inClone(sources), at, { recursive: true });
    const environment = { ...(await goEnvironment(scratch)), GOFLAGS: '-buildvcs=false -p=2 -modcacherw' };
    for (const [name, part] of Object.entries(parts)) {
      await go(['build', '-trimpath', '-ldflags', '-s -w', '-o', join(into, part.program), `${part.module}${part.main}`], environment, { cwd: at, tell, what: `building ${name}` });
      const module = join(scratch, 'modules', `${part.module}@${versionOf(part.module)}`);
      const crds = await Promise.all(part.crds.map((file) => readFile(join(module, file), 'utf8')));
      await writeFile(join(into, `${name}.crds.yaml`), crds.join('\n---\n'));
      await copyFile(join(module, part.webhooks), join(into, `${name}.webhooks.yaml`));
    }
    tell('JobSet and the trainer of Kubeflow are there');
  });
}

/** The cluster takes such objects, and nobody acts on them. */
export async function addKindsOf(cluster: Cluster, name: OperatorName): Promise<void> {
  await cluster.kubectl(['apply', '--server-side', '-f', join(folder(), `${name}.crds.yaml`)]);
  // at once after they were made they have no conditions, for which kubectl does not wait
  await cluster.until(`the kinds of ${name}`, ['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
}

/** As it is installed, its webhooks with it; whoever starts it stops it. */
export async function startOperator(cluster: Cluster, name: OperatorName): Promise<Daemon> {
  await addKindsOf(cluster, name);
  const { certificates, url } = cluster.control;
  const own = join(cluster.folder, name);
  const served = join(own, 'k8s-webhook-server', 'serving-certs'); // where it looks in the folder for what is temporary
  await mkdir(served, { recursive: true });
  await certificates.issue(name, `/CN=${name}`, url, '127.0.0.1');
  for (const [from, to] of [['crt', 'tls.crt'], ['key', 'tls.key']] as const) await copyFile(certificates.path(`${name}.${from}`), join(served, to));
  const [webhookPort, healthPort] = [await freePort(), await freePort()];
  const config = join(own, 'config.json');
  await writeFile(config, JSON.stringify(configurations[name](webhookPort, `127.0.0.1:${healthPort}`, served)));
  const environment = [`KUBECONFIG=${certificates.kubeconfig('admin')}`, `TMPDIR=${own}`];
  const daemon = startDaemon('/usr/bin/env', [...environment, join(folder(), parts[name].program), '--config', config], cluster.folder, name);
  try {
    await until(`the operator ${name}`, daemon, async () => (await fetch(`http://127.0.0.1:${healthPort}/readyz`)).ok);
    await cluster.kubectl(['apply', '--server-side', '-f', '-'], await webhooksOf(name, `https://127.0.0.1:${webhookPort}`, (await readFile(certificates.path('ca.crt'))).toString('base64')));
  } catch (error) {
    await daemon.stop('SIGKILL');
    throw error;
  }
  return daemon;
}

const configurations: Readonly<Record<OperatorName, (port: number, health: string, certDir: string) => object>> = {
  jobset: (port, healthProbeBindAddress, certDir) => ({
    apiVersion: 'config.jobset.x-k8s.io/v1alpha1',
    kind: 'Configuration',
    leaderElection: { leaderElect: false },
    internalCertManagement: { enable: false },
    webhook: { port, host: '127.0.0.1', certDir },
    metrics: { bindAddress: '0' },
    health: { healthProbeBindAddress },
  }),
  trainer: (port, healthProbeBindAddress) => ({
    apiVersion: 'config.trainer.kubeflow.org/v1alpha1',
    kind: 'Configuration',
    leaderElection: { leaderElect: false },
    certManagement: { enable: false },
    webhook: { port, host: '127.0.0.1' },
    metrics: { bindAddress: '0', secureServing: false },
    health: { healthProbeBindAddress },
  }),
};

interface Webhook {
  readonly name: string;
  readonly clientConfig: { readonly service: { readonly path: string } };
}

/** The API server reaches it by its address, as there is no Service; of pods only those of JobSets are its business, as its installation says. */
async function webhooksOf(name: OperatorName, url: string, caBundle: string): Promise<object> {
  const documents = parseAllDocuments(await readFile(join(folder(), `${name}.webhooks.yaml`), 'utf8')).map((one) => one.toJSON() as { metadata: object; webhooks: Webhook[] } | null);
  const ofPods = { objectSelector: { matchExpressions: [{ key: 'jobset.sigs.k8s.io/jobset-name', operator: 'Exists' }] } };
  const items = documents.flatMap((one) => (one === null ? [] : [{
    ...one,
    metadata: { name },
    webhooks: one.webhooks.map((hook) => ({ ...hook, ...(hook.name.includes('pod.') && ofPods), clientConfig: { url: `${url}${hook.clientConfig.service.path}`, caBundle } })),
  }]));
  return { apiVersion: 'v1', kind: 'List', items };
}

function versionOf(module: string): string {
  const [, version] = new RegExp(`\\s${module} (v\\S+)`).exec(readFileSync(inClone(`${sources}/go.mod`), 'utf8')) ?? [];
  if (version === undefined) throw new Error(`${sources}/go.mod requires no ${module}`);
  return version;
}

/** Changes when what they are built from does. */
function version(): string {
  const hash = createHash('sha256');
  for (const name of ['go.mod', 'go.sum']) hash.update(readFileSync(inClone(`${sources}/${name}`)));
  return hash.digest('hex').slice(0, 8);
}
