// What does this machine need to run a real Kubernetes of its own, and how does it get there?
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, cp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { componentFolder, provideOnce } from '../cache.ts';
import { installPackages, makeDebian } from '../debian.ts';
import { go, goEnvironment, isProvided, provide, type GoProgram } from '../go-program.ts';
import { inClone } from '../in-clone.ts';
import type { Tell } from '../program.ts';
import { provideOperators } from './operators.ts';

/**
 * api: a real API server, nothing that acts. sched: jobs make pods, and kwok plays nodes on which they run without a container. node: a real kubelet with containerd, and containers.
 * Each holds the one before.
 */
export type Level = 'api' | 'sched' | 'node';

export const kubernetesVersion = '1.34.4';
const parts = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kubectl'] as const;
type Part = (typeof parts)[number] | 'helm' | 'pause';

export const kwok: GoProgram = {
  name: 'kwok', version: 'v0.8.0', module: 'sigs.k8s.io/kwok/cmd/kwok', provideWith: 'npm run stack -- kube --level sched',
  /** How its nodes and pods live; without, it does nothing. */
  async keep(modules, into) {
    const stages = join(modules, 'sigs.k8s.io/kwok@v0.8.0/kustomize/stage');
    const texts: string[] = [];
    for (const one of ['node/fast', 'node/heartbeat-with-lease', 'pod/fast']) {
      for (const name of (await readdir(join(stages, one))).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml').sort()) texts.push(await readFile(join(stages, one, name), 'utf8'));
    }
    await writeFile(join(into, 'stages.yaml'), texts.join('\n---\n'));
  },
};

/** Of it the firewall alone, by iptables and ipset: routes and Services are ours. */
export const kubeRouter: GoProgram = {
  name: 'kube-router', version: 'v2.1.0', module: 'github.com/cloudnativelabs/kube-router/v2/cmd/kube-router', provideWith: 'npm run stack -- kube',
};

export const stagesFile = (): string => join(componentFolder(kwok.name, kwok.version), 'stages.yaml');

/** Of Debian, by a program of each; busybox is a shell that many images have. */
const programs = { containerd: 'containerd', runc: 'runc', debootstrap: 'debootstrap', ip: 'iproute2', openssl: 'openssl', busybox: 'busybox-static', iptables: 'iptables', ipset: 'ipset' } as const;
const bridgePlugin = '/usr/lib/cni/bridge';
const packages = [...new Set<string>([...Object.values(programs), 'containernetworking-plugins'])];

const goSources = 'tools/stack/kube/go';
const dnsSources = 'tools/stack/kube/dns';
const kubeFolder = (): string => componentFolder('kubernetes', `${kubernetesVersion}-${sourcesVersion(goSources)}`);
const dnsFolder = (): string => componentFolder('coredns', `1.12.4-${sourcesVersion(dnsSources)}`);
const rootFolder = componentFolder('kube-root', 'bookworm-1');
/** Debian with Python, as a tar: what the images of tests stand on. */
export const rootFile = (): string => join(rootFolder, 'root.tar');

export const programOf = (part: Part): string => join(kubeFolder(), part);
export const dnsProgram = (): string => join(dnsFolder(), 'coredns');

/** What keeps a test from using a cluster of that level here; undefined: nothing. */
export function missingForKube(level: Level): string | undefined {
  const provideWith = `npm run stack -- kube --level ${level}`;
  if (!existsSync(kubeFolder())) return `Kubernetes ${kubernetesVersion} is not here: ${provideWith}`;
  if (level === 'api') return undefined;
  if (!isProvided(kwok)) return `kwok is not here: ${provideWith}`;
  if (level === 'sched') return undefined;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'a node of Kubernetes needs Linux, and root';
  if (missingPackages()) return `a node of Kubernetes needs programs of Debian's: apt-get install --no-install-recommends ${packages.join(' ')}`;
  if (!existsSync(dnsFolder())) return `the DNS of clusters (CoreDNS) is not here: ${provideWith}`;
  if (!isProvided(kubeRouter)) return `kube-router is not here: ${provideWith}`;
  return existsSync(rootFile()) ? undefined : `the images for a node are not here: ${provideWith}`;
}

/** Some ten minutes on two cores, once. */
export async function provideKube(level: Level, tell: Tell): Promise<void> {
  await provideOnce(kubeFolder(), async (into, scratch) => {
    const environment = { ...(await goEnvironment(scratch)), GOFLAGS: '-buildvcs=false -p=2 -modcacherw' };
    await build(into, scratch, environment, tell);
    if (level === 'node') await provideDns(tell, environment); // half of it is compiled by now
  });
  if (level === 'api') return;
  await provide(kwok, tell);
  await provideOperators(tell);
  if (level === 'sched') return;
  await provideDns(tell);
  if (missingPackages()) await installPackages(packages, missingForKube(level) ?? '', tell);
  await provide(kubeRouter, tell);
  await provideOnce(rootFolder, (into, scratch) => makeDebian(join(into, 'root.tar'), scratch, ['ca-certificates', 'libstdc++6', 'python3'], tell));
}

const missingPackages = (): boolean => !existsSync(bridgePlugin) || Object.keys(programs).some((name) => spawnSync('sh', ['-c', 'command -v "$0"', name]).status !== 0);

/** One program that is all of Kubernetes, by the names it is called by: Go would otherwise link the same code six times. */
async function build(into: string, scratch: string, environment: GoEnvironment, tell: Tell): Promise<void> {
  tell(`building Kubernetes ${kubernetesVersion} and Helm from their sources; this takes some minutes, once ...`);
  const sources = join(scratch, 'sources');
  await cp(inClone(goSources), sources, { recursive: true });
  const version = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((place) => [
    `-X ${place}.gitVersion=v${kubernetesVersion}`, `-X ${place}.gitMajor=1`, `-X ${place}.gitMinor=${kubernetesVersion.split('.')[1]}`, `-X ${place}.gitTreeState=clean`,
  ]);
  const flags = ['-trimpath', '-ldflags', ['-s -w', ...version].join(' ')];
  for (const [name, what] of [['kube', '.'], ['helm', 'helm.sh/helm/v3/cmd/helm'], ['pause', './pause']] as const) {
    await go(['build', ...flags, '-o', join(scratch, 'bin', name), what], environment, { cwd: sources, tell, what: `building ${name}` });
    await copyFile(join(scratch, 'bin', name), join(into, name));
  }
  for (const part of parts) await symlink('kube', join(into, part));
  tell(`Kubernetes ${kubernetesVersion} is there`);
}

type GoEnvironment = Awaited<ReturnType<typeof goEnvironment>>;

/** Only the parts of CoreDNS that a test cluster needs. `shared`: where others have compiled what it needs, too. */
async function provideDns(tell: Tell, shared?: GoEnvironment): Promise<void> {
  await provideOnce(dnsFolder(), async (into, scratch) => {
    tell('building CoreDNS from its sources; this takes some minutes, once ...');
    const sources = join(scratch, 'sources');
    await cp(inClone(dnsSources), sources, { recursive: true });
    await go(['build', '-trimpath', '-ldflags', '-s -w', '-o', join(into, 'coredns'), '.'], shared ?? (await goEnvironment(scratch)), { cwd: sources, tell, what: 'building CoreDNS' });
    tell('CoreDNS is there');
  });
}

/** Changes when what it is built from does. */
function sourcesVersion(folderInClone: string): string {
  const folder = inClone(folderInClone);
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (/\.(go|mod|sum)$/.test(name)) hash.update(name).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 8);
}
