// How has a pod ended, and whose fault was it?
import type { V1ContainerStateTerminated, V1Node, V1Pod, V1PodCondition } from '@kubernetes/client-node';
import { bringExitCode } from '#storage';
import type { Observation } from '../executor.ts';
import { buildFailure } from '../build.ts';
import { endMessage } from '../local/end-message.ts';
import { foreignEnd } from './foreign-end.ts';
import { givenUp } from './marks.ts';
import { containerNames } from './objects/names.ts';
import type { Workload } from './objects/workload.ts';
import { leftBehind, statusOf, wasAskedToEnd, type Disruption } from './said-by-pod.ts';

export type Ended = Observation & { readonly state: 'ended' };

/** Null: it isn't there any more. Undefined: nobody has looked, or may. */
export type NodeSeen = V1Node | null | undefined;

/**
 * Of a pod that is over. The exit code is the program's own; what is said of the pod says why it was asked to end, also when it then left with 0: it has not finished. Who had ended before the pod was
 * disturbed has ended by itself.
 */
export function endOf(pod: V1Pod, job: Workload | undefined, node: NodeSeen): Ended {
  const ended = statusOf(pod, containerNames.experiment)?.state?.terminated;
  const left = leftBehind(pod);
  const exitCode = exitCodeOf(ended) ?? left?.exitCode ?? null;
  const excess = excessOf(pod);
  if (excess !== undefined && !exitCode) return { state: 'ended', exitCode: null, message: excess }; // with 0 it has left when it was asked to
  if (exitCode === null) return withoutCode((job && givenUp(job)) ?? disruptionOf(pod, node) ?? startFailure(pod) ?? (node === null ? lostNode(pod) : (foreignEnd(pod, job, ended) ?? lost(pod, ended))));
  const isOutOfMemory = exitCode !== 0 && ended?.reason === 'OOMKilled';
  const said = endMessage(exitCode, { isOutOfMemory, tail: left?.tail ?? '' });
  const message = left?.buildStep === undefined ? said : buildFailure(left.buildStep, said);
  const isBuilding = left?.buildStep === undefined ? {} : { isBuilding: true as const };
  if (isOutOfMemory) return { state: 'ended', exitCode, message, cause: 'out-of-memory', ...isBuilding };
  if (excess !== undefined) return { state: 'ended', exitCode, message: `${excess} (${said})`, ...isBuilding };
  const disruption = (hadEndedBefore(pod, ended) ? undefined : disruptionOf(pod, node)) ?? foreignEnd(pod, job, ended);
  if (!disruption) return { state: 'ended', exitCode, message, ...isBuilding };
  return { state: 'ended', exitCode, message: [message, disruption.message].filter(Boolean).join('; '), cause: disruption.cause, ...isBuilding };
}

/** Kubelet calls it an eviction, too, but its node had room: the next attempt would fare no better. Undefined: it has kept to what it may. */
export function excessOf({ status }: V1Pod): string | undefined {
  const said = status?.message?.trim() ?? '';
  if (status?.reason !== 'Evicted' || !/exceed(s|ed) (the limit|its local ephemeral storage limit|the total limit of containers)/.test(said)) return undefined;
  return `it wrote more to the disk of its node than it may: ${said} Let it keep less there (outputs that are carried to a store count, too), or have the installation allow more (ephemeral-storage)`;
}

function exitCodeOf(ended: V1ContainerStateTerminated | undefined): number | null {
  return ended && ended.reason !== 'ContainerStatusUnknown' && wasStarted(ended) ? ended.exitCode : null;
}

/** Whether its program was ever there. */
export function hasBegun(pod: V1Pod): boolean {
  const { state, lastState } = statusOf(pod, containerNames.experiment) ?? {};
  if (state?.running || lastState?.terminated) return true;
  return state?.terminated !== undefined && wasStarted(state.terminated);
}

/** What it needs could not be brought, and never will be: the container that brings it waits for what passes. Undefined: it could, or was kept from it. */
export function bringFailure(pod: V1Pod): { readonly reason: 'code' | 'start'; readonly message: string } | undefined {
  const brought = statusOf(pod, containerNames.bring)?.state?.terminated;
  const message = brought?.message?.trim();
  if (!brought || brought.exitCode !== bringExitCode.lasting || !message) return undefined;
  return { reason: message.startsWith('its outputs') ? 'start' : 'code', message };
}

/** A runtime that can't start a container gives it an end without a beginning, or at the beginning of time. */
function wasStarted({ reason, startedAt }: V1ContainerStateTerminated): boolean {
  return !startProblems.has(reason ?? '') && startedAt !== undefined && startedAt !== null && new Date(startedAt).getTime() > 0;
}

const startProblems = new Set(['StartError', 'ContainerCannotRun', 'CreateContainerError', 'CreateContainerConfigError', 'RunContainerError']);

function startFailure(pod: V1Pod): Disruption | undefined {
  const { state } = statusOf(pod, containerNames.experiment) ?? {};
  if (state?.terminated && startProblems.has(state.terminated.reason ?? '')) {
    return { cause: 'start', message: `its container can't be started: ${state.terminated.message ?? state.terminated.reason}` };
  }
  const brought = statusOf(pod, containerNames.bring)?.state?.terminated;
  if (!brought || brought.exitCode === 0) return undefined;
  const cause = brought.exitCode === bringExitCode.lasting ? 'start' : 'infrastructure';
  return { cause, message: `what it needs could not be brought into its pod: ${brought.message?.trim() || `the container ${containerNames.bring} exited with code ${brought.exitCode}`}` };
}

/** By the conditions that the cluster gives it, by older reasons, or by its node. */
export function disruptionOf(pod: V1Pod, node: NodeSeen): Disruption | undefined {
  const where = pod.spec?.nodeName ? ` (${pod.spec.nodeName})` : '';
  const condition = disrupted(pod);
  const said = condition?.message ?? pod.status?.message;
  const told = said ? `: ${said}` : '';
  const isAway = node === null || (node !== undefined && !isReady(node));
  switch (condition?.reason) {
    case 'PreemptionByScheduler':
      return { cause: 'preempted', message: `it made room for something more important${told}` };
    case 'EvictionByEvictionAPI':
      return { cause: 'evicted', message: `its node is emptied, or it was asked to leave${where}${told}` };
    case 'DeletionByTaintManager':
      return isAway ? lostNode(pod, said) : { cause: 'evicted', message: `its node has a taint that it doesn't tolerate${where}${told}` };
    case 'DeletionByPodGC':
      return lostNode(pod, said);
    case 'TerminationByKubelet':
      if (pod.status?.reason === 'Preempting') return { cause: 'preempted', message: `its node needs the room for something critical${where}${told}` };
      return { cause: 'evicted', message: `its node had to end it${where}${told}${sparing(said)}` };
    default:
  }
  switch (pod.status?.reason) {
    case 'Evicted':
      return { cause: 'evicted', message: `its node had to end it${where}${told}${sparing(said)}` };
    case 'Preempting':
      return { cause: 'preempted', message: `its node needs the room for something critical${where}${told}` };
    case 'NodeLost':
      return lostNode(pod, said);
    case 'Terminated':
    case 'NodeShutdown':
    case 'Shutdown':
      return { cause: 'evicted', message: `its node was shut down${where}${told}` };
    case undefined:
      return undefined;
    default: // OutOfcpu, NodeAffinity, UnexpectedAdmissionError ...: its node did not take it
      return { cause: 'infrastructure', message: `its node did not take it: ${pod.status?.reason}${told}` };
  }
}

/** Those that use more than they have asked for are the first to go. */
function sparing(said = ''): string {
  return /larger consumption of memory/.test(said) ? '; ask for as much as it uses (resources.memory.requests), and it is not the first to go' : '';
}

function lostNode({ spec }: V1Pod, said?: string): Disruption {
  return { cause: 'node-lost', message: `its node${spec?.nodeName ? ` ${spec.nodeName}` : ''} is gone, or answers no more${said ? `: ${said}` : ''}` };
}

function lost(pod: V1Pod, ended: V1ContainerStateTerminated | undefined): Disruption {
  const said = pod.status?.message ?? ended?.message;
  return { cause: 'infrastructure', message: `its pod ended and left no exit code${said ? `: ${said}` : ''}` };
}

function withoutCode({ cause, message }: Disruption): Ended {
  return { state: 'ended', exitCode: null, message, cause };
}

function disrupted({ status }: V1Pod): V1PodCondition | undefined {
  return status?.conditions?.find(({ type, status: is }) => type === 'DisruptionTarget' && is === 'True');
}

/** By whole seconds, which is all that is written down. Kubelet writes its word down when its containers have left, which may take as long as they are given. */
function hadEndedBefore(pod: V1Pod, ended: V1ContainerStateTerminated | undefined): boolean {
  const { lastTransitionTime: at, reason } = disrupted(pod) ?? {};
  const wasAsked = wasAskedToEnd(pod);
  if (wasAsked !== undefined) return !wasAsked;
  const lateMs = reason === 'TerminationByKubelet' ? 1000 * (pod.spec?.terminationGracePeriodSeconds ?? 0) : 0;
  return at !== undefined && at !== null && ended?.finishedAt !== undefined && new Date(ended.finishedAt).getTime() + lateMs < new Date(at).getTime();
}

export function isReady({ status }: V1Node): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}
