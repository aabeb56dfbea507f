// How does an image get built in a cluster, once for all who want the same?
import type { V1Job, V1Pod, V1Secret } from '@kubernetes/client-node';
import type { Logger } from '#service-host';
import { LaunchFailed, type AttemptId, type AttemptSpec, type Pending } from '../executor.ts';
import { buildFailureOf, outputOf } from './build-end.ts';
import type { TellConsole } from './build-output.ts';
import { GatewayAway } from './console-push.ts';
import { ClusterProblem } from './cluster-problem.ts';
import type { Cluster } from './cluster.ts';
import { builderBring, builderContainer, buildLabels, buildObjects } from './objects/build-objects.ts';
import type { BuildPlan } from './objects/build-plan.ts';
import type { BuildSettings, ClusterSettings } from './objects/cluster-settings.ts';
import { buildsOf, codeOfAnnotation, epochOf, labelNames, waiterAnnotation } from './objects/names.ts';
import { isFinished, isSaidOf } from './objects/workload.ts';
import { ForeignObject } from './objects-in-cluster.ts';
import { statusOf } from './said-by-pod.ts';
import { WatchedObjects } from './watched.ts';

export interface Built {
  /** What the console of the attempt begins with. */
  readonly preamble: string;
}

export interface BuildsOptions {
  /** Of the namespace of builds. */
  readonly cluster: Cluster;
  readonly settings: ClusterSettings;
  readonly build: BuildSettings;
  readonly log: Logger;
  readonly tellConsole: TellConsole;
  readonly changed: () => void;
  readonly watching?: { readonly relistMs?: number; readonly silentMs?: number };
}

const shownCharacters = 16_384;
const shownLines = 200;
/** As much as a node keeps of what a container prints, unless it is told otherwise. */
const handedOverBytes = 10 * 1024 * 1024;

/**
 * A build is a Job whose name says what goes into it, so that whoever wants the same finds it, also after a crash; on it is written which attempts wait for it. One that is done is the record that the image
 * is there, until its time has come. One that failed fails those who waited, and is made anew for whoever comes later.
 */
export class Builds {
  readonly jobs: WatchedObjects<'Job'>;
  readonly pods: WatchedObjects<'Pod'>;
  /** Jobs by uid whose Secret this process has seen. */
  readonly #provided = new Set<string>();

  constructor(private readonly options: BuildsOptions) {
    const { cluster, settings, changed, watching = {} } = options;
    const selector = buildsOf(settings.platformId);
    this.jobs = new WatchedObjects(cluster, 'Job', { selector, ...watching }, changed);
    this.pods = new WatchedObjects(cluster, 'Pod', { selector, groupOf: ownerOf, ...watching }, changed);
  }

  /** Everything was seen once. */
  get isSynced(): boolean {
    return this.jobs.isSynced && this.pods.isSynced;
  }

  start(): void {
    this.jobs.start();
    this.pods.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.jobs.stop(), this.pods.stop()]);
    await this.options.cluster.close();
  }

  /** Its image is there, or why not yet. Throws `LaunchFailed`, `ForeignObject`. */
  async ready(spec: AttemptSpec, plan: BuildPlan, confirm: () => void): Promise<Built | Pending> {
    const { build } = this.options;
    const problem = this.jobs.problem ?? this.pods.problem;
    if (!this.isSynced) return pending('cluster', problem?.message ?? 'the builds of the cluster have not been seen yet');
    const job = this.jobs.cache.get(plan.name);
    if (job && isSaidOf(job, 'Complete')) return { preamble: await this.#toldOf(job, plan, spec) };
    if (problem) return pending('cluster', problem.message);
    confirm();
    if (!job) return this.#begin(spec, plan);
    if (isFinished(job)) return this.#failed(job, spec, plan);
    if (!waits(job, spec)) {
      const patched = await this.options.cluster.patch('Job', plan.name, { metadata: { annotations: { [waiterAnnotation(spec)]: '' } } });
      if (patched) this.jobs.learn(patched);
    }
    await this.#provide(job, spec, plan);
    return pending('building', `${plan.name}, of ${plan.what}${this.#heldUp(job)}; what it prints: ${outputOf(plan, build)}`);
  }

  /** This attempt waits no longer; nobody's build ends. */
  async release(id: AttemptId): Promise<void> {
    for (const job of [...this.jobs.cache.all()]) {
      if (!waits(job, id) || isFinished(job)) continue;
      const patched = await this.options.cluster.patch('Job', job.metadata?.name ?? '', { metadata: { annotations: { [waiterAnnotation(id)]: null } } });
      if (patched && waitersOf(patched).length === 0 && !isFinished(patched)) await this.#remove(patched);
      else if (patched) this.jobs.learn(patched);
    }
  }

  /** Builds that go on for nobody. `known` is read after the builds: an attempt is known before anything is made for it. */
  async sweep(known: () => Promise<ReadonlySet<string>>): Promise<number> {
    const jobs = [...this.jobs.cache.all()].filter((job) => !isFinished(job));
    const epochs = jobs.length > 0 ? await known() : new Set();
    const nobodys = jobs.filter((job) => !waitersOf(job).some((epoch) => epochs.has(epoch)));
    for (const job of nobodys) {
      this.options.log.warn({ build: job.metadata?.name }, 'nobody waits for this build any more: it is removed');
      await this.#remove(job);
    }
    return nobodys.length;
  }

  async #begin(spec: AttemptSpec, plan: BuildPlan): Promise<Pending> {
    const { cluster, settings, build } = this.options;
    const { job } = buildObjects(spec, plan, settings, build);
    let made: V1Job | null;
    try {
      made = await cluster.create('Job', job);
    } catch (error) {
      if (!(error instanceof ClusterProblem) || error.kind !== 'exists') throw error;
      made = await cluster.get('Job', plan.name);
      if (made && !isOurs(made, settings.platformId, plan.key)) throw new ForeignObject('Job', plan.name, build.namespace);
    }
    if (made) {
      this.jobs.learn(made);
      await this.#provide(made, spec, plan);
    }
    return pending('building', `${plan.name}, of ${plan.what}; what it prints: ${outputOf(plan, build)}`);
  }

  async #failed(job: V1Job, spec: AttemptSpec, plan: BuildPlan): Promise<Pending> {
    const { build } = this.options;
    if (waits(job, spec)) {
      const failure = buildFailureOf(job, this.#podOf(job), plan, build, job.metadata?.annotations?.[codeOfAnnotation] === epochOf(spec));
      if (failure !== 'code' && failure.options?.taken) throw failure;
      if (failure !== 'code') return this.#failWith(failure, job, spec, plan);
    }
    await this.#remove(job);
    return pending('building', `${plan.name}, of ${plan.what}, is begun anew`);
  }

  /** All that it has printed is in the log of whoever waited for it before that has failed: the Job is not kept for ever. */
  async #failWith(failure: LaunchFailed, job: V1Job, spec: AttemptSpec, plan: BuildPlan): Promise<Pending> {
    const pod = this.#podOf(job);
    if (!pod || statusOf(pod, builderContainer)?.state?.terminated === undefined) throw failure;
    try {
      const output = await this.#printed(pod, { limitBytes: handedOverBytes });
      const console = await this.options.tellConsole(spec, `--- its image ${plan.image} was to be built, by ${plan.name} ---\n${output}\n--- it could not be built ---\n`);
      throw console === undefined ? failure : new LaunchFailed(failure.reason, failure.message, { ...failure.options, console });
    } catch (error) {
      if (!(error instanceof GatewayAway)) throw error;
      return pending('building', `${plan.name} has failed; what it has printed can't be sent to the gateway yet: ${error.message}`);
    }
  }

  /** What its pod waits for; made by whoever finds that it isn't there. */
  async #provide(job: V1Job, spec: AttemptSpec, plan: BuildPlan): Promise<void> {
    const { cluster, settings, build } = this.options;
    const uid = job.metadata?.uid ?? '';
    if (this.#provided.has(uid)) return;
    const secret = buildObjects(spec, plan, settings, build).secret(job);
    try {
      await cluster.create('Secret', secret);
    } catch (error) {
      if (!(error instanceof ClusterProblem) || error.kind !== 'exists') throw error;
      const there = await cluster.get('Secret', plan.name);
      if (there && !isOurs(there, settings.platformId, plan.key)) throw new ForeignObject('Secret', plan.name, build.namespace);
      const isOfFormer = there && !there.metadata?.ownerReferences?.some((owner) => owner.uid === uid);
      if (isOfFormer) await cluster.delete('Secret', plan.name, { uid: there.metadata?.uid ?? '' });
      if (!there || isOfFormer) return; // made at the next look
    }
    this.#provided.add(uid);
  }

  async #remove(job: V1Job): Promise<void> {
    const { uid = '', resourceVersion = '', name = '' } = job.metadata ?? {};
    if (await this.options.cluster.delete('Job', name, { propagationPolicy: 'Background', uid, resourceVersion })) this.jobs.forget(job);
    this.#provided.delete(uid);
  }

  #podOf({ metadata }: V1Job): V1Pod | undefined {
    const [pod] = this.pods.cache.of(metadata?.uid ?? '');
    return pod;
  }

  #heldUp(job: V1Job): string {
    const pod = this.#podOf(job);
    const unscheduled = pod?.status?.conditions?.find(({ type, status, reason }) => type === 'PodScheduled' && status !== 'True' && reason === 'Unschedulable');
    if (unscheduled) return `, waits for a node that has room: ${unscheduled.message ?? ''}`;
    const held = [builderBring, builderContainer].map((name) => pod && statusOf(pod, name)?.state?.waiting).find((why) => why && !ordinary.has(why.reason ?? ''));
    return held ? `, is held up (${held.reason}${held.message ? `: ${held.message}` : ''})` : '';
  }

  /** Those who waited for it see what it has printed, as if it had been theirs alone. */
  async #toldOf(job: V1Job, plan: BuildPlan, spec: AttemptSpec): Promise<string> {
    const pod = this.#podOf(job);
    if (!waits(job, spec) || !pod) return `--- its image ${plan.image} was built before, by ${plan.name} ---`;
    const output = (await this.#printed(pod, { tailLines: shownLines })).slice(-shownCharacters);
    return `--- its image ${plan.image} is built, by ${plan.name} ---\n${output}\n--- it is built ---`;
  }

  async #printed(pod: V1Pod, most: { readonly limitBytes: number } | { readonly tailLines: number }): Promise<string> {
    try {
      return (await this.options.cluster.podLog(pod.metadata?.name ?? '', builderContainer, most)).toString().trim();
    } catch (error) {
      if (!(error instanceof ClusterProblem)) throw error;
      return `(what it has printed can't be read: ${error.message})`;
    }
  }
}

const ordinary = new Set(['', 'ContainerCreating', 'PodInitializing']);

function pending(cause: Pending['cause'], reason: string): Pending {
  return { isPending: true, cause, reason };
}

/** The uid of the Job that has made it. */
function ownerOf({ metadata }: V1Pod): string | undefined {
  return metadata?.ownerReferences?.find(({ controller }) => controller)?.uid;
}

function waits({ metadata }: V1Job, id: AttemptId): boolean {
  return metadata?.annotations?.[waiterAnnotation(id)] !== undefined;
}

function waitersOf({ metadata }: V1Job): string[] {
  return Object.keys(metadata?.annotations ?? {}).flatMap((key) => /^waits\.polyaxon\.io\/(.+)$/.exec(key)?.[1] ?? []);
}

function isOurs({ metadata }: V1Job | V1Secret, platformId: string, key: string): boolean {
  return Object.entries(buildLabels(platformId, key)).every(([name, value]) => metadata?.labels?.[name] === value) && metadata?.labels?.[labelNames.build] === key;
}
