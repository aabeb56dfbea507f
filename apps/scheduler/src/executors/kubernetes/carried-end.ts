// Is what an attempt has left in the store, and what is its end if it isn't?
import type { V1Pod } from '@kubernetes/client-node';
import { excessOf, type Ended } from './end-of.ts';
import type { Workload } from './objects/workload.ts';
import { isOnStore } from './phase-of.ts';
import { leftBehind } from './said-by-pod.ts';
import { replicaOf } from './together.ts';

/** Of several the master alone does: one that only serves is ended when the others are done, and its carrier may have no time to say anything. */
export function carries(pod: V1Pod, job: Workload | undefined): boolean {
  return pod.spec?.subdomain === undefined || replicaOf(pod, job) === 'master';
}

/** What a program leaves and nobody finds again is no success, nor does it go on by itself from what the store has, which would be older. */
export function withCarried(before: Ended, pod: V1Pod): Ended {
  const { carried, checkpoint } = leftBehind(pod) ?? {};
  const end: Ended = checkpoint ? { ...before, checkpoint } : before;
  if (!carried) {
    if (!isOnStore(pod) || end.exitCode === null || excessOf(pod) !== undefined) return end;
    return { ...end, exitCode: null, message: [end.message, 'its carrier ended without saying whether all it left is in the store'].filter(Boolean).join('; '), cause: end.cause ?? 'infrastructure' };
  }
  if (carried.isOk) return { ...end, ...(carried.warnings.length > 0 && { warnings: [...(end.warnings ?? []), ...carried.warnings] }) };
  const { cause: _, ...rest } = end;
  return { ...rest, exitCode: null, message: [end.message, carried.message].filter(Boolean).join('; ') };
}
