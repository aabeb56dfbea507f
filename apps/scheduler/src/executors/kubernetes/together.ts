// How far is an attempt that consists of several pods?
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import type { ReplicaRole } from '#polyaxonfile';
import { containerNames, indexAnnotation, roleLabel, trainingAnnotation } from './objects/names.ts';
import { replicaName } from './objects/replicas.ts';
import { kindOf, type Workload } from './objects/workload.ts';
import type { Phase } from './phase-of.ts';
import { statusOf } from './said-by-pod.ts';

export interface Part {
  /** As users know it. */
  readonly name: string;
  readonly phase: Phase;
  /** It only serves the others: it has no end of its own, and is ended when they are done. */
  readonly isServing: boolean;
  /** In milliseconds since 1970, by whole seconds; infinite: it has not, or nobody knows. */
  readonly endedAt: number;
}

/** How many there are when it is whole, and how many of them train. */
export interface Whole {
  readonly pods: number;
  readonly training: number;
}

type Ended = Part & { readonly phase: Phase & { readonly at: 'over' | 'never' } };
type Waiting = Part & { readonly phase: Phase & { readonly at: 'waiting' } };

/** All or nothing: it has begun with the last of them, has succeeded when all that train have, and else the first failure is its end, by the name of who failed. */
export function together(parts: readonly Part[], { pods, training }: Whole = { pods: 1, training: 1 }): Phase {
  const [only] = parts;
  if (!only) return { at: 'nothing' };
  if (parts.length === 1 && pods <= 1) return only.phase;
  const ended = parts.filter(isEnded);
  const trained = ended.filter(({ isServing }) => !isServing);
  const failed = firstFailure(ended);
  if (ended.length === parts.length) {
    if (trained.length >= training && trained.every(({ phase }) => phase.end.exitCode === 0)) return trained[0]?.phase ?? only.phase;
    if (failed) return { ...failed.phase, end: { ...failed.phase.end, message: named(failed, failed.phase.end.message) } };
  }
  return failed && parts.some(({ phase: { at } }) => at === 'running' || at === 'over') ? { at: 'running' } : begun(parts, pods);
}

/** While one of them has nowhere to run the others, as soon as they have begun, only wait for it. */
function begun(parts: readonly Part[], pods: number): Phase {
  const waiting = parts.filter((part): part is Waiting => part.phase.at === 'waiting');
  const held = waiting.find(({ phase }) => phase.gaveUp) ?? waiting.find(({ phase }) => phase.reason !== null) ?? waiting[0];
  const areAllHeld = pods === parts.length && parts.length === waiting.filter(({ phase }) => phase.reason !== null).length;
  if (held) return areAllHeld ? held.phase : { ...held.phase, reason: held.phase.reason && `${named(held, held.phase.reason)}; the others wait for it` };
  return parts.length < pods ? { at: 'waiting', cause: 'starting', reason: null } : { at: 'running' };
}

/** Then the others are to end, too: a node that says nothing keeps Kubernetes from seeing it. */
export function hasFailed(parts: readonly Part[]): boolean {
  return firstFailure(parts.filter(isEnded)) !== undefined;
}

function firstFailure(ended: readonly Ended[]): Ended | undefined {
  return ended.filter(({ phase }) => phase.end.exitCode !== 0).sort(earlier)[0];
}

/** Those that are told to end after the first has failed end with a signal. When a pod that was taken away ended is often not known, and what became of the others comes of that. */
function earlier(one: Ended, other: Ended): number {
  const rank = ({ phase: { at, end } }: Ended) => (at === 'never' ? 2 : 0) + (isSignal(end.exitCode) ? 1 : 0);
  const [isOneTaken, isOtherTaken] = [one, other].map(({ phase: { end } }) => takenFirst.has(end.cause ?? ''));
  if (isOneTaken !== isOtherTaken) {
    const [taken, left] = isOneTaken ? [one, other] : [other, one];
    const isLeftFirst = !isSignal(left.phase.end.exitCode) && left.phase.end.exitCode !== null && left.endedAt < taken.endedAt && taken.endedAt !== Infinity;
    return isLeftFirst === isOneTaken ? 1 : -1;
  }
  return Math.sign(one.endedAt - other.endedAt) || rank(one) - rank(other);
}

const takenFirst = new Set<string>(['preempted', 'evicted', 'node-lost']);

function isSignal(exitCode: number | null): boolean {
  return exitCode === 143 || exitCode === 137;
}

function isEnded(part: Part): part is Ended {
  return part.phase.at === 'over' || part.phase.at === 'never';
}

function named({ name }: Part, message: string | null): string {
  return message === null ? `${name} ended` : `${name}: ${message}`;
}

export function partOf(pod: V1Pod, job: Workload | undefined, phase: Phase): Part {
  const finishedAt = statusOf(pod, containerNames.experiment)?.state?.terminated?.finishedAt;
  const { role, index } = roleIn(pod, job);
  return { name: replicaName({ role, index }), phase, isServing: role === 'ps', endedAt: finishedAt ? new Date(finishedAt).getTime() : Infinity };
}

/** Its name among its replicas. */
export function replicaOf(pod: V1Pod, job: Workload | undefined): string {
  return replicaName(roleIn(pod, job));
}

function roleIn(pod: V1Pod, job: Workload | undefined): { readonly role: ReplicaRole; readonly index: number } {
  const index = Number(pod.metadata?.annotations?.[indexAnnotation] ?? 0);
  return replicaAt(index, pod.metadata?.labels?.[roleLabel] as ReplicaRole | undefined, trainingIn(job));
}

/** Where each role is a Job of its own its pods are counted from 0. */
function replicaAt(index: number, role: ReplicaRole | undefined, training: number): { readonly role: ReplicaRole; readonly index: number } {
  if (role !== undefined) return { role, index };
  if (index === 0) return { role: 'master', index };
  return index < training ? { role: 'worker', index: index - 1 } : { role: 'ps', index: index - training };
}

/** What an operator makes besides those that train isn't known. */
export function wholeOf(workload: Workload | undefined): Whole {
  const training = trainingIn(workload);
  const job = workload && kindOf(workload) === 'Job' ? (workload as V1Job) : undefined;
  return { pods: Math.max(training, job?.spec?.completions ?? 1), training };
}

/** So many of its pods train. They are counted from 0, and are those that have to succeed. */
export function trainingIn(workload: Workload | undefined): number {
  if (workload && kindOf(workload) !== 'Job') return Number(workload.metadata?.annotations?.[trainingAnnotation] ?? 1);
  const job = workload as V1Job | undefined;
  const [, last] = /^0-(\d+)$/.exec(job?.spec?.successPolicy?.rules[0]?.succeededIndexes ?? '') ?? [];
  return last === undefined ? (job?.spec?.completions ?? 1) : Number(last) + 1;
}
