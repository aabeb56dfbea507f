// Which volumes does a pod have, and what of each does a container see?
import type { V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import { basename, join } from 'node:path/posix';
import { podFolders, podOrderFile, podTokenFile } from '#storage';
import type { AttemptSpec } from '../../executor.ts';
import type { ClusterSettings, OutputsMount } from './cluster-settings.ts';
import { dataNames, impossible } from './wanted.ts';

export interface PodVolumes {
  readonly volumes: V1Volume[];
  readonly program: V1VolumeMount[];
  readonly platform: V1VolumeMount[];
  readonly outputsRoot: string;
  readonly dataPaths: Readonly<Record<string, string>>;
  /** Absolute, in the order of the polyaxonfile. */
  readonly referencedOutputs: readonly string[];
}

export function outputsMountOf(settings: Pick<ClusterSettings, 'outputs' | 'namedOutputs'>, store: string | undefined): OutputsMount {
  const mount = store === undefined ? settings.outputs : Object.hasOwn(settings.namedOutputs, store) ? settings.namedOutputs[store] : undefined;
  if (mount) return mount;
  throw impossible(`there is no store ${store} here`, 'name it in POLYAXON_STORES_FILE of the scheduler, too');
}

/** Where a program finds the outputs of another: in their volume, or brought here. */
export function referencePath({ root, outputs }: OutputsMount, outputsPath: string): string {
  return outputs.kind === 's3' ? join(podFolders.run, 'references', outputsPath) : join(root, outputsPath);
}

export function podVolumes(spec: AttemptSpec, settings: ClusterSettings, secretName: string): PodVolumes {
  const { order } = spec;
  const shared: V1VolumeMount = { name: 'run', mountPath: podFolders.run };
  const own = outputsMountOf(settings, order.outputsStore);
  const outputs = outputsVolumes(spec, settings, own);
  const data = dataVolumes(spec, settings);
  return {
    volumes: [
      { name: 'run', emptyDir: {} },
      { name: 'carrier', emptyDir: {} },
      { name: 'secret', secret: { secretName, defaultMode: 0o444 } },
      { name: 'token', secret: { secretName, defaultMode: 0o444, items: [keyOf(podTokenFile)] } },
      ...outputs.volumes,
      ...data.volumes,
    ],
    program: [shared, { name: 'token', mountPath: podFolders.secret, readOnly: true }, ...outputs.mounts, ...data.mounts],
    platform: [shared, { name: 'carrier', mountPath: podFolders.carrier }, { name: 'secret', mountPath: podFolders.secret, readOnly: true }, ...outputs.mounts.filter(({ name }) => name === 'outputs')],
    outputsRoot: own.root,
    dataPaths: data.paths,
    referencedOutputs: (order.outputsReferences ?? []).map((one) => referencePath(outputsMountOf(settings, one.outputsStore), one.outputsPath)),
  };
}

/** The names of files are those of the keys. */
export const secretKeys = { token: basename(podTokenFile), order: basename(podOrderFile) } as const;

function keyOf(file: string): { key: string; path: string } {
  return { key: basename(file), path: basename(file) };
}

/** Only what is its own can be written, only what is referred to can be read. */
function outputsVolumes({ order }: AttemptSpec, settings: ClusterSettings, own: OutputsMount): { volumes: V1Volume[]; mounts: V1VolumeMount[] } {
  const volumes = new Map<string, V1Volume>([['own', { ...sourceOf(own), name: 'outputs' }]]);
  const mounts = new Map<string, V1VolumeMount>();
  const ownMount = mountOf(own, 'outputs', order.outputsPath);
  mounts.set(ownMount.mountPath, ownMount);
  for (const { outputsPath, outputsStore } of order.outputsReferences ?? []) {
    const mount = outputsMountOf(settings, outputsStore);
    if (mount.outputs.kind === 's3') continue;
    const isOwn = mount === own;
    const name = isOwn ? 'outputs' : `outputs-of-${outputsStore ?? 'default'}`.toLowerCase().replace(/[^-a-z0-9]/g, '-').slice(0, 63).replace(/-+$/, '');
    if (!isOwn) volumes.set(name, { ...sourceOf(mount), name });
    const one = mountOf(mount, name, outputsPath);
    if (!mounts.has(one.mountPath)) mounts.set(one.mountPath, { ...one, readOnly: true });
  }
  return { volumes: [...volumes.values()], mounts: [...mounts.values()] };
}

function sourceOf({ outputs }: OutputsMount): Omit<V1Volume, 'name'> {
  if (outputs.kind === 's3') return { emptyDir: {} };
  return outputs.kind === 'claim' ? { persistentVolumeClaim: { claimName: outputs.claim } } : { hostPath: { path: outputs.folder, type: 'Directory' } };
}

function mountOf({ root, outputs }: OutputsMount, name: string, outputsPath: string): V1VolumeMount {
  if (outputs.kind === 's3') return { name, mountPath: root };
  return { name, mountPath: join(root, outputsPath), subPath: outputs.kind === 'claim' ? join(outputs.folder, outputsPath) : outputsPath };
}

function dataVolumes({ order }: AttemptSpec, { data }: ClusterSettings): { volumes: V1Volume[]; mounts: V1VolumeMount[]; paths: Record<string, string> } {
  const names = [...new Set(dataNames(order))];
  const found = names.map((name, index) => {
    const volume = Object.hasOwn(data, name) ? data[name] : undefined;
    if (!volume) throw impossible(`environment.data_refs: there is no data called ${name} on this cluster`, `have its administrator name a claim for it (${Object.keys(data).join(', ') || 'none'} so far)`);
    return { name, volume, called: `data-${index}`, path: `/polyaxon/data/${name}` };
  });
  return {
    volumes: found.map(({ volume, called }) => ({ name: called, persistentVolumeClaim: { claimName: volume.claim, readOnly: true } })),
    mounts: found.map(({ volume, called, path }) => ({ name: called, mountPath: path, readOnly: true, ...(volume.folder !== '' && { subPath: volume.folder }) })),
    paths: Object.fromEntries(found.map(({ name, path }) => [name, path])),
  };
}
