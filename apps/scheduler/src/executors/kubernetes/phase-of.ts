// How far is an attempt, by what is in the cluster of it?
import type { V1ContainerStateWaiting, V1Node, V1Pod } from '@kubernetes/client-node';
import type { EndCause, Pending } from '../executor.ts';
import { endOf, hasBegun, isReady, type Ended, type NodeSeen } from './end-of.ts';
import { stoppedAt } from './marks.ts';
import { containerNames } from './objects/names.ts';
import type { Workload } from './objects/workload.ts';
import { statusOf } from './said-by-pod.ts';

export interface Patience {
  /** For an image, or a container that its node can't make. */
  readonly startSeconds: number;
  /** For a node that has room; 0: for ever. */
  readonly unschedulableSeconds: number;
  /** A node that says nothing may still run what it was given; after so long the store is trusted to refuse that. */
  readonly unreachableSeconds: number;
}

/** nothing: no pod was made so far. waiting: it can't start yet; `gaveUp`: it has waited as long as it may. never: it is over, and its program has never begun. */
export type Phase =
  | { readonly at: 'nothing' }
  | { readonly at: 'waiting'; readonly cause: Pending['cause']; readonly reason: string | null; readonly gaveUp?: EndCause }
  | { readonly at: 'running' }
  | { readonly at: 'never'; readonly end: Ended }
  | { readonly at: 'over'; readonly end: Ended };

export interface Seen {
  readonly pod: V1Pod;
  readonly job: Workload | undefined;
  readonly node: NodeSeen;
  readonly now: Date;
}

export function phaseOf({ pod, job, node, now }: Seen, patience: Patience): Phase {
  if (isOver(pod, node, now, patience)) return { at: hasBegun(pod) || isBeyondKnowing(pod) ? 'over' : 'never', end: endOf(pod, job, node) };
  if (hasBegun(pod)) return { at: 'running' };
  if (job && stoppedAt(job)) return { at: 'waiting', cause: 'starting', reason: null };
  return waiting(pod, now, patience);
}

/** It may have started without our hearing of it: nobody has heard of its node since. */
function isBeyondKnowing(pod: V1Pod): boolean {
  return pod.spec?.nodeName !== undefined && !isAtItsEnd(pod);
}

/**
 * Nothing of it can write any more. What is on a node that answers no more may: with a volume it holds it until the node is known to be gone, or known to be off; with a store the next attempt takes the
 * claim, and what this one still sends is refused.
 */
export function isOver(pod: V1Pod, node: NodeSeen, now: Date, { unreachableSeconds }: Pick<Patience, 'unreachableSeconds'>): boolean {
  if (isAtItsEnd(pod)) return true;
  const askedUntil = pod.metadata?.deletionTimestamp;
  if (!askedUntil) return false;
  if (pod.spec?.nodeName === undefined || node === null) return true;
  if (node === undefined || isReady(node)) return false;
  if (isOff(node)) return true;
  return isOnStore(pod) && secondsSince(askedUntil, now) > 0 && secondsSince(notReadySince(node), now) >= unreachableSeconds;
}

/** Its node was not heard of for longer than it was given to end: somebody should look at the node. */
export function isOverdue(pod: V1Pod, now: Date): boolean {
  const askedUntil = pod.metadata?.deletionTimestamp;
  return askedUntil !== undefined && askedUntil !== null && pod.spec?.nodeName !== undefined && !isAtItsEnd(pod) && secondsSince(askedUntil, now) > 0;
}

/** The outputs of one on a volume are not carried. */
export function isOnStore({ spec }: V1Pod): boolean {
  return spec?.volumes?.some(({ name, emptyDir }) => name === 'outputs' && emptyDir) ?? false;
}

function isAtItsEnd({ status }: V1Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function isOff({ spec }: V1Node): boolean {
  return spec?.taints?.some(({ key }) => key === 'node.kubernetes.io/out-of-service') ?? false;
}

function notReadySince({ status }: V1Node): Date | string | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
}

function secondsSince(time: Date | string | undefined, now: Date): number {
  return time === undefined ? 0 : (now.getTime() - new Date(time).getTime()) / 1000;
}

function waiting(pod: V1Pod, now: Date, { startSeconds, unschedulableSeconds }: Patience): Phase {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status !== 'True') {
    const isHeld = scheduled?.reason === 'Unschedulable' || scheduled?.reason === 'SchedulingGated';
    if (!isHeld) return { at: 'waiting', cause: 'starting', reason: null };
    const isTooLong = unschedulableSeconds > 0 && secondsSince(pod.metadata?.creationTimestamp, now) >= unschedulableSeconds;
    return { at: 'waiting', cause: 'unschedulable', reason: scheduled.message ?? scheduled.reason ?? null, ...(isTooLong && { gaveUp: 'unschedulable' }) };
  }
  const held = Object.values(containerNames).flatMap((name) => {
    const why = statusOf(pod, name)?.state?.waiting;
    return why && !ordinary.has(why.reason ?? '') ? [{ name, why }] : [];
  })[0];
  if (!held) return { at: 'waiting', cause: 'starting', reason: null };
  const { cause, gaveUp, reason } = problemIn(pod, held.name, held.why);
  return { at: 'waiting', cause, reason, ...(secondsSince(scheduled.lastTransitionTime, now) >= startSeconds && { gaveUp }) };
}

/** What every container goes through. */
const ordinary = new Set(['', 'ContainerCreating', 'PodInitializing']);
const imageReasons = new Set(['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName', 'ImageInspectError', 'RegistryUnavailable', 'SignatureValidationFailed']);

function problemIn(pod: V1Pod, container: string, { reason = '', message }: V1ContainerStateWaiting): { cause: Pending['cause']; gaveUp: EndCause; reason: string } {
  const image = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find(({ name }) => name === container)?.image;
  const said = message ? `: ${message}` : '';
  if (imageReasons.has(reason)) return { cause: 'image', gaveUp: 'image', reason: `the image ${image ?? ''} can't be had (${reason})${said}` };
  return { cause: 'starting', gaveUp: 'start', reason: `its container ${container} can't be made (${reason})${said}` };
}
