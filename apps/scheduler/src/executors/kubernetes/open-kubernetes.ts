// Out of what the scheduler is told, which cluster does it speak to, and as whom?
import { KubeConfig } from '@kubernetes/client-node';
import { ConfigurationInvalid, namedStores, s3ConfigurationOf, type Logger, type ReadinessCheck } from '#service-host';
import type { Standing } from '#event-store';
import type { Configuration } from '../../configuration.ts';
import { WatchedCapabilities } from './capabilities.ts';
import { consoleTeller } from './build-output.ts';
import { Builds } from './builds.ts';
import { Cluster } from './cluster.ts';
import { Connection } from './connection.ts';
import { KubernetesExecutor } from './kubernetes-executor.ts';
import type { Builder, BuildSettings, ClusterSettings, OutputsMount, PodOutputs } from './objects/cluster-settings.ts';
import { ObjectsInCluster } from './objects-in-cluster.ts';
import type { Reports } from './reports.ts';
import { Orphans } from './orphans.ts';
import { UnsentConsoles } from './unsent-consoles.ts';
import { WhyWaiting } from './why-waiting.ts';

const outputsRoot = '/polyaxon/outputs';

export interface OpenKubernetes {
  readonly executor: KubernetesExecutor;
  /** What keeps runs from being started now. */
  readonly ready: ReadinessCheck;
  /** What is missing and can be done without. */
  readonly whole: ReadinessCheck;
  start(): void;
  stop(): Promise<void>;
}

export interface KubernetesSurroundings {
  readonly log: Logger;
  readonly now: () => Date;
  readonly standing: Standing;
  readonly reports: Reports;
  /** Which platform this is, when nobody says it. */
  readonly ownId: () => Promise<string>;
  readonly known: () => Promise<ReadonlySet<string>>;
}

export async function openKubernetes(configuration: Configuration, { log, now, standing, reports, ownId, known }: KubernetesSurroundings): Promise<OpenKubernetes> {
  const config = kubeConfigOf(configuration);
  const cluster = new Cluster(new Connection(config), namespaceOf(configuration, config));
  const settings = await settingsOf(configuration, cluster.namespace, configuration.POLYAXON_KUBERNETES_PLATFORM || (await ownId()));
  const objects = new ObjectsInCluster(cluster, settings.platformId, { replicasAs: settings.replicasAs });
  const clusterOfBuilds = settings.build && new Cluster(new Connection(config), settings.build.namespace);
  const capabilities = new WatchedCapabilities(cluster, settings.replicasAs, clusterOfBuilds, () => objects.tellChanged());
  const patience = {
    startSeconds: configuration.POLYAXON_KUBERNETES_START_SECONDS,
    unschedulableSeconds: configuration.POLYAXON_KUBERNETES_UNSCHEDULABLE_SECONDS,
    unreachableSeconds: settings.lostNodeSeconds,
  };
  // of what the cluster doesn't offer the watch only says that it isn't there
  const hindrance = () => (objects.problem?.kind === 'not-found' ? (capabilities.latest.hindrance ?? objects.problem.message) : (objects.problem?.message ?? capabilities.latest.hindrance));
  const tellConsole = consoleTeller({ gatewayUrl: configuration.POLYAXON_GATEWAY_URL, runTokenSecret: settings.runTokenSecret });
  const builds = settings.build && clusterOfBuilds && new Builds({
    cluster: clusterOfBuilds, settings, build: settings.build, log, tellConsole, changed: () => objects.tellChanged(),
  });
  const unsent = new UnsentConsoles({ cluster, gatewayUrl: configuration.POLYAXON_GATEWAY_URL, runTokenSecret: settings.runTokenSecret, log, now });
  const executor = new KubernetesExecutor({ builds: builds ?? undefined, objects, settings, patience, log, now, hindrance, forbidden: () => capabilities.lookAgain(), reports, unsent, why: new WhyWaiting(cluster, now) });
  const orphans = new Orphans({ objects, platform: settings.platformId, known, standing, log, also: async () => builds?.sweep(known) });
  const watchers = [objects, capabilities, ...(builds ? [builds] : []), orphans];
  return {
    executor,
    ready: async () => hindrance(),
    whole: async () => capabilities.latest.lacks,
    start: () => watchers.forEach((one) => one.start()),
    stop: async () => {
      for (const one of [...watchers].reverse()) await one.stop();
    },
  };
}

export function kubeConfigOf({ POLYAXON_KUBERNETES_KUBECONFIG: file, POLYAXON_KUBERNETES_CONTEXT: context }: Pick<Configuration, 'POLYAXON_KUBERNETES_KUBECONFIG' | 'POLYAXON_KUBERNETES_CONTEXT'>): KubeConfig {
  const config = new KubeConfig();
  try {
    if (file !== '') config.loadFromFile(file);
    else if (process.env.KUBERNETES_SERVICE_HOST) config.loadFromCluster();
    else config.loadFromDefault();
  } catch (error) {
    throw new ConfigurationInvalid(`POLYAXON_KUBERNETES_KUBECONFIG=${file}: ${(error as Error).message}; name a kubeconfig that kubectl can use (kubectl --kubeconfig ${file || 'FILE'} get pods)`);
  }
  const known = config.getContexts().map(({ name }) => name);
  if (context !== '' && !known.includes(context)) throw new ConfigurationInvalid(`POLYAXON_KUBERNETES_CONTEXT=${context}: there is ${known.join(', ') || 'no context'} in the kubeconfig`);
  if (context !== '') config.setCurrentContext(context);
  if (!config.getCurrentCluster()) {
    throw new ConfigurationInvalid(`POLYAXON_KUBERNETES_KUBECONFIG=${file}: its current context names no cluster; set one of ${known.join(', ') || 'none'} in POLYAXON_KUBERNETES_CONTEXT`);
  }
  return config;
}

function namespaceOf({ POLYAXON_KUBERNETES_NAMESPACE: given }: Configuration, config: KubeConfig): string {
  return given || config.getContextObject(config.getCurrentContext())?.namespace || 'default';
}

async function settingsOf(told: Configuration, namespace: string, platformId: string): Promise<ClusterSettings> {
  const { '': own, ...others } = told.POLYAXON_KUBERNETES_OUTPUTS;
  return {
    platformId,
    namespace,
    platformImage: told.POLYAXON_KUBERNETES_PLATFORM_IMAGE,
    platformFolder: told.POLYAXON_KUBERNETES_PLATFORM_FOLDER,
    programImage: told.POLYAXON_KUBERNETES_PROGRAM_IMAGE || null,
    imagePullPolicy: told.POLYAXON_KUBERNETES_IMAGE_PULL_POLICY || null,
    imagePullSecrets: told.POLYAXON_KUBERNETES_IMAGE_PULL_SECRETS,
    serviceAccount: told.POLYAXON_KUBERNETES_SERVICE_ACCOUNT || null,
    outputs: { root: outputsRoot, outputs: await ownOutputs(told, own) },
    namedOutputs: await namedOutputs(told, others),
    data: told.POLYAXON_KUBERNETES_DATA,
    gatewayUrl: told.POLYAXON_KUBERNETES_GATEWAY_URL || told.POLYAXON_GATEWAY_URL,
    runTokenSecret: told.POLYAXON_RUN_TOKEN_SECRET,
    runAsUser: told.POLYAXON_KUBERNETES_RUN_AS_USER || null,
    fsGroup: told.POLYAXON_KUBERNETES_FS_GROUP || null,
    requests: told.POLYAXON_KUBERNETES_REQUESTS,
    limits: told.POLYAXON_KUBERNETES_LIMITS,
    gpuResource: told.POLYAXON_KUBERNETES_GPU_RESOURCE,
    tpuResource: told.POLYAXON_KUBERNETES_TPU_RESOURCE,
    graceSeconds: told.POLYAXON_GRACE_PERIOD_SECONDS,
    lastSeconds: told.POLYAXON_CARRY_LAST_SECONDS,
    lagSeconds: told.POLYAXON_CARRY_LAG_SECONDS,
    lostNodeSeconds: told.POLYAXON_KUBERNETES_LOST_NODE_SECONDS,
    replicasAs: told.POLYAXON_KUBERNETES_REPLICAS,
    queueName: told.POLYAXON_KUBERNETES_QUEUE || null,
    build: buildSettings(told, namespace),
  };
}

const builderImages: Readonly<Record<Builder, string>> = {
  buildkit: 'moby/buildkit:v0.34.2-rootless',
  'buildkit-privileged': 'moby/buildkit:v0.34.2',
  kaniko: 'gcr.io/kaniko-project/executor:v1.24.0',
};

function buildSettings(told: Configuration, namespace: string): BuildSettings | null {
  if (told.POLYAXON_KUBERNETES_REGISTRY === '') return null;
  return {
    repository: told.POLYAXON_KUBERNETES_REGISTRY,
    isInsecure: told.POLYAXON_KUBERNETES_REGISTRY_INSECURE === 'yes',
    loginSecret: told.POLYAXON_KUBERNETES_REGISTRY_SECRET || null,
    builder: told.POLYAXON_KUBERNETES_BUILDER,
    builderImage: told.POLYAXON_KUBERNETES_BUILDER_IMAGE || builderImages[told.POLYAXON_KUBERNETES_BUILDER],
    namespace: told.POLYAXON_KUBERNETES_BUILD_NAMESPACE || namespace,
    serviceAccount: told.POLYAXON_KUBERNETES_BUILD_SERVICE_ACCOUNT || null,
    requests: told.POLYAXON_KUBERNETES_BUILD_REQUESTS,
    limits: told.POLYAXON_KUBERNETES_BUILD_LIMITS,
    timeoutSeconds: told.POLYAXON_KUBERNETES_BUILD_SECONDS,
    keptSeconds: told.POLYAXON_KUBERNETES_BUILD_KEEP_SECONDS,
  };
}

async function ownOutputs(told: Configuration, volume: PodOutputs | undefined): Promise<PodOutputs> {
  const { POLYAXON_OUTPUTS_STORE: store } = told;
  if (store !== '') return { kind: 's3', s3: await s3ConfigurationOf('POLYAXON_OUTPUTS_STORE', store, told) };
  if (volume) return volume;
  throw new ConfigurationInvalid('POLYAXON_KUBERNETES_OUTPUTS is not set: pods must find outputs; name a volume (claim:NAME or host:/folder), or a store in POLYAXON_OUTPUTS_STORE');
}

/** What is a folder for the storage-manager has to be a volume for pods; one that isn't said to be can't be used by runs. */
async function namedOutputs(told: Configuration, volumes: Readonly<Record<string, PodOutputs>>): Promise<Record<string, OutputsMount>> {
  const mounts = [...(await namedStores(told))].flatMap(([name, { configuration }]): [string, OutputsMount][] => {
    const outputs = configuration.kind === 's3' ? { kind: 's3' as const, s3: configuration } : volumes[name];
    return outputs ? [[name, { root: `/polyaxon/stores/${name}`, outputs }]] : [];
  });
  return Object.fromEntries(mounts);
}
