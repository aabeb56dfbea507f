// How does a test use the platform that the chart makes on a real cluster?
import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExperimentBody } from '#contracts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#event-store';
import { until, type Cluster, type S3Store } from '#testing';
import { freePort } from '../../tools/stack/free-port.ts';
import { startKafka, type Broker } from '../../tools/stack/kafka/broker.ts';
import { pythonImage } from '../../tools/stack/kube/images.ts';
import { programOf } from '../../tools/stack/kube/provide.ts';
import { root, type Said } from '../platform.ts';
import { chart, set } from './chart.ts';
import { platformImages } from './platform-image.ts';

export const image = 'polyaxon.test/installed';
export const services = ['api-gateway', 'scheduler', 'storage-manager', 'log-collector'] as const;
const user = 1000;
/** A port that nodes may have for a Service as well: whoever knows the gateway by it finds it after it has moved. */
const gatewayPort = 31_800;
const patience = { POLYAXON_CARRY_LAG_SECONDS: 1, POLYAXON_CARRY_LAST_SECONDS: 60 };
const tell = (line: string) => void process.stderr.write(`${line}\n`);

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly [{ readonly image: string }] };
  readonly status: { readonly podIP?: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

export class Installed {
  readonly folder = mkdtempSync(join(tmpdir(), 'polyaxon-install-'));
  #postgres: EmbeddedPostgres | undefined;
  #kafka: Broker | undefined;
  /** `host:port`, as pods reach it. */
  database = '';
  brokers = '';
  bucketAt = '';

  private constructor(
    readonly cluster: Cluster,
    private readonly store: S3Store,
  ) {}

  /** What the chart takes by reference is there, and the images of deploy/Dockerfile are on the node, under the tags 1 and 2; nothing is installed yet. */
  static async prepare(openCluster: () => Promise<Cluster>, openStore: () => Promise<S3Store>): Promise<Installed> {
    const scratch = mkdtempSync(join(tmpdir(), 'polyaxon-image-'));
    try {
      const archive = await platformImages(scratch, [`${image}:1`, `${image}:2`], tell); // before the cluster: two engines would want one network
      const installed = new Installed(await openCluster(), await openStore());
      try {
        await installed.cluster.importImages(archive);
        await installed.#provide();
        return installed;
      } catch (error) {
        await installed.close();
        throw error;
      }
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    await this.cluster.stop();
    await this.store.stop();
    await this.#postgres?.stop();
    await this.#kafka?.stop();
    if (process.env.KEEP_HOME) tell(`kept ${this.folder}`);
    else rmSync(this.folder, { recursive: true, force: true });
  }

  async #provide(): Promise<void> {
    await this.cluster.openServices();
    await this.cluster.enforcePolicies();
    this.#postgres = await startEmbeddedPostgres({ folder: join(this.folder, 'postgres') });
    const database = new URL(this.#postgres.url);
    database.host = await this.cluster.reach(Number(database.port));
    this.database = database.host;
    this.bucketAt = await this.cluster.reach(Number(new URL(this.store.settings.endpoint).port));
    const { accessKey, secretKey } = this.store.settings.credentials;
    const secret = (name: string, stringData: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'ml' }, stringData });
    await this.kubectl(['create', 'namespace', 'ml']);
    await this.kubectl(['create', '--filename', '-'], {
      apiVersion: 'v1', kind: 'List',
      items: [
        secret('database', { 'database-url': database.href }),
        secret('s3', { 'access-key': accessKey, 'secret-key': secretKey }),
        ...this.#volume('logs', 'ml', 'logs'),
      ],
    });
  }

  /** A folder of this machine, as a volume and a claim of that name. */
  #volume(folder: string, namespace: string, name: string): object[] {
    const path = join(this.folder, folder);
    if (!existsSync(path)) mkdirSync(path);
    chownSync(path, user, user);
    const claimed = { accessModes: ['ReadWriteMany'], storageClassName: '' };
    return [
      { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec: { ...claimed, capacity: { storage: '1Gi' }, hostPath: { path } } },
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace }, spec: { ...claimed, volumeName: name, resources: { requests: { storage: '1Gi' } } } },
    ];
  }

  /** As a person would give them on a cluster whose pods can't reach each other: one of each service, on the network of the node, and the database is the bus. */
  async onNode(): Promise<string[]> {
    const api = new URL(await this.#server());
    const ports = await Promise.all([freePort(), freePort(), freePort()]);
    return set({
      ...this.#given(1),
      bus: 'postgres',
      'hostNetwork.enabled': true, 'hostNetwork.address': this.cluster.address,
      'apiGateway.port': gatewayPort, 'scheduler.port': ports[0], 'storageManager.port': ports[1], 'logCollector.port': ports[2],
      'scheduler.env': { ...patience, KUBERNETES_SERVICE_HOST: api.hostname, KUBERNETES_SERVICE_PORT: api.port },
    });
  }

  /** The same with outputs on a volume, of which each of the two namespaces has a claim. */
  async onVolume(): Promise<string[]> {
    await this.kubectl(['create', '--filename', '-'], { apiVersion: 'v1', kind: 'List', items: [...this.#volume('outputs', 'ml', 'outputs'), ...this.#volume('outputs', 'ml-runs', 'runs-outputs')] });
    return [...(await this.onNode()), ...set({ 'storage.outputs.store': '', 'storage.outputs.claim': 'outputs', 'storage.outputs.runsClaim': 'runs-outputs' })];
  }

  /** Two of each service that find each other by name, with Kafka; the gateway is where it was. */
  async inPods(): Promise<string[]> {
    const two = Object.fromEntries(['apiGateway', 'scheduler', 'storageManager', 'logCollector'].map((one) => [`${one}.replicas`, 2]));
    return set({
      ...this.#given(2), ...two,
      bus: 'kafka', 'kafka.brokers': [this.brokers],
      'apiGateway.port': gatewayPort, 'apiGateway.serviceType': 'NodePort', 'apiGateway.nodePort': gatewayPort,
      'storage.logs.accessMode': 'ReadWriteMany',
      'scheduler.env': patience,
      'runs.gatewayUrl': `http://${this.cluster.address}:${gatewayPort}`, // so that a run finds it after a rollback as well
    });
  }

  #given(tag: number): object {
    const { bucket } = this.store.settings;
    return {
      'image.repository': image, 'image.tag': String(tag), 'image.pullPolicy': 'Never',
      'database.secret': 'database',
      's3.secret': 's3', 's3.endpoint': `http://${this.bucketAt}`,
      'storage.outputs.store': `s3://${bucket}/outputs`, 'storage.code.store': `s3://${bucket}/code`, 'storage.logs.claim': 'logs',
      'runs.image': pythonImage, 'runs.gracePeriodSeconds': 5, 'runs.limits': { cpu: '2', memory: '1Gi' },
    };
  }

  /** A broker that pods reach, and are sent to. */
  async openKafka(): Promise<void> {
    const port = await freePort();
    this.brokers = await this.cluster.reach(port, port);
    this.#kafka = await startKafka({ folder: join(this.folder, 'kafka'), version: '4.2.0', port, advertised: this.brokers });
  }

  async #server(): Promise<string> {
    return (await this.kubectl(['config', 'view', '--output', 'jsonpath={.clusters[0].cluster.server}'])).trim();
  }

  kubectl(args: readonly string[], input?: object): Promise<string> {
    return this.cluster.kubectl(args, input);
  }

  /** In the namespace of the release. */
  async helm(verb: string, ...args: string[]): Promise<string> {
    const { code, out, err } = await this.#run(programOf('helm'), [verb, 'polyaxon', ...args, '--namespace', 'ml'], root, { KUBECONFIG: this.cluster.kubeconfig });
    if (code !== 0) throw new Error(`helm ${verb}: ${err}\n${await this.#states()}`);
    return out;
  }

  install = async (): Promise<string> => this.helm('install', chart, ...(await this.onNode()), '--wait', '--timeout', '4m');

  /** Why it does not become ready. */
  async #states(): Promise<string> {
    const pods = await this.kubectl(['get', 'pods', '--all-namespaces', '--output', 'wide']).catch(String);
    const events = await this.kubectl(['get', 'events', '--namespace', 'ml', '--sort-by', '.lastTimestamp']).catch(String);
    const logs = await Promise.all(services.map(async (one) => `${one}: ${await this.kubectl(['logs', '--namespace', 'ml', `deployment/polyaxon-${one}`, '--tail', '8']).catch(String)}`));
    return [pods, events.slice(-3000), ...logs].join('\n');
  }

  /** By the service, the images its pods have, the oldest first. */
  async images(): Promise<Record<string, string[]>> {
    const pods = await this.pods();
    return Object.fromEntries(services.map((one) => [one, pods.filter(({ service }) => service === one).map(({ image }) => image)]));
  }

  /** Of services, the oldest first; without those that are to end. */
  async pods(): Promise<{ readonly name: string; readonly service: string; readonly image: string; readonly address: string; readonly isReady: boolean }[]> {
    const { items } = JSON.parse(await this.kubectl(['get', 'pods', '--namespace', 'ml', '--sort-by', '.metadata.creationTimestamp', '--output', 'json'])) as { items: Pod[] };
    return items.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata, spec, status }) => ({
      name: metadata.name,
      service: metadata.labels['app.kubernetes.io/component']!,
      image: spec.containers[0].image,
      address: status.podIP ?? '',
      isReady: status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
    }));
  }

  /** A command of the notes, as a person pastes it into a shell. */
  shell(command: string): Promise<Said> {
    const folder = join(this.folder, 'bin');
    if (!existsSync(folder)) {
      mkdirSync(folder);
      writeFileSync(join(folder, 'polyaxon'), `#!/bin/sh\nexec ${process.execPath} ${join(root, 'dist/apps/cli/src/main.js')} "$@"\n`, { mode: 0o755 });
      writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\nexec ${programOf('kubectl')} "$@"\n`, { mode: 0o755 });
    }
    return this.#run('sh', ['-c', command], this.folder, { ...this.#client, KUBECONFIG: this.cluster.kubeconfig, PATH: `${folder}:${process.env.PATH}` });
  }

  workspace(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(this.folder, 'workspace-'));
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), content);
    }
    return folder;
  }

  /** The command line of this machine. */
  cli(cwd: string, args: readonly string[]): Promise<Said> {
    return this.#run(process.execPath, [join(root, 'dist/apps/cli/src/main.js'), ...args], cwd, this.#client);
  }

  get #client(): Record<string, string> {
    return { POLYAXON_CONFIG_HOME: join(this.folder, 'config'), POLYAXON_API_HOST: this.cluster.address ?? '', POLYAXON_HTTP_PORT: String(gatewayPort), NO_COLOR: '1' };
  }

  async api(path: string): Promise<Response | undefined> {
    const token = Buffer.from(await this.kubectl(['get', 'secret', 'polyaxon', '--namespace', 'ml', '--output', 'jsonpath={.data.admin-token}']), 'base64').toString();
    return fetch(`http://${this.cluster.address}:${gatewayPort}/api/v1/${path}`, { headers: { authorization: `Token ${token}` }, signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
  }

  status(project: string, id: number, wanted: string): Promise<ExperimentBody> {
    let last = '';
    return until(`experiment ${id} is ${wanted}`, async () => {
      const answer = await this.api(`${project}/experiments/${id}`);
      const body = answer?.ok ? ((await answer.json()) as ExperimentBody) : null;
      last = body?.last_status ?? last;
      return last === wanted ? body : null;
    }, 120_000).catch((error: Error) => this.explain(new Error(`${error.message}; it is ${last}`), project, id));
  }

  /** Throws it, with all that may say why. */
  async explain(error: Error, project: string, id: number): Promise<never> {
    const told = await (await this.api(`${project}/experiments/${id}/statuses?limit=100`))?.text();
    throw new Error(`${error.message}: ${told}\n${await this.kubectl(['describe', 'pods', '--namespace', 'ml-runs']).catch(String)}\n${await this.#states()}`, { cause: error });
  }

  /** As the store has it now; undefined: it isn't there. A gateway or a storage-manager that is away is waited for: that is no answer. */
  output(project: string, id: number, path: string): Promise<string | undefined> {
    return until(`the outputs of experiment ${id} can be looked at`, async () => {
      const answer = await this.api(`${project}/experiments/${id}/outputs/files?path=${path}`);
      if (answer?.ok) return { text: await answer.text() };
      return answer && answer.status < 500 ? { text: undefined } : null;
    }, 90_000).then(({ text }) => text);
  }

  /** Its archive is written after its end; at least so many lines. */
  async log(project: string, id: number, lines = 1): Promise<string[]> {
    const file = join(this.folder, 'logs', project, 'experiments', String(id), 'run.log');
    return until(`the log of experiment ${id} is archived`, () => {
      const text = existsSync(file) ? readFileSync(file, 'utf8').trimEnd() : '';
      const found = text === '' ? [] : text.split('\n');
      return found.length >= lines ? found : null;
    }, 30_000);
  }

  #run(program: string, args: readonly string[], cwd: string, more: Readonly<Record<string, string>> = {}): Promise<Said> {
    const clean = Object.fromEntries(Object.entries(process.env).filter(([variable]) => !/^(POLYAXON_|npm_|NODE_OPTIONS)/.test(variable)));
    const child = spawn(program, args, { cwd, env: { ...clean, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    return new Promise((done, failed) => child.once('error', failed).once('close', (code) => done({ code, out, err })));
  }
}
