// How does a node of a test cluster run on this machine: a kubelet and a containerd of its own, with real containers?
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { run } from '../program.ts';
import type { Certificates } from './certificates.ts';
import { startDaemon, until, type Daemon } from './daemon.ts';
import { clusterDomain } from './dns.ts';
import { pauseImage } from './images.ts';
import type { Network } from './network.ts';
import { groupOf } from './pods-group.ts';
import { programOf } from './provide.ts';

export interface NodeOptions {
  readonly folder: string;
  /** 127.0.0.1, 127.0.0.2 and so on: its name, and where its kubelet listens. */
  readonly name: string;
  readonly apiServer: string;
  readonly certificates: Certificates;
  readonly network: Network;
  /** Of what a container prints, before it is rotated. */
  readonly logBytes?: number | undefined;
}

const images = 'k8s.io';

export class ClusterNode {
  #containerd: Daemon | undefined;
  #kubelet: Daemon | undefined;

  constructor(private readonly options: NodeOptions) {}

  get name(): string {
    return this.options.name;
  }

  async start(archive: string): Promise<void> {
    const { folder, name, apiServer, certificates, network } = this.options;
    for (const part of ['cni', 'kubelet', 'logs', 'plugins']) await mkdir(join(folder, part), { recursive: true });
    await network.configure(join(folder, 'cni'), join(folder, '..', 'addresses'));
    await certificates.issue(name, `/O=system:nodes/CN=system:node:${name}`, apiServer, name);
    await writeFile(join(folder, 'containerd.toml'), containerdConfiguration(folder));
    this.#containerd = startDaemon('containerd', ['--config', join(folder, 'containerd.toml')], folder);
    await until('containerd', this.#containerd, () => this.#ctr('version').then(() => true));
    await this.import(archive);
    await writeFile(join(folder, 'kubelet.yaml'), JSON.stringify(await this.#kubeletConfiguration()));
    this.#startKubelet();
  }

  async import(archive: string): Promise<void> {
    await this.#ctr('image', 'import', archive);
  }

  /** Its kubelet is started anew, with other settings than it has by default; containers go on. */
  async configure(more: object): Promise<void> {
    const { folder } = this.options;
    await this.#kubelet?.stop('SIGKILL');
    await writeFile(join(folder, 'kubelet.yaml'), JSON.stringify({ ...(await this.#kubeletConfiguration()), ...more }));
    this.#startKubelet();
  }

  /** All at once, as when its power goes: nothing says good-bye, and the cluster still has its name. */
  async vanish(): Promise<void> {
    await this.#kubelet?.stop('SIGKILL');
    await this.#killContainers();
    await this.#containerd?.stop('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.vanish();
    const { folder } = this.options;
    await run('pkill', ['-KILL', '-f', `containerd-shim.*${join(folder, 'containerd.sock')}`]).catch(() => '');
    await unmountBelow(folder);
  }

  /** Every process of every container, by the control groups that they are in. */
  async #killContainers(): Promise<void> {
    for (const id of (await this.#ctr('container', 'ls', '--quiet').catch(() => '')).split('\n').filter(Boolean)) {
      const pids = (await this.#ctr('task', 'ps', id).catch(() => '')).split('\n').slice(1).map((line) => Number(line.trim().split(/\s+/)[0]));
      for (const pid of pids) {
        try {
          if (pid > 1) process.kill(pid, 'SIGKILL');
        } catch {
          // it is gone
        }
      }
    }
  }

  #startKubelet(): void {
    const { folder, name, certificates } = this.options;
    this.#kubelet = startDaemon(programOf('kubelet'), [
      `--config=${join(folder, 'kubelet.yaml')}`, `--kubeconfig=${certificates.kubeconfig(name)}`, `--hostname-override=${name}`, `--root-dir=${join(folder, 'kubelet')}`,
      `--cert-dir=${join(folder, 'served')}`, '--v=1',
    ], folder);
  }

  #ctr(...args: string[]): Promise<string> {
    return run('ctr', ['--address', join(this.options.folder, 'containerd.sock'), '--namespace', images, ...args]);
  }

  async #kubeletConfiguration(): Promise<object> {
    const { folder, name, certificates, network, logBytes } = this.options;
    return {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      address: name,
      port: await freePort(),
      healthzBindAddress: '127.0.0.1',
      healthzPort: await freePort(),
      tlsCertFile: certificates.path(`${name}.crt`),
      tlsPrivateKeyFile: certificates.path(`${name}.key`),
      authentication: { anonymous: { enabled: false }, webhook: { enabled: false }, x509: { clientCAFile: certificates.path('ca.crt') } },
      authorization: { mode: 'AlwaysAllow' },
      cgroupDriver: 'cgroupfs',
      cgroupsPerQOS: false,
      cgroupRoot: `/${groupOf(join(folder, '..'))}`,
      enforceNodeAllocatable: [],
      failSwapOn: false,
      failCgroupV1: false,
      containerRuntimeEndpoint: `unix://${join(folder, 'containerd.sock')}`,
      podLogsDir: join(folder, 'logs'),
      resolvConf: '',
      clusterDNS: [network.address],
      clusterDomain,
      volumePluginDir: join(folder, 'plugins'),
      evictionHard: {},
      localStorageCapacityIsolation: false,
      makeIPTablesUtilChains: false,
      maxPods: 250,
      registryPullQPS: 0,
      serializeImagePulls: false,
      kubeAPIQPS: 200,
      kubeAPIBurst: 400,
      eventRecordQPS: 0,
      syncFrequency: '1s',
      nodeStatusUpdateFrequency: '1s',
      ...(logBytes !== undefined && { containerLogMaxSize: String(logBytes), containerLogMaxFiles: 3, containerLogMonitorInterval: '3s' }),
    };
  }
}

export async function unmountBelow(folder: string): Promise<void> {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n').map((line) => line.split(' ')[1] ?? '').filter((place) => place.startsWith(`${folder}/`));
  for (const place of mounts.sort().reverse()) await run('umount', ['--lazy', place]).catch(() => '');
}

function containerdConfiguration(folder: string): string {
  const quoted = (part: string): string => JSON.stringify(join(folder, part));
  return `version = 2
root = ${quoted('containerd/root')}
state = ${quoted('containerd/state')}
[grpc]
  address = ${quoted('containerd.sock')}
[plugins."io.containerd.internal.v1.opt"]
  path = ${quoted('containerd/opt')}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = ${quoted('cni')}
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`;
}

/** A kubelet sets these for the whole machine. */
export const kernelSettings = ['kernel/panic', 'kernel/panic_on_oops', 'vm/overcommit_memory', 'kernel/keys/root_maxkeys', 'kernel/keys/root_maxbytes']
  .map((name) => join('/proc/sys', name))
  .filter((file) => existsSync(file));
