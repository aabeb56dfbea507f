// What is in the cluster of an attempt, and how does it get there and away, touching nothing of anybody else's?
import type { V1Job, V1Pod, V1Secret, V1Service } from '@kubernetes/client-node';
import type { ExperimentId } from '#contracts';
import type { AttemptId } from '../executor.ts';
import { ClusterProblem } from './cluster-problem.ts';
import type { Cluster, Kind, Kinds } from './cluster.ts';
import { jobOfRole } from './objects/job-set.ts';
import { attemptName, attemptOf, epochOf, keptFinalizer, selectorOf } from './objects/names.ts';
import { kindOf, setKindOf, type ReplicasAs, type SetKind, type Workload } from './objects/workload.ts';
import { WatchedObjects } from './watched.ts';
import type { SetObjects } from './objects/job-set.ts';

/** Somebody else's object has the name that one of ours is to get. */
export class ForeignObject extends Error {
  override readonly name = 'ForeignObject';

  constructor(kind: Kind, name: string, namespace: string) {
    super(`a ${kind} ${name} that isn't this platform's is in namespace ${namespace}; remove or rename it (kubectl -n ${namespace} get ${kind.toLowerCase()} ${name} -o yaml), then start the experiment again`);
  }
}

export interface Found {
  /** Its Job, or the JobSet or TrainJob of which an operator makes Jobs. */
  readonly job: Workload | undefined;
  /** The Jobs that an operator has made of it. */
  readonly children: readonly V1Job[];
  /** Without those that are forgotten already. */
  readonly pods: readonly V1Pod[];
}

const triesOfPatch = 5;

export class ObjectsInCluster {
  readonly jobs: WatchedObjects<'Job'>;
  readonly pods: WatchedObjects<'Pod'>;
  /** Of an operator, where attempts of several processes are its. */
  readonly sets: WatchedObjects<SetKind> | undefined;
  #changed: (experimentId?: ExperimentId) => void = () => undefined;

  constructor(
    readonly cluster: Cluster,
    private readonly platform: string,
    { replicasAs = 'job', ...watching }: { readonly replicasAs?: ReplicasAs; readonly relistMs?: number; readonly silentMs?: number } = {},
  ) {
    const selector = selectorOf(platform);
    const groupOf = ({ metadata }: Workload | V1Pod) => groupIn(attemptOf(platform, metadata?.labels));
    const changed = (object?: Workload | V1Pod) => this.#changed(attemptOf(platform, object?.metadata?.labels)?.experimentId);
    const setKind = setKindOf[replicasAs];
    this.jobs = new WatchedObjects(cluster, 'Job', { selector, groupOf, ...watching }, changed);
    this.pods = new WatchedObjects(cluster, 'Pod', { selector, groupOf, ...watching }, changed);
    if (setKind) this.sets = new WatchedObjects<SetKind>(cluster, setKind, { selector, groupOf, ...watching }, changed);
  }

  onChange(listener: (experimentId?: ExperimentId) => void): void {
    this.#changed = listener;
  }

  tellChanged(): void {
    this.#changed();
  }

  /** Everything was seen once. */
  get isSynced(): boolean {
    return this.jobs.isSynced && this.pods.isSynced && (this.sets?.isSynced ?? true);
  }

  /** Why there is no news of it now. */
  get problem(): ClusterProblem | undefined {
    return this.jobs.problem ?? this.pods.problem ?? this.sets?.problem;
  }

  start(): void {
    this.jobs.start();
    this.pods.start();
    this.sets?.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.jobs.stop(), this.pods.stop(), ...(this.sets ? [this.sets.stop()] : [])]);
    await this.cluster.close();
  }

  /** As far as is known here, which costs nothing. */
  known(id: AttemptId): Found {
    const name = attemptName(id);
    const job = [this.sets?.cache.get(name), this.jobs.cache.get(name)].find((one) => one && this.#isOf(one, id));
    const children = [...this.jobs.cache.of(epochOf(id))].filter(({ metadata }) => childNames(name).includes(metadata?.name ?? ''));
    const pods = [...this.pods.cache.of(epochOf(id))];
    return { job, children, pods: pods.filter((pod) => isPodOf(pod, id, job)) };
  }

  /** As it is. */
  async look(id: AttemptId): Promise<Found> {
    const { sets } = this;
    const [jobs, pods, set] = await Promise.all([this.#lookForJobs(id), this.cluster.list('Pod', selectorOf(this.platform, id)), sets && this.cluster.get(sets.kind, attemptName(id))]);
    for (const job of jobs) this.jobs.learn(job);
    for (const pod of pods.items) this.pods.learn(pod);
    if (sets && set && this.#isOf(set, id)) sets.learn(set);
    return this.known(id);
  }

  /** Of whichever of two is faster; the other one finds it. Throws `ForeignObject`. Null: it was there, and is gone again. */
  async createJob(job: V1Job, id: AttemptId): Promise<V1Job | null> {
    const made = await this.#create('Job', job, id);
    if (made) this.jobs.learn(made);
    return made;
  }

  /** The same of what an operator makes Jobs of. */
  async createSet({ runtime, set }: SetObjects, id: AttemptId): Promise<Workload | null> {
    if (!this.sets) throw new Error('no operator is configured');
    if (runtime) await this.#create('TrainingRuntime', runtime, id);
    const made = await this.#create(this.sets.kind, set, id).catch(passing);
    if (made) this.sets.learn(made);
    return made;
  }

  async createSecret(secret: V1Secret, id: AttemptId): Promise<void> {
    await this.#create('Secret', secret, id);
  }

  async createService(service: V1Service, id: AttemptId): Promise<void> {
    await this.#create('Service', service, id);
  }

  async patch(job: Workload, patch: object): Promise<void> {
    const kind = kindOf(job);
    const patched = await this.cluster.patch(kind, job.metadata?.name ?? '', patch);
    if (!patched) return;
    if (kind === 'Job') this.jobs.learn(patched as V1Job);
    else this.sets?.learn(patched as Kinds[SetKind]);
  }

  /** All that has its marks, whatever it is called, and nothing of others; what isn't there any more is all right. */
  async remove(id: AttemptId): Promise<void> {
    if (!this.isSynced || this.problem) await this.look(id);
    await this.#removeSets(id);
    const jobs = [...this.jobs.cache.of(epochOf(id))];
    for (const job of jobs) {
      await this.cluster.delete('Job', job.metadata?.name ?? '', { propagationPolicy: 'Background', ...uidOf(job) });
      this.jobs.forget(job);
    }
    for (const pod of [...this.pods.cache.of(epochOf(id))]) if (!isForgotten(pod)) await this.#removePod(pod);
    await this.#removeMarked('Secret', id);
    if (this.sets?.kind === 'TrainJob') await this.#removeMarked('TrainingRuntime', id);
    if (jobs.every(({ spec }) => spec?.completionMode === 'Indexed')) await this.#removeMarked('Service', id);
  }

  /** Everything with this platform's marks. */
  async marked(): Promise<readonly Kinds[Kind][]> {
    const kinds = ['Secret', 'Service', ...(this.sets?.kind === 'TrainJob' ? ['TrainingRuntime' as const] : [])] as const;
    const lists = await Promise.all(kinds.map((kind) => this.cluster.list(kind, selectorOf(this.platform), { onlyMetadata: true })));
    const pods = [...this.pods.cache.all()].filter((pod) => !isForgotten(pod));
    return [...this.jobs.cache.all(), ...(this.sets?.cache.all() ?? []), ...pods, ...lists.flatMap(({ items }) => items as Kinds[Kind][])];
  }

  /** Before the Jobs that are made of it, which would be made again. */
  async #removeSets(id: AttemptId): Promise<void> {
    const { sets } = this;
    for (const set of [...(sets?.cache.of(epochOf(id)) ?? [])]) {
      await this.cluster.delete(kindOf(set), set.metadata?.name ?? '', { propagationPolicy: 'Background', ...uidOf(set) });
      sets?.forget(set);
    }
  }

  /** Those of an operator have names of their own. */
  async #lookForJobs(id: AttemptId): Promise<readonly V1Job[]> {
    if (this.sets) return (await this.cluster.list('Job', selectorOf(this.platform, id))).items;
    const job = await this.cluster.get('Job', attemptName(id));
    return job && this.#isOf(job, id) ? [job] : [];
  }

  async #create<K extends Exclude<Kind, 'Pod' | 'Event'>>(kind: K, object: Kinds[K], id: AttemptId): Promise<Kinds[K] | null> {
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

  async #removeMarked(kind: 'Secret' | 'Service' | 'TrainingRuntime', id: AttemptId): Promise<void> {
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

/** The trainer refuses a TrainJob whose TrainingRuntime it has not heard of yet, which was made a moment ago. */
function passing(error: unknown): never {
  if (error instanceof ClusterProblem && error.isLasting && /trainingRuntime must be created before the TrainJob/i.test(error.message)) throw new ClusterProblem('busy', error.message, { cause: error });
  throw error;
}

/** Its end is written down, or of no interest; it only needs a moment to go. */
function isForgotten({ metadata }: V1Pod): boolean {
  return metadata?.deletionTimestamp !== undefined && !(metadata.finalizers?.includes(keptFinalizer) ?? false);
}

/** Labels can be copied by anybody; what the Job of the attempt has made says so itself. One without our finalizer was forgotten. */
function isPodOf({ metadata }: V1Pod, id: AttemptId, job: Workload | undefined): boolean {
  const owner = metadata?.ownerReferences?.find(({ kind, controller }) => kind === 'Job' && controller);
  const isOwned = owner?.name === attemptName(id) && (job === undefined || owner.uid === job.metadata?.uid);
  const isOfSet = (job === undefined || kindOf(job) !== 'Job') && childNames(attemptName(id)).includes(owner?.name ?? '');
  return (isOwned || isOfSet) && (metadata?.finalizers?.includes(keptFinalizer) ?? false);
}

function uidOf({ metadata }: { readonly metadata?: { readonly uid?: string } | undefined }): { uid?: string } {
  return metadata?.uid === undefined ? {} : { uid: metadata.uid };
}

/** What an operator calls the Jobs of an attempt. */
function childNames(name: string): string[] {
  return (['master', 'worker', 'ps'] as const).map((role) => jobOfRole(name, role));
}
