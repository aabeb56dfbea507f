// What does a pod itself say of how it ended?
import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { PodEnd } from '#storage';
import type { EndCause } from '../executor.ts';
import { containerNames } from './objects/names.ts';

export interface Disruption {
  readonly cause: EndCause;
  readonly message: string;
}

export function statusOf(pod: V1Pod, container: string): V1ContainerStatus | undefined {
  return [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find(({ name }) => name === container);
}

/** What the carrier has said last; undefined: nothing. */
export function leftBehind(pod: V1Pod): PodEnd | undefined {
  const said = statusOf(pod, containerNames.carrier)?.state?.terminated?.message;
  try {
    return said === undefined ? undefined : (JSON.parse(said) as PodEnd);
  } catch {
    return undefined;
  }
}

/** Whether its program was asked to end before it had, by its own word; undefined: what leads it could not leave one. */
export function wasAskedToEnd(pod: V1Pod): boolean | undefined {
  const { wasAsked, exitCode } = leftBehind(pod) ?? {};
  return wasAsked === false && exitCode === null ? undefined : wasAsked;
}
