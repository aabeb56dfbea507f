// How far is an attempt that consists of several pods?
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { statusOf } from './end-of.ts';
import { containerNames, indexAnnotation, roleLabel, trainingAnnotation } from './objects/names.ts';
import { kindOf, type Workload } from './objects/workload.ts';
import type { Phase } from './phase-of.ts';

export interface Part {
  readonly phase: Phase;
  /** It only serves the others: it has no end of its own, and is ended when they are done. */
  readonly isServing: boolean;
  /** In milliseconds since 1970, by whole seconds; infinite: it has not, or nobody knows. */
  readonly endedAt: number;
}

type Ended = Part & { readonly phase: Phase & { readonly at: 'over' | 'never' } };

/** All or nothing: it has begun with the first of them, and has ended with the last. It has succeeded when all that train have; else the first failure is its end. `expected`: of those that train. */
export function together(parts: readonly Part[], expected = 1): Phase {
  const [only] = parts;
  if (!only) return { at: 'nothing' };
  if (parts.length === 1 && expected <= 1) return only.phase;
  const ended = parts.filter((part): part is Ended => part.phase.at === 'over' || part.phase.at === 'never');
  const training = ended.filter(({ isServing }) => !isServing);
  const [first] = ended.filter(({ phase }) => phase.end.exitCode !== 0).sort(earlier);
  if (ended.length === parts.length) {
    if (training.length >= expected && training.every(({ phase }) => phase.end.exitCode === 0)) return training[0]?.phase ?? only.phase;
    if (first) return first.phase;
  }
  if (parts.some(({ phase: { at } }) => at === 'running' || at === 'over')) return { at: 'running' };
  return parts.map(({ phase }) => phase).find(({ at }) => at === 'waiting') ?? { at: 'waiting', cause: 'starting', reason: null };
}

/** Those that are told to end after the first has failed end with a signal. */
function earlier(one: Ended, other: Ended): number {
  const rank = ({ phase: { at, end } }: Ended) => (at === 'never' ? 2 : 0) + (end.exitCode === 143 || end.exitCode === 137 ? 1 : 0);
  return Math.sign(one.endedAt - other.endedAt) || rank(one) - rank(other);
}

export function partOf(pod: V1Pod, job: Workload | undefined, phase: Phase): Part {
  const finishedAt = statusOf(pod, containerNames.experiment)?.state?.terminated?.finishedAt;
  const index = Number(pod.metadata?.annotations?.[indexAnnotation] ?? 0);
  const role = pod.metadata?.labels?.[roleLabel];
  return { phase, isServing: role === undefined ? index >= trainingIn(job) : role === 'ps', endedAt: finishedAt ? new Date(finishedAt).getTime() : Infinity };
}

/** So many of its pods train. They are counted from 0, and are those that have to succeed. */
export function trainingIn(workload: Workload | undefined): number {
  if (workload && kindOf(workload) !== 'Job') return Number(workload.metadata?.annotations?.[trainingAnnotation] ?? 1);
  const job = workload as V1Job | undefined;
  const [, last] = /^0-(\d+)$/.exec(job?.spec?.successPolicy?.rules[0]?.succeededIndexes ?? '') ?? [];
  return last === undefined ? (job?.spec?.completions ?? 1) : Number(last) + 1;
}
