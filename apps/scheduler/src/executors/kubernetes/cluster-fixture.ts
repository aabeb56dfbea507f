// How does a test get executors on a real cluster, and play whoever makes pods there?
import { randomBytes } from 'node:crypto';
import type { V1ContainerStatus, V1Job, V1Pod, V1PodStatus } from '@kubernetes/client-node';
import { openLog } from '#service-host';
import { until, type Cluster as TestCluster } from '#testing';
import type { AttemptId } from '../executor.ts';
import type { TellConsole } from './build-output.ts';
import { Builds } from './builds.ts';
import { Cluster } from './cluster.ts';
import { Connection } from './connection.ts';
import { KubernetesExecutor } from './kubernetes-executor.ts';
import type { ClusterSettings } from './objects/cluster-settings.ts';
import { attemptName, epochOf, keptFinalizer, labelNames, selectorOf } from './objects/names.ts';
import { ObjectsInCluster } from './objects-in-cluster.ts';
import { kubeConfigOf } from './open-kubernetes.ts';
import type { Patience } from './phase-of.ts';
import { UnsentConsoles } from './unsent-consoles.ts';
import { WhyWaiting } from './why-waiting.ts';

export interface Opened {
  readonly executor: KubernetesExecutor;
  readonly objects: ObjectsInCluster;
  readonly cluster: Cluster;
  /** Where the settings say how images are built. */
  readonly builds: Builds | undefined;
  close(): Promise<void>;
}

export interface FixtureOptions {
  readonly settings?: Partial<ClusterSettings>;
  readonly patience?: Partial<Patience>;
  readonly relistMs?: number;
  readonly silentMs?: number;
  readonly now?: () => Date;
  /** Of the API server, when it isn't asked directly. */
  readonly server?: string;
  readonly log?: (line: string) => void;
  /** Of builds that fail. */
  readonly tellConsole?: TellConsole;
  /** Where the scheduler itself finds the gateway; not given: where pods do. */
  readonly gatewayUrl?: string;
}

const nothing = { cpuCores: null, memoryBytes: null };

/** A platform of its own in a namespace of its own, so that tests don't see each other's. */
export class ClusterFixture {
  readonly namespace = `t-${randomBytes(4).toString('hex')}`;
  readonly settings: ClusterSettings;
  readonly #opened: Opened[] = [];

  private constructor(
    readonly under: TestCluster,
    settings: Partial<ClusterSettings>,
  ) {
    this.settings = {
      platformId: this.namespace, namespace: this.namespace, platformImage: 'polyaxon.test/platform:test', platformFolder: '/opt/platform', programImage: 'polyaxon.test/python:test', imagePullPolicy: 'Never',
      imagePullSecrets: [], serviceAccount: null, outputs: { root: '/polyaxon/outputs', outputs: { kind: 'host', folder: '/tmp' } }, namedOutputs: {}, data: {}, gatewayUrl: 'http://127.0.0.1:1',
      runTokenSecret: 'secret', runAsUser: 1000, fsGroup: 1000, requests: nothing, limits: nothing, gpuResource: 'nvidia.com/gpu', tpuResource: 'google.com/tpu', graceSeconds: 30, lastSeconds: 10, lagSeconds: 1,
      lostNodeSeconds: 5, replicasAs: 'job', queueName: null, build: null, ...settings,
    };
  }

  static async make(under: TestCluster, settings: Partial<ClusterSettings> = {}): Promise<ClusterFixture> {
    const fixture = new ClusterFixture(under, settings);
    await under.kubectl(['create', 'namespace', fixture.namespace]);
    await under.kubectl(['-n', fixture.namespace, 'create', 'serviceaccount', 'default']).catch((error: Error) => {
      if (!error.message.includes('already exists')) throw error; // where controllers are, they are as fast
    });
    return fixture;
  }

  /** Another one each time, as after the first was killed. Resolves when it has seen the cluster. */
  async open(options: FixtureOptions = {}): Promise<Opened> {
    const opened = this.openBlind(options);
    await until('the cluster is seen', () => opened.objects.isSynced && (opened.builds?.isSynced ?? true), 30_000);
    return opened;
  }

  openBlind({ settings = {}, patience = {}, relistMs, silentMs, now = () => new Date(), server, gatewayUrl, tellConsole = async () => undefined }: FixtureOptions = {}): Opened {
    const config = kubeConfigOf({ POLYAXON_KUBERNETES_KUBECONFIG: this.under.kubeconfig, POLYAXON_KUBERNETES_CONTEXT: '' });
    const current = config.getCurrentCluster();
    if (server !== undefined && current) config.clusters = [{ ...current, server }];
    const cluster = new Cluster(new Connection(config), this.namespace);
    const whole = { ...this.settings, ...settings };
    const objects = new ObjectsInCluster(cluster, whole.platformId, { replicasAs: whole.replicasAs, ...(relistMs !== undefined && { relistMs }), ...(silentMs !== undefined && { silentMs }) });
    const log = openLog('test', 'silent');
    const { build } = whole;
    const ofBuilds = build && { cluster: new Cluster(new Connection(config), build.namespace), settings: whole, build, log, tellConsole };
    const builds = ofBuilds ? new Builds({ ...ofBuilds, changed: () => objects.tellChanged() }) : undefined;
    const executor = new KubernetesExecutor({
      builds, objects, settings: whole, log, now, why: new WhyWaiting(cluster, now),
      unsent: new UnsentConsoles({ cluster, gatewayUrl: gatewayUrl ?? whole.gatewayUrl, runTokenSecret: whole.runTokenSecret, log, now }),
      patience: { startSeconds: 900, unschedulableSeconds: 0, unreachableSeconds: whole.lostNodeSeconds, ...patience },
    });
    objects.start();
    builds?.start();
    const stop = async (): Promise<void> => void (await Promise.all([objects.stop(), builds?.stop()]));
    const opened = { executor, objects, cluster, builds, close: stop };
    this.#opened.push(opened);
    return opened;
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.map((one) => one.close()));
  }

  async jobs(): Promise<readonly V1Job[]> {
    return (JSON.parse(await this.under.kubectl(['-n', this.namespace, 'get', 'jobs', '-l', selectorOf(this.settings.platformId), '-o', 'json'])) as { items: V1Job[] }).items;
  }

  async names(kind: string): Promise<readonly string[]> {
    return (await this.under.kubectl(['-n', this.namespace, 'get', kind, '-o', 'name'])).split('\n').filter(Boolean).map((name) => name.split('/')[1] ?? '').sort();
  }

  /** As the Job controller makes it of the Job that is there. */
  async makePod({ cluster }: Opened, id: AttemptId, status: V1PodStatus = { phase: 'Pending' }): Promise<string> {
    const job = await cluster.get('Job', attemptName(id));
    if (!job) throw new Error(`there is no Job ${attemptName(id)}`);
    const name = `${attemptName(id)}-${randomBytes(3).toString('hex')}`;
    const { metadata, spec } = job.spec?.template ?? {};
    if (!spec) throw new Error('a Job has a template');
    const pod: V1Pod = {
      metadata: {
        name, labels: metadata?.labels ?? {}, annotations: metadata?.annotations ?? {}, finalizers: [keptFinalizer],
        ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: attemptName(id), uid: job.metadata?.uid ?? '', controller: true }],
      },
      spec: { ...spec, nodeName: 'played' },
    };
    await cluster.create('Pod', pod);
    await this.setStatus(cluster, name, status);
    return name;
  }

  async setStatus(cluster: Cluster, pod: string, status: V1PodStatus): Promise<void> {
    await cluster.patch('Pod', `${pod}/status`, { status });
  }
}

const at = '2026-11-27T20:00:00Z';

export const statuses = {
  running: { phase: 'Running', containerStatuses: [container('experiment', { running: { startedAt: at } })] } as V1PodStatus,
  ended: (exitCode: number, reason = exitCode === 0 ? 'Completed' : 'Error'): V1PodStatus => ({
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    containerStatuses: [container('experiment', { terminated: { exitCode, reason, startedAt: at, finishedAt: at } })],
  }),
};

function container(name: string, state: object): V1ContainerStatus {
  return { name, state, image: 'i', imageID: 'i', ready: false, restartCount: 0 };
}

export { attemptName, epochOf, labelNames };
