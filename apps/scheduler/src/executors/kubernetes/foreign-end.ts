// Has somebody ended a pod who is none of us: by deleting it or its Job, by a deadline, or by taking the Job back?
import type { V1ContainerStateTerminated, V1Job, V1Pod } from '@kubernetes/client-node';
import { stoppedAt } from './marks.ts';
import { kindOf, type Workload } from './objects/workload.ts';
import { wasAskedToEnd, type Disruption } from './said-by-pod.ts';

/**
 * Undefined: it has ended by itself, or we have ended it. Who was asked to end and left, in whichever way, has not finished. Of several that train together each is deleted when another one fails: then only
 * what is said of their Job tells.
 */
export function foreignEnd(pod: V1Pod, workload: Workload | undefined, ended: V1ContainerStateTerminated | undefined): Disruption | undefined {
  if (!wasDeleted(pod, ended) || (workload && stoppedAt(workload))) return undefined;
  const name = pod.metadata?.ownerReferences?.find(({ controller }) => controller)?.name ?? '';
  if (!workload || workload.metadata?.deletionTimestamp) return { cause: 'infrastructure', message: `somebody has deleted its Job ${name}` };
  const { spec, status } = kindOf(workload) === 'Job' ? (workload as V1Job) : { spec: undefined, status: undefined };
  if (status?.conditions?.some(({ type, reason, status: is }) => (type === 'Failed' || type === 'FailureTarget') && reason === 'DeadlineExceeded' && is === 'True')) {
    return { cause: 'infrastructure', message: `its Job ${name} had a deadline of ${spec?.activeDeadlineSeconds ?? '?'} s (activeDeadlineSeconds), which this platform gives to no run` };
  }
  if (workload.spec?.suspend) return { cause: 'preempted', message: `its Job ${name} was suspended by who queues Jobs, or by somebody` };
  return pod.spec?.subdomain === undefined ? { cause: 'infrastructure', message: `somebody has deleted its pod ${pod.metadata?.name ?? ''}` } : undefined;
}

/** Before it had ended. By whole seconds, where that is all that is known: in the same one a signal was sent, any other end came first. */
function wasDeleted(pod: V1Pod, ended: V1ContainerStateTerminated | undefined): boolean {
  const { metadata } = pod;
  const until = metadata?.deletionTimestamp;
  if (until === undefined || until === null) return false;
  const wasAsked = wasAskedToEnd(pod);
  if (wasAsked !== undefined) return wasAsked;
  const at = ended?.finishedAt;
  if (at === undefined || at === null) return true;
  const lateMs = new Date(at).getTime() - (new Date(until).getTime() - 1000 * (metadata?.deletionGracePeriodSeconds ?? 0));
  return lateMs > 0 || (lateMs === 0 && (ended?.exitCode === 137 || ended?.exitCode === 143));
}
