// How does a test, or a person, get a real Kubernetes on this machine, and is rid of it again?
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inClone } from '../in-clone.ts';
import { CannotProvide, run, type Tell } from '../program.ts';
import { ControlPlane } from './control-plane.ts';
import type { Daemon } from './daemon.ts';
import { startDns } from './dns.ts';
import { makeImages } from './images.ts';
import { Network, removeBridge } from './network.ts';
import { ClusterNode, kernelSettings, unmountBelow } from './node.ts';
import { enforcePolicies } from './policies.ts';
import { endGroup, groupOf, makeGroup } from './pods-group.ts';
import { missingForKube, programOf, type Level } from './provide.ts';
import { forgetServices, Services } from './services.ts';

export interface ClusterOptions {
  readonly tell?: Tell;
  /** A clone that was built, whose code is in the platform's image. Not given: this one. */
  readonly platform?: string;
  /** Of what a container prints, before the kubelet rotates it. */
  readonly logBytes?: number;
}

const readyWithinMs = 90_000;
const prefix = 'polyaxon-kube-';

/** Everything in it belongs to whoever started it, and goes with it. */
export class Cluster {
  readonly #nodes: ClusterNode[] = [];
  #network: Network | undefined;
  #dns: Daemon | undefined;
  #images: string | undefined;
  #settings: readonly (readonly [string, string])[] = [];
  #services: Services | undefined;
  #policies: { stop(): Promise<void> } | undefined;

  private constructor(
    readonly folder: string,
    readonly control: ControlPlane,
    private readonly options: ClusterOptions,
  ) {}

  static async start(level: Level, options: ClusterOptions = {}): Promise<Cluster> {
    const missing = missingForKube(level);
    if (missing !== undefined) throw new CannotProvide(missing);
    await removeAbandoned();
    const folder = await mkdtemp(join(tmpdir(), prefix)); // short: sockets below it have at most 108 characters
    await writeFile(join(folder, 'owner'), String(process.pid));
    const cluster = new Cluster(folder, new ControlPlane(folder), options);
    try {
      await cluster.control.start(level);
      if (level === 'node') {
        cluster.#settings = kernelSettings.map((file) => [file, readFileSync(file, 'utf8')] as const);
        await makeGroup(groupOf(folder));
        cluster.#network = await Network.open();
        await writeFile(join(folder, 'bridge'), cluster.#network.name);
        cluster.#dns = await startDns(folder, cluster.kubeconfig, cluster.#network.address);
        await cluster.addNode('127.0.0.1');
      }
      if (level !== 'api') await cluster.until('the default service account', ['get', 'serviceaccount', 'default']);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** A file, of one who may do everything. */
  get kubeconfig(): string {
    return this.control.certificates.kubeconfig('admin');
  }

  /** Answers what it printed; `input` goes to its standard input. */
  async kubectl(args: readonly string[], input?: string | object): Promise<string> {
    const child = spawn(programOf('kubectl'), ['--kubeconfig', this.kubeconfig, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    let [out, said] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stdin.on('error', () => undefined).end(typeof input === 'object' ? JSON.stringify(input) : input);
    const code = await new Promise<number | null>((done, failed) => child.once('error', failed).once('close', done));
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${said.trim()}`);
    return out;
  }

  /** Asks until kubectl has an answer. */
  async until(what: string, args: readonly string[], isRight: (answer: string) => boolean = () => true): Promise<string> {
    let last = '';
    for (const giveUpAt = performance.now() + readyWithinMs; performance.now() < giveUpAt; await pause(100)) {
      try {
        last = await this.kubectl(args);
        if (isRight(last)) return last;
      } catch (error) {
        last = (error as Error).message;
      }
    }
    throw new Error(`${what} did not come: ${last}`);
  }

  /** Another kubelet with a containerd of its own on this machine; its name is an address of the machine's own: 127.0.0.2, 127.0.0.3 ... Resolves when it is ready. */
  async addNode(name: string): Promise<void> {
    if (!this.#network) throw new Error('only a cluster of the level node has nodes');
    this.#images ??= await makeImages(this.folder, this.options.platform ?? inClone('.'));
    const { certificates, url } = this.control;
    const node = new ClusterNode({ folder: join(this.folder, `node-${name}`), name, apiServer: url, certificates, network: this.#network, logBytes: this.options.logBytes });
    this.#nodes.push(node);
    await node.start(this.#images);
    await this.until(`node ${name}`, ['get', 'node', name, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'], (answer) => answer === 'True');
  }

  /** Nodes of kwok: pods on them run without a container, and end at once when they are of a job. */
  async addFakeNodes(count: number, capacity: Readonly<Record<string, string>> = { cpu: '64', memory: '256Gi', pods: '1000' }): Promise<void> {
    const items = Array.from({ length: count }, (_, n) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: `fake-${n}`, labels: { type: 'kwok', 'kubernetes.io/hostname': `fake-${n}` }, annotations: { 'kwok.x-k8s.io/node': 'fake' } },
      status: { capacity, allocatable: capacity },
    }));
    await this.kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
    await this.until(
      'the fake nodes',
      ['get', 'nodes', '-l', 'type=kwok', '-o', 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}'],
      (answer) => answer.split(' ').filter((one) => one === 'True').length === count,
    );
  }

  /** Its power goes; the cluster still has its name. */
  async loseNode(name: string): Promise<void> {
    await this.#nodeOf(name).vanish();
  }

  /** Its kubelet is started anew with these settings; without any, as it was. Resolves when it is ready. */
  async configureNode(name: string, settings: object = {}): Promise<void> {
    await this.#nodeOf(name).configure(settings);
    const boot = async () => JSON.parse(await this.kubectl(['get', 'node', name, '-o', 'json'])) as { status: { conditions: { type: string; status: string; lastHeartbeatTime: string }[] } };
    const since = Date.now();
    for (const giveUpAt = performance.now() + readyWithinMs; ; await pause(200)) {
      const ready = (await boot()).status.conditions.find(({ type }) => type === 'Ready');
      if (ready?.status === 'True' && new Date(ready.lastHeartbeatTime).getTime() >= since) return;
      if (performance.now() > giveUpAt) throw new Error(`the kubelet of ${name} is not ready again: ${JSON.stringify(ready)}`);
    }
  }

  async importImages(archive: string): Promise<void> {
    for (const node of this.#nodes) await node.import(archive);
  }

  /** A server of this machine, on 127.0.0.1, as pods reach it: `host:port`. */
  async reach(port: number, on?: number): Promise<string> {
    if (!this.#network) throw new Error('only a cluster of the level node has pods that reach anything');
    return this.#network.reach(port, on);
  }

  /** Pods reach no longer what `reach` has given them that address of, until what is answered is called. */
  cutOff(address: string): () => void {
    return this.#network?.cutOff(address) ?? (() => undefined);
  }

  /** From now on Services lead to their pods, by their addresses, and by node ports of `address`; that of Kubernetes itself leads to the API server. */
  async openServices(): Promise<void> {
    if (!this.#network) throw new Error('only a cluster of the level node has pods that a Service could lead to');
    const { control } = this;
    const [ip, port] = (await this.reach(Number(new URL(control.url).port))).split(':');
    const labels = { 'kubernetes.io/service-name': 'kubernetes' };
    const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'kubernetes', namespace: 'default', labels }, addressType: 'IPv4' };
    await this.kubectl(['apply', '-f', '-'], { ...slice, endpoints: [{ addresses: [ip] }], ports: [{ name: 'https', port: Number(port) }] });
    const items = async <Item>(path: string): Promise<readonly Item[]> => (await control.get<{ items: readonly Item[] }>(path)).items;
    this.#services = new Services({
      bridge: this.#network.name, address: this.#network.address,
      look: async () => ({ services: await items('/api/v1/services'), slices: await items('/apis/discovery.k8s.io/v1/endpointslices') }),
    });
    await this.#services.open();
  }

  /** From now on pods of the first node reach only what NetworkPolicies let them. */
  async enforcePolicies(): Promise<void> {
    this.#policies = await enforcePolicies({ folder: this.folder, kubeconfig: this.kubeconfig, node: this.#nodes[0]!.name });
  }

  /** Of this machine, as pods see it. */
  get address(): string | undefined {
    return this.#network?.address;
  }

  async stop(): Promise<void> {
    await this.#policies?.stop();
    await this.#services?.close();
    await Promise.all(this.#nodes.map((node) => node.stop()));
    await endGroup(groupOf(this.folder));
    await this.#dns?.stop('SIGKILL');
    await this.control.stop();
    await this.#network?.close();
    for (const [file, value] of this.#settings) await writeFile(file, value);
    await rm(this.folder, { recursive: true, force: true });
  }

  #nodeOf(name: string): ClusterNode {
    const node = this.#nodes.find((one) => one.name === name);
    if (!node) throw new Error(`there is no node ${name}`);
    return node;
  }
}

/** What others had who were killed: containers, mounts, bridges. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const folder = join(tmpdir(), name);
    const owner = name.startsWith(prefix) ? Number(await readFile(join(folder, 'owner'), 'utf8').catch(() => '0')) : 0;
    if (owner === 0 || existsSync(`/proc/${owner}`)) continue;
    await run('sh', ['-c', 'pkill -KILL -f "$0/" || true', folder]);
    await endGroup(groupOf(folder));
    await unmountBelow(folder);
    const bridge = await readFile(join(folder, 'bridge'), 'utf8').catch(() => '');
    if (bridge) {
      await forgetServices(bridge);
      await removeBridge(bridge);
    }
    await rm(folder, { recursive: true, force: true });
  }
}
