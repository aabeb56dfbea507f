// How does an attempt run as a Job of a cluster, and outlive whoever launched it, its node, and everybody's pauses?
import type { V1Pod } from '@kubernetes/client-node';
import pLimit from 'p-limit';
import type { Logger } from '#service-host';
import { LaunchFailed, type AttemptId, type AttemptSpec, type Executor, type Launched, type Observation, type Pending } from '../executor.ts';
import { isTaken } from '../../run/taken-away.ts';
import type { Builds } from './builds.ts';
import { carries, withCarried } from './carried-end.ts';
import { ClusterProblem } from './cluster-problem.ts';
import { requestsAtOnce } from './connection.ts';
import { bringFailure, hasBegun, type Ended, type NodeSeen } from './end-of.ts';
import { givenUp, isAcknowledged, isStandIn, setStandIn, standIn, stoppedAt, stopPatch } from './marks.ts';
import { Nodes } from './nodes.ts';
import { attemptObjects, type AttemptObjects } from './objects/attempt-objects.ts';
import { buildPlanOf, stepsInPod } from './objects/build-plan.ts';
import type { ClusterSettings } from './objects/cluster-settings.ts';
import { hasBuildSteps } from './objects/container-variables.ts';
import { attemptLabels, attemptName } from './objects/names.ts';
import { isFinished, kindOf, type Workload } from './objects/workload.ts';
import { ForeignObject, type Found, type ObjectsInCluster } from './objects-in-cluster.ts';
import type { Reports } from './reports.ts';
import { isOverdue, phaseOf, type Patience, type Phase } from './phase-of.ts';
import { hasFailed, partOf, replicaOf, together, wholeOf } from './together.ts';
import type { UnsentConsoles } from './unsent-consoles.ts';
import type { WhyWaiting } from './why-waiting.ts';

export interface KubernetesExecutorOptions {
  readonly objects: ObjectsInCluster;
  readonly settings: ClusterSettings;
  readonly patience: Patience;
  readonly log: Logger;
  readonly now: () => Date;
  /** What keeps anything from being launched; undefined: nothing. */
  readonly hindrance?: () => string | undefined;
  readonly why?: WhyWaiting;
  /** What we may do there is less than was thought. */
  readonly forbidden?: () => void;
  /** What pods say of themselves; without it, nothing is known of what goes on in them. */
  readonly reports?: Pick<Reports, 'of' | 'forget'>;
  /** Not given: no images are built. */
  readonly builds?: Builds | undefined;
  /** What pods have printed and could not send; without it, that is lost without a word. */
  readonly unsent?: UnsentConsoles;
}

/** A pod that has had its time, and its node's, is asked for once more. */
const forcedAfterMs = 15_000;
const askedAgainAfterMs = 10_000;

/**
 * Each attempt is a Secret and a Job of one name, so that of two launches one makes them and the other finds them. What is true is in the cluster: a Job that is to end is marked and makes no pod any more,
 * and how a pod ended is read from the pod, which our finalizer keeps. Questions are answered from what the watches know; that something isn't there is only believed when the API says so too.
 */
export class KubernetesExecutor implements Executor {
  readonly #nodes: Nodes;
  /** Pods by uid: when they were asked to end. */
  readonly #asked = new Map<string, number>();
  /** Of a thousand the first are made first, with all that belongs to them. */
  readonly #inTurn = pLimit(requestsAtOnce);

  constructor(private readonly options: KubernetesExecutorOptions) {
    this.#nodes = new Nodes(options.objects.cluster, options.now);
  }

  onChange(listener: Parameters<Executor['onChange']>[0]): void {
    this.options.objects.onChange(listener);
  }

  async launch(spec: AttemptSpec, confirm: () => void = () => undefined): Promise<Launched | Pending> {
    const { objects } = this.options;
    try {
      if (!objects.isSynced) return pending('cluster', this.options.hindrance?.() ?? objects.problem?.message ?? 'the cluster has not been seen yet');
      const found = objects.known(spec);
      if (found.job || found.pods.length > 0) return await this.#answer(spec, found);
      const hindrance = this.options.hindrance?.() ?? objects.problem?.message;
      if (hindrance !== undefined) return pending('cluster', hindrance);
      return await this.#inTurn(() => this.#make(spec, confirm));
    } catch (error) {
      if (error instanceof ForeignObject) {
        this.options.log.error({ experimentId: spec.experimentId, attempt: spec.attempt }, `${error.message}: it is left alone`);
        throw new LaunchFailed('start', error.message, { cause: error });
      }
      if (!(error instanceof ClusterProblem)) throw error;
      if (error.kind === 'forbidden') this.options.forbidden?.();
      if (error.isLasting) throw new LaunchFailed('start', error.message, { cause: error });
      return pending(error.kind === 'quota' ? 'unschedulable' : 'cluster', error.message);
    }
  }

  async observe(id: AttemptId): Promise<Observation> {
    const { objects } = this.options;
    if (!objects.isSynced) return running;
    const known = objects.known(id);
    const found = known.job || known.pods.length > 0 ? known : await this.#look(id);
    if (!found) return running;
    if (!found.job && found.pods.length === 0) return { state: 'absent' };
    const phase = await this.#phaseOf(found);
    switch (phase.at) {
      case 'nothing':
        return this.#withoutPod(id, found);
      case 'waiting':
        return running;
      case 'running':
        return { ...running, ...(await this.#reported(id, found)) };
      case 'never':
        return isStopped(found.job) ? { state: 'absent' } : phase.end;
      case 'over':
        return this.#ended(id, found, phase.end);
      default:
        return phase satisfies never;
    }
  }

  async stop(id: AttemptId, graceSeconds: number): Promise<void> {
    const { objects, now, builds } = this.options;
    await builds?.release(id);
    let found = objects.known(id);
    if (!objects.isSynced || (!found.job && found.pods.length === 0)) found = await objects.look(id);
    if (!found.job && found.pods.length === 0) {
      const made = await this.#standIns(id);
      for (const job of made) if (!isStopped(job)) await objects.patch(job, stopPatch(now(), undefined, kindOf(job)));
      found = { job: made[0], children: [], pods: [] };
    }
    if (found.job && !isStopped(found.job)) await objects.patch(found.job, stopPatch(now(), undefined, kindOf(found.job)));
    for (const pod of found.pods) await this.#end(pod, graceSeconds);
  }

  async forget(id: AttemptId): Promise<void> {
    for (const pod of this.options.objects.known(id).pods) {
      this.#asked.delete(pod.metadata?.uid ?? '');
      this.options.unsent?.forget(pod);
    }
    await this.options.objects.remove(id);
    await this.options.reports?.forget(id);
  }

  /** Of each kind that one who is about to launch it may be making now, or what that one has made. */
  async #standIns(id: AttemptId): Promise<Workload[]> {
    const { objects, settings, now } = this.options;
    const [name, labels] = [attemptName(id), attemptLabels(settings.platformId, id, id.experimentId)];
    const made: (Workload | null)[] = [];
    if (objects.sets) made.push(await ourOwn(objects.createSet(setStandIn(objects.sets.kind, name, settings.namespace, labels, now()), id)));
    made.push(await ourOwn(objects.createJob(standIn(name, labels, settings, now()), id)));
    return made.filter((one) => one !== null);
  }

  async #make(spec: AttemptSpec, confirm: () => void): Promise<Launched | Pending> {
    const { objects, settings, builds } = this.options;
    attemptObjects(spec, settings); // what can't run needs no image
    const plan = buildPlanOf(spec.order, settings);
    const built = plan && builds ? await builds.ready(spec, plan, confirm) : { preamble: '' };
    if ('isPending' in built) return built;
    const { secret, service, job, instead } = attemptObjects({ ...spec, ...built }, settings);
    confirm();
    await objects.createSecret(secret, spec);
    if (service && !instead) await objects.createService(service, spec);
    confirm();
    const made = await (instead ? objects.createSet(instead, spec) : objects.createJob(job, spec));
    return made ? this.#answer(spec, objects.known(spec)) : pending('starting', null);
  }

  async #answer(spec: AttemptSpec, found: Found): Promise<Launched | Pending> {
    const phase = await this.#phaseOf(found);
    switch (phase.at) {
      case 'nothing': {
        const seen = await this.#withoutPod(spec, found);
        if (seen.state === 'absent') throw stoppedBefore();
        if (seen.state === 'ended') throw notStarted(seen);
        return pending('starting', (await this.options.why?.ofJob(found.job, found.children)) ?? null);
      }
      case 'waiting': {
        if (phase.gaveUp && found.job) await this.#giveUp(found, { cause: phase.gaveUp, message: phase.reason ?? '' });
        return pending(phase.cause, phase.reason ?? (await this.#whyWaiting(found)));
      }
      case 'never':
        throw isStopped(found.job) && !(found.job && givenUp(found.job)) ? stoppedBefore() : notStarted(phase.end, found.pods);
      case 'running':
      case 'over':
        return launched(attemptObjects(spec, this.options.settings), spec, this.options.settings);
      default:
        return phase satisfies never;
    }
  }

  /** Once it is told, its console is closed: what its pods could not send comes before. */
  async #ended(id: AttemptId, { job, pods }: Found, end: Ended): Promise<Observation> {
    const settled = await Promise.all(pods.map(async (pod) => (await this.options.unsent?.settle(id, { pod, replica: pod.spec?.subdomain === undefined ? null : replicaOf(pod, job) })) ?? []));
    if (settled.includes('later')) return running;
    const warnings = settled.flat();
    const whole = pods.filter((pod) => carries(pod, job)).reduce<Ended>(withCarried, end);
    return warnings.length === 0 ? whole : { ...whole, warnings: [...(whole.warnings ?? []), ...warnings] };
  }

  /** One that has build steps and says nothing is not known to be beyond them. */
  async #reported(id: AttemptId, { pods }: Found): Promise<Partial<Observation & { readonly state: 'running' }>> {
    const { isBuilding = true, ...said } = (await this.options.reports?.of(id)) ?? {};
    return { ...said, ...(isBuilding && pods.some(hasBuildSteps) && { isBuilding: true as const }) };
  }

  /** It has waited as long as it may. Until nothing of it can start any more it is asked about again. */
  async #giveUp({ job, pods }: Found, why: { cause: NonNullable<Ended['cause']>; message: string }): Promise<void> {
    const { objects, now } = this.options;
    if (job && !isStopped(job)) await objects.patch(job, stopPatch(now(), why, kindOf(job)));
    for (const pod of pods) await this.#end(pod, 0);
  }

  async #phaseOf({ job, pods }: Found): Promise<Phase> {
    const { patience, now } = this.options;
    const parts = await Promise.all(pods.map(async (pod) => partOf(pod, job, phaseOf({ pod, job, node: await this.#nodeOf(pod), now: now() }, patience))));
    const phase = together(parts, isStopped(job) ? undefined : wholeOf(job));
    if (phase.at === 'running' && pods.length > 1 && hasFailed(parts)) for (const pod of pods) await this.#end(pod, Infinity);
    const gaveUp = job && givenUp(job);
    // whoever of them had begun was only ended with the others
    return phase.at === 'over' && pods.length > 1 && gaveUp ? { at: 'never', end: { state: 'ended', exitCode: null, ...gaveUp } } : phase;
  }

  async #whyWaiting({ job, pods, children }: Found): Promise<string | null> {
    if (isStopped(job)) return null;
    if (pods.length < wholeOf(job).pods) return (await this.options.why?.ofJob(job, children)) ?? null;
    const pod = pods.find((one) => !hasBegun(one));
    return (pod && (await this.options.why?.ofPod(pod))) ?? null;
  }

  async #nodeOf(pod: V1Pod): Promise<NodeSeen> {
    return isOverdue(pod, this.options.now()) ? this.#nodes.look(pod.spec?.nodeName ?? '') : undefined;
  }

  /** Its Job is there and no pod. Undefined would be wrong: either none was ever made, or one will be, or somebody took it away. */
  async #withoutPod(id: AttemptId, known: Found): Promise<Observation> {
    if (!this.#isSettled(known)) return running;
    const found = await this.#look(id);
    if (!found || found.pods.length > 0 || !this.#isSettled(found)) return running;
    if (isStopped(found.job)) return { state: 'absent' };
    return { state: 'ended', exitCode: null, message: 'its pod is gone, and nobody has seen how it ended', cause: 'infrastructure' };
  }

  /** No pod will come of it. */
  #isSettled({ job, children }: Found): boolean {
    return job !== undefined && (isStandIn(job) || (isFinished(job) && children.every(isFinished)) || isAcknowledged(job, children, this.options.now()));
  }

  /** Undefined: the API doesn't answer now. */
  async #look(id: AttemptId): Promise<Found | undefined> {
    try {
      return await this.options.objects.look(id);
    } catch (error) {
      if (error instanceof ClusterProblem) return undefined;
      throw error;
    }
  }

  /** Its own grace is kept in the pod, whose period is longer: what it leaves is carried in the rest of it. */
  async #end(pod: V1Pod, graceSeconds: number): Promise<void> {
    const { uid = '', name = '', deletionTimestamp } = pod.metadata ?? {};
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return;
    const now = this.options.now().getTime();
    const askedAt = this.#asked.get(uid) ?? -Infinity;
    const isForced = deletionTimestamp !== undefined && now - new Date(deletionTimestamp).getTime() > forcedAfterMs + graceSeconds * 1000;
    if ((deletionTimestamp && !isForced) || now - askedAt < askedAgainAfterMs) return;
    this.#asked.set(uid, now);
    await this.options.objects.cluster.delete('Pod', name, { uid, ...(isForced && { gracePeriodSeconds: 0 }) });
  }
}

const running: Observation = { state: 'running' };

/** Null: nothing of ours can begin under that name. */
async function ourOwn(made: Promise<Workload | null>): Promise<Workload | null> {
  try {
    return await made;
  } catch (error) {
    if (error instanceof ForeignObject) return null;
    throw error;
  }
}

function pending(cause: Pending['cause'], reason: string | null): Pending {
  return { isPending: true, cause, reason };
}

function launched({ console, warnings }: AttemptObjects, { order }: AttemptSpec, settings: ClusterSettings): Launched {
  return { console, isBuilding: stepsInPod(order, settings).length > 0, warnings };
}

function isStopped(job: Workload | undefined): boolean {
  return job !== undefined && stoppedAt(job) !== undefined;
}

function stoppedBefore(): LaunchFailed {
  return new LaunchFailed('start', 'it was stopped before it was started');
}

/** Over, and its program has never begun. */
function notStarted({ cause, message }: Ended, pods: readonly V1Pod[] = []): LaunchFailed {
  const unbrought = pods.map(bringFailure).find((failure) => failure !== undefined);
  if (unbrought) return new LaunchFailed(unbrought.reason, unbrought.message);
  const said = message ?? 'its pod ended before its program began';
  if (cause === 'image' || cause === 'unschedulable') return new LaunchFailed(cause, said);
  return new LaunchFailed('start', said, cause && isTaken(cause) ? { taken: cause } : {});
}
