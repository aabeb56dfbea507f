// What is written on the Job (or JobSet, or TrainJob) of an attempt about how it is to end, so that every scheduler after this one knows it too?
import type { V1Job } from '@kubernetes/client-node';
import type { EndCause } from '../executor.ts';
import { platformAmounts } from './objects/amounts.ts';
import type { ClusterSettings } from './objects/cluster-settings.ts';
import { jobSetVersion, trainerGroup, trainerVersion, type SetObjects } from './objects/job-set.ts';
import { queueLabel } from './objects/names.ts';
import { isSaidOf, isFinished, kindOf, type SetKind, type Workload } from './objects/workload.ts';

/** ISO-8601: it was asked to end, or must never begin. No pod is made of it any more. */
const stopped = 'polyaxon.io/stopped';
/** It has waited as long as it may: an `EndCause`, and why. */
const gaveUpCause = 'polyaxon.io/gave-up';
const gaveUpReason = 'polyaxon.io/gave-up-reason';

export interface GivenUp {
  readonly cause: EndCause;
  readonly message: string;
}

export function stoppedAt({ metadata }: Pick<Workload, 'metadata'>): Date | undefined {
  const at = metadata?.annotations?.[stopped];
  return at === undefined ? undefined : new Date(at);
}

export function givenUp({ metadata }: Pick<Workload, 'metadata'>): GivenUp | undefined {
  const { [gaveUpCause]: cause, [gaveUpReason]: message = '' } = metadata?.annotations ?? {};
  return cause === undefined ? undefined : { cause: cause as EndCause, message };
}

/**
 * A merge patch. Who queues Jobs may take `suspend` back, and finds nothing to start then. How many pods are of a set can't be changed any more: it leaves its queue instead.
 */
export function stopPatch(at: Date, reason?: GivenUp, kind = 'Job'): object {
  const why = reason ? { [gaveUpCause]: reason.cause, [gaveUpReason]: reason.message.slice(0, 1000) } : {};
  const annotations = { [stopped]: at.toISOString(), ...why };
  if (kind !== 'Job') return { metadata: { annotations, labels: { [queueLabel]: null } }, spec: { suspend: true } };
  return { metadata: { annotations }, spec: { suspend: true, parallelism: 0 } };
}

/** Takes the place of the Job of an attempt that must never begin: whoever is about to make one finds it. As strict as any, since policies look at it, too. */
export function standIn(name: string, labels: Readonly<Record<string, string>>, { platformImage, serviceAccount }: Pick<ClusterSettings, 'platformImage' | 'serviceAccount'>, at: Date): V1Job {
  return {
    metadata: { name, labels, annotations: { [stopped]: at.toISOString() } },
    spec: {
      suspend: true,
      parallelism: 0,
      backoffLimit: 0,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          ...(serviceAccount !== null && { serviceAccountName: serviceAccount }),
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [{ name: never, image: platformImage, command: ['true'], resources: platformAmounts, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
        },
      },
    },
  };
}

const never = 'never';

export function isStandIn(workload: Workload): boolean {
  return kindOf(workload) === 'Job' ? (workload as V1Job).spec?.template.spec?.containers[0]?.name === never : workload.metadata?.annotations?.[placeHolder] !== undefined;
}

/** On a set that takes the place of one. */
const placeHolder = 'polyaxon.io/never';

/** The same of a set: nothing is of it. */
export function setStandIn(kind: SetKind, name: string, namespace: string, labels: Readonly<Record<string, string>>, at: Date): SetObjects {
  const metadata = { name, namespace, labels: { ...labels }, annotations: { [stopped]: at.toISOString(), [placeHolder]: 'true' } };
  const empty = { suspend: true, network: { enableDNSHostnames: false } };
  if (kind === 'JobSet') return { set: { apiVersion: jobSetVersion, kind, metadata, spec: empty } };
  return {
    runtime: { apiVersion: trainerVersion, kind: 'TrainingRuntime', metadata: { name, namespace, labels: { ...labels } }, spec: { template: { spec: empty } } },
    set: { apiVersion: trainerVersion, kind, metadata, spec: { suspend: true, runtimeRef: { apiGroup: trainerGroup, kind: 'TrainingRuntime', name } } },
  };
}

/**
 * No pod is made of it any more: who makes them has seen that it is to end, or would have by now. An operator says that it has seen it before the Jobs that it has made have.
 */
export function isAcknowledged(workload: Workload, children: readonly V1Job[], now: Date): boolean {
  const at = stoppedAt(workload);
  if (at === undefined) return false;
  const isSeen = kindOf(workload) === 'TrainJob' && children.length === 0 ? false : [workload, ...children].every(makesNoMore);
  return isSeen || now.getTime() - at.getTime() > acknowledgedWithinMs;
}

const acknowledgedWithinMs = 30_000;

function makesNoMore(workload: Workload): boolean {
  return isFinished(workload) || isSaidOf(workload, 'Suspended') || workload.metadata?.deletionTimestamp !== undefined;
}
