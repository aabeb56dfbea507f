// What is in the cluster of an attempt, and how does it get there and away, touching nothing of anybody else's?
import type { V1Job, V1Pod, V1Secret, V1Service } from '@kubernetes/client-node';
import type { AttemptId } from '../executor.ts';
import { ClusterProblem } from './cluster-problem.ts';
import type { Cluster, Kind, Kinds } from './cluster.ts';
import { stoppedAt } from './marks.ts';
import { attemptName, attemptOf, epochOf, keptFinalizer, selectorOf } from './objects/names.ts';
import { WatchedObjects } from './watched.ts';

/** Somebody else's object has the name that one of ours is to get. */
export class ForeignObject extends Error {
  override readonly name = 'ForeignObject';

  constructor(kind: Kind, name: string, namespace: string) {
    super(`a ${kind} ${name} that isn't this platform's is in namespace ${namespace}; remove or rename it (kubectl -n ${namespace} get ${kind.toLowerCase()} ${name} -o yaml), then start the experiment again`);
  }
}

export interface Found {
  readonly job: V1Job | undefined;
  /** Without those that are forgotten already. */
  readonly pods: readonly V1Pod[];
}

const triesOfPatch = 5;

export class ObjectsInCluster {
  readonly jobs: WatchedObjects<'Job'>;
  readonly pods: WatchedObjects<'Pod'>;
  #changed: () => void = () => undefined;

  constructor(
    readonly cluster: Cluster,
    private readonly platform: string,
    watching: { readonly relistMs?: number; readonly silentMs?: number } = {},
  ) {
    const selector = selectorOf(platform);
    const groupOf = ({ metadata }: V1Job | V1Pod) => groupIn(attemptOf(platform, metadata?.labels));
    this.jobs = new WatchedObjects(cluster, 'Job', { selector, groupOf, ...watching }, () => this.#changed());
    this.pods = new WatchedObjects(cluster, 'Pod', { selector, groupOf, ...watching }, () => this.#changed());
  }

  onChange(listener: () => void): void {
    this.#changed = listener;
  }

  tellChanged(): void {
    this.#changed();
  }

  /** Everything was seen once. */
  get isSynced(): boolean {
    return this.jobs.isSynced && this.pods.isSynced;
  }

  /** Why there is no news of it now. */
  get problem(): ClusterProblem | undefined {
    return this.jobs.problem ?? this.pods.problem;
  }

  start(): void {
    this.jobs.start();
    this.pods.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.jobs.stop(), this.pods.stop()]);
    await this.cluster.close();
  }

  /** As far as is known here, which costs nothing. */
  known(id: AttemptId): Found {
    const job = this.jobs.cache.get(attemptName(id));
    const isOurs = job && this.#isOf(job, id);
    const pods = [...this.pods.cache.of(epochOf(id))];
    return { job: isOurs ? job : undefined, pods: pods.filter((pod) => isPodOf(pod, id, isOurs ? job : undefined)) };
  }

  /** As it is. */
  async look(id: AttemptId): Promise<Found> {
    const [job, { items }] = await Promise.all([this.cluster.get('Job', attemptName(id)), this.cluster.list('Pod', selectorOf(this.platform, id))]);
    if (job && this.#isOf(job, id)) this.jobs.learn(job);
    for (const pod of items) this.pods.learn(pod);
    return this.known(id);
  }

  /** Of whichever of two is faster; the other one finds it. Throws `ForeignObject`. Null: it was there, and is gone again. */
  async createJob(job: V1Job, id: AttemptId): Promise<V1Job | null> {
    const made = await this.#create('Job', job, id);
    if (made) this.jobs.learn(made);
    return made;
  }

  async createSecret(secret: V1Secret, id: AttemptId): Promise<void> {
    await this.#create('Secret', secret, id);
  }

  async createService(service: V1Service, id: AttemptId): Promise<void> {
    await this.#create('Service', service, id);
  }

  async patchJob(id: AttemptId, patch: object): Promise<void> {
    const patched = await this.cluster.patch('Job', attemptName(id), patch);
    if (patched) this.jobs.learn(patched);
  }

  /** All that has its marks, whatever it is called, and nothing of others; what isn't there any more is all right. */
  async remove(id: AttemptId): Promise<void> {
    if (!this.isSynced || this.problem) await this.look(id);
    const jobs = [...this.jobs.cache.of(epochOf(id))];
    for (const job of jobs) {
      await this.cluster.delete('Job', job.metadata?.name ?? '', { propagationPolicy: 'Background', ...uidOf(job) });
      this.jobs.forget(job);
    }
    for (const pod of [...this.pods.cache.of(epochOf(id))]) if (!isForgotten(pod)) await this.#removePod(pod);
    await this.#removeMarked('Secret', id);
    if (jobs.every(({ spec }) => spec?.completionMode === 'Indexed')) await this.#removeMarked('Service', id);
  }

  /** Everything with this platform's marks. */
  async marked(): Promise<readonly Kinds[Kind][]> {
    const lists = await Promise.all((['Secret', 'Service'] as const).map((kind) => this.cluster.list(kind, selectorOf(this.platform), { onlyMetadata: true })));
    const pods = [...this.pods.cache.all()].filter((pod) => !isForgotten(pod));
    return [...this.jobs.cache.all(), ...pods, ...lists.flatMap(({ items }) => items as Kinds[Kind][])];
  }

  async #create<K extends 'Job' | 'Secret' | 'Service'>(kind: K, object: Kinds[K], id: AttemptId): Promise<Kinds[K] | null> {
    try {
      return await this.cluster.create(kind, object);
    } catch (error) {
      if (!(error instanceof ClusterProblem) || error.kind !== 'exists') throw error;
    }
    const there = await this.cluster.get(kind, attemptName(id));
    if (there && !this.#isOf(there, id)) throw new ForeignObject(kind, attemptName(id), this.cluster.namespace);
    return there;
  }

  async #removePod(pod: V1Pod): Promise<void> {
    const name = pod.metadata?.name ?? '';
    await this.cluster.delete('Pod', name, uidOf(pod));
    for (let tries = 1; ; tries += 1) {
      const now = await this.cluster.get('Pod', name);
      const { uid, resourceVersion, finalizers = [] } = now?.metadata ?? {};
      if (!now || uid !== pod.metadata?.uid) return this.pods.forget(pod);
      if (!finalizers.includes(keptFinalizer)) return this.pods.learn(now);
      try {
        const patched = await this.cluster.patch('Pod', name, { metadata: { resourceVersion, finalizers: finalizers.filter((one) => one !== keptFinalizer) } });
        return patched ? this.pods.learn(patched) : this.pods.forget(pod);
      } catch (error) {
        if (!(error instanceof ClusterProblem) || error.kind !== 'conflict' || tries >= triesOfPatch) throw error;
      }
    }
  }

  async #removeMarked(kind: 'Secret' | 'Service', id: AttemptId): Promise<void> {
    const { items } = await this.cluster.list(kind, selectorOf(this.platform, id), { onlyMetadata: true });
    for (const item of items) await this.cluster.delete(kind, item.metadata?.name ?? '', uidOf(item));
  }

  #isOf(object: Kinds[Kind], id: AttemptId): boolean {
    const found = attemptOf(this.platform, object.metadata?.labels);
    return found?.experimentId === id.experimentId && found.attempt === id.attempt;
  }
}

function groupIn(id: AttemptId | null): string | undefined {
  return id ? epochOf(id) : undefined;
}

/** Its end is written down, or of no interest; it only needs a moment to go. */
function isForgotten({ metadata }: V1Pod): boolean {
  return metadata?.deletionTimestamp !== undefined && !(metadata.finalizers?.includes(keptFinalizer) ?? false);
}

/** Labels can be copied by anybody; what the Job of the attempt has made says so itself. One without our finalizer was forgotten. */
function isPodOf({ metadata }: V1Pod, id: AttemptId, job: V1Job | undefined): boolean {
  const owner = metadata?.ownerReferences?.find(({ kind, controller }) => kind === 'Job' && controller);
  const isOwned = owner?.name === attemptName(id) && (job === undefined || owner.uid === job.metadata?.uid);
  return isOwned && (metadata?.finalizers?.includes(keptFinalizer) ?? false);
}

function uidOf({ metadata }: { readonly metadata?: { readonly uid?: string } | undefined }): { uid?: string } {
  return metadata?.uid === undefined ? {} : { uid: metadata.uid };
}

/** No pod is made of it any more: who makes them has seen that it is to end, or would have by now. */
export function isAcknowledged(job: V1Job, now: Date): boolean {
  const at = stoppedAt(job);
  if (at === undefined) return false;
  if (isFinished(job)) return true;
  const isSuspended = job.status?.conditions?.some(({ type, status }) => type === 'Suspended' && status === 'True') ?? false;
  return isSuspended || now.getTime() - at.getTime() > acknowledgedWithinMs;
}

const acknowledgedWithinMs = 30_000;

export function isFinished(job: V1Job): boolean {
  return job.status?.conditions?.some(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True') ?? false;
}
