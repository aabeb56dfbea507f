// What are the containers beside the program of this attempt told?
import { join } from 'node:path/posix';
import { podFolders, podTokenFile, type PodOrder, type S3Settings } from '#storage';
import type { AttemptSpec } from '../../executor.ts';
import { stepsInPod } from './build-plan.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import { replicaName, replicasIn } from './replicas.ts';
import { outputsMountOf, referencePath } from './volumes.ts';

export function podOrderOf(spec: AttemptSpec, settings: ClusterSettings): PodOrder {
  const { order, attempt } = spec;
  const replicas = replicasIn(order);
  return {
    run: podFolders.run,
    notes: podFolders.carrier,
    tokenFile: podTokenFile,
    code: codeOrderOf(spec, settings),
    consoleAddress: addressAt(settings, consolePathOf(spec)),
    reportAddress: addressAt(settings, `${pathOf(spec)}/report?attempt=${attempt}`),
    ...(stepsInPod(order, settings).length > 0 && { isBuilding: true as const }),
    ...checkpointOf(spec, settings),
    carry: carryOf(spec, settings),
    lastSeconds: settings.lastSeconds,
    ...(replicas.length > 0 && { replicas: replicas.map(replicaName) }),
  };
}

export function codeOrderOf(spec: AttemptSpec, settings: Pick<ClusterSettings, 'gatewayUrl'>): PodOrder['code'] {
  const { codeRevision: revision } = spec.order;
  return revision === null ? null : { address: addressAt(settings, `${pathOf(spec)}/code`), revision };
}

/** In the API. */
export function consolePathOf(spec: AttemptSpec): string {
  return `${pathOf(spec)}/console?attempt=${spec.attempt}`;
}

/** `path` in the API, from where `gatewayUrl` is the way to it. */
export function addressAt({ gatewayUrl }: Pick<ClusterSettings, 'gatewayUrl'>, path: string): string {
  return `${gatewayUrl.replace(/\/+$/, '')}${path}`;
}

function pathOf({ order, experimentId }: AttemptSpec): string {
  return `/api/v1/${order.user}/${order.project}/experiments/${experimentId}`;
}

function carryOf({ order, experimentId, attempt }: AttemptSpec, settings: ClusterSettings): PodOrder['carry'] {
  const { root, outputs } = outputsMountOf(settings, order.outputsStore);
  const references = (order.outputsReferences ?? []).flatMap(({ outputsPath, outputsStore }) => {
    const mount = outputsMountOf(settings, outputsStore);
    return mount.outputs.kind === 's3' ? [{ path: outputsPath, folder: referencePath(mount, outputsPath), store: withoutListeners(mount.outputs.s3) }] : [];
  });
  if (outputs.kind !== 's3' && references.length === 0) return null;
  const own = outputs.kind === 's3' ? { store: withoutListeners(outputs.s3), path: order.outputsPath, folder: join(root, order.outputsPath) } : { path: null, folder: join(podFolders.run, 'references') };
  return { ...own, references, epoch: [experimentId, attempt], lagSeconds: settings.lagSeconds };
}

/** A carrier takes a file whose times were touched for another one. */
function checkpointOf({ checkpoint, order }: AttemptSpec, settings: ClusterSettings): Pick<PodOrder, 'checkpoint'> {
  if (!checkpoint?.offered) return {};
  const { root, outputs } = outputsMountOf(settings, order.outputsStore);
  return { checkpoint: { folder: join(root, order.outputsPath), parts: checkpoint.parts, mayTouch: outputs.kind !== 's3' } };
}

/** What can be written down. */
function withoutListeners({ onSlowDown: _, ...settings }: S3Settings): S3Settings {
  return settings;
}
