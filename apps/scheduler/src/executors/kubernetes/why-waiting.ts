// Why does nothing happen with a Job or a pod, where only its events say it?
import type { CoreV1Event, V1Job, V1Pod } from '@kubernetes/client-node';
import { ClusterProblem } from './cluster-problem.ts';
import type { Cluster } from './cluster.ts';
import type { Workload } from './objects/workload.ts';

/** Nothing is wrong with what has just begun. */
const quietForMs = 10_000;
const looksEveryMs = 15_000;

export class WhyWaiting {
  readonly #told = new Map<string, { readonly reason: string | null; readonly at: number }>();

  constructor(
    private readonly cluster: Cluster,
    private readonly now: () => Date,
  ) {}

  /** No pod was made of it: a quota, a policy, a queue. Where an operator makes Jobs of it, one of them may know. */
  async ofJob(job: Workload | undefined, children: readonly V1Job[] = []): Promise<string | null> {
    if (!job) return null;
    const queue = job.metadata?.labels?.['kueue.x-k8s.io/queue-name'];
    if (job.spec?.suspend && queue) return `it waits in the queue ${queue}`;
    for (const one of [job, ...children]) {
      const reason = await this.#warningOf(one);
      if (reason !== null) return reason;
    }
    return null;
  }

  /** It has a node, and no container is made: mostly a volume. */
  async ofPod(pod: V1Pod): Promise<string | null> {
    return this.#warningOf(pod);
  }

  async #warningOf({ metadata }: Workload | V1Pod): Promise<string | null> {
    const { uid = '', creationTimestamp } = metadata ?? {};
    const now = this.now().getTime();
    if (!creationTimestamp || now - new Date(creationTimestamp).getTime() < quietForMs) return null;
    const told = this.#told.get(uid);
    if (told && now - told.at < looksEveryMs) return told.reason;
    for (const [other, { at }] of this.#told) if (now - at > 10 * looksEveryMs) this.#told.delete(other);
    const reason = await this.#ask(uid);
    this.#told.set(uid, { reason, at: now });
    return reason;
  }

  async #ask(uid: string): Promise<string | null> {
    try {
      const { items } = await this.cluster.list('Event', '', { fields: `involvedObject.uid=${uid}` });
      return latestWarning(items);
    } catch (error) {
      if (error instanceof ClusterProblem) return null;
      throw error;
    }
  }
}

/** In the words of users where it is the usual thing. */
export function latestWarning(events: readonly CoreV1Event[]): string | null {
  const [latest] = events.filter(({ type }) => type === 'Warning').sort((one, other) => timeOf(other) - timeOf(one));
  if (!latest) return null;
  const isVolume = /^Failed(Mount|AttachVolume|MapVolume)$/.test(latest.reason ?? '');
  return `${isVolume ? 'it waits for a volume' : (latest.reason ?? 'it waits')}: ${(latest.message ?? '').slice(0, 500)}`;
}

function timeOf({ lastTimestamp, eventTime, metadata }: CoreV1Event): number {
  return new Date(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? 0).getTime();
}
