// Why does nothing happen with a Job or a pod, where only its events say it?
import type { CoreV1Event, V1Job, V1Pod } from '@kubernetes/client-node';
import { ClusterProblem } from './cluster-problem.ts';
import type { Cluster } from './cluster.ts';
import { queueLabel } from './objects/names.ts';
import type { Workload } from './objects/workload.ts';

/** Nothing is wrong with what has just begun. */
const quietForMs = 10_000;
const looksEveryMs = 5000;
/** That a pod has no room stands in the pod itself; a thousand that wait for some would be most of the answer. */
const worthTelling = 'type=Warning,reason!=FailedScheduling';

/** One question for all that wait: events are not indexed, so each question costs the cluster a look at all of them. */
export class WhyWaiting {
  #seen: Promise<ReadonlyMap<string, readonly CoreV1Event[]>> = Promise.resolve(new Map());
  #seenAt = -Infinity;

  constructor(
    private readonly cluster: Cluster,
    private readonly now: () => Date,
  ) {}

  /** No pod was made of it: a quota, a policy, a queue. Where an operator makes Jobs of it, one of them may know. */
  async ofJob(job: Workload | undefined, children: readonly V1Job[] = []): Promise<string | null> {
    if (!job) return null;
    const queue = job.metadata?.labels?.[queueLabel];
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
    if (now - this.#seenAt >= looksEveryMs) {
      this.#seenAt = now;
      this.#seen = this.#look();
    }
    return latestWarning((await this.#seen).get(uid) ?? []);
  }

  /** By whom they are about. Who gets no answer knows of none. */
  async #look(): Promise<ReadonlyMap<string, readonly CoreV1Event[]>> {
    try {
      const byUid = new Map<string, CoreV1Event[]>();
      for (const event of (await this.cluster.list('Event', '', { fields: worthTelling })).items) {
        const { uid = '' } = event.involvedObject;
        byUid.set(uid, [...(byUid.get(uid) ?? []), event]);
      }
      return byUid;
    } catch (error) {
      if (error instanceof ClusterProblem) return new Map();
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
