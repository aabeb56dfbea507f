// How do several processes train together in a cluster, and how does each know who it is and where the others are?
import type { V1JobSpec, V1ResourceRequirements, V1Service } from '@kubernetes/client-node';
import type { ExperimentOrder } from '#contracts';
import { replicasOf, type JsonMapping, type Replica } from '#polyaxonfile';
import { podFolders } from '#storage';
import { amountsOf, largest } from './amounts.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import { impossible } from './wanted.ts';
import type { ReplicasAs } from './workload.ts';

const torchPort = 29_500;
const tensorflowPort = 2222;
/** Frameworks that start their processes themselves, over ssh. */
const launched = ['horovod', 'mpi'];
const placed = ['node_selector', 'affinity', 'tolerations', 'labels', 'annotations'];

/** The master first, then workers, then parameter servers: so the index of a pod is its rank. Empty: it is one process. */
export function replicasIn({ environment, framework, backend }: ExperimentOrder): readonly Replica[] {
  const replicas = replicasOf(environment as JsonMapping);
  const named = [framework, backend].find((one) => launched.includes(one ?? ''));
  if (replicas.length > 0 && named) throw impossible(`environment.replicas: ${named} starts its processes over ssh, which pods don't offer`, 'use the distributed package of tensorflow or pytorch, or leave replicas out');
  return replicas;
}

/** A parameter server only serves those that train: it has no end of its own. */
export function isTraining({ role }: Pick<Replica, 'role'>): boolean {
  return role !== 'ps';
}

/** As its console is called, and its part in the logs. */
export function replicaName({ role, index }: Pick<Replica, 'role' | 'index'>): string {
  return role === 'master' ? role : `${role}-${index}`;
}

/**
 * One Job for all: a failure of any ends all, as nobody is allowed to try again, and that also holds while the scheduler is not there. All that train have to succeed; parameter servers never end by
 * themselves, and are ended then.
 */
export function indexed(replicas: readonly Replica[]): Partial<V1JobSpec> {
  const training = replicas.filter(isTraining).length;
  return {
    completionMode: 'Indexed',
    completions: replicas.length,
    parallelism: replicas.length,
    ...(training < replicas.length && { successPolicy: { rules: [{ succeededIndexes: `0-${training - 1}` }] } }),
  };
}

/** Each pod has an address of its own, `<name>-<index>.<name>`, before it is ready, too: they look for each other while they start. */
export function addressesOf(name: string, namespace: string, labels: Readonly<Record<string, string>>): V1Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: { ...labels } },
    spec: { clusterIP: 'None', selector: { ...labels }, publishNotReadyAddresses: true },
  };
}

/** Alike for all, since they are of one Job. */
export function sharedAmounts(replicas: readonly Replica[], settings: ClusterSettings): V1ResourceRequirements {
  return largest(replicas.map(({ environment }) => amountsOf({ environment }, settings)));
}

export function replicaWarnings(replicas: readonly Replica[], settings: ClusterSettings): string[] {
  if (settings.replicasAs === 'job') return warningsIn(replicas, settings, { all: 'all', first: 'the master' });
  return (['worker', 'ps'] as const).flatMap((role) => warningsIn(replicas.filter((one) => one.role === role), settings, { all: `all of role ${role}`, first: `${role} 0` }));
}

/** Pods of one Job are alike. */
function warningsIn(replicas: readonly Replica[], settings: ClusterSettings, { all, first }: { readonly all: string; readonly first: string }): string[] {
  const differs = (of: (replica: Replica) => unknown) => new Set(replicas.map((one) => JSON.stringify(of(one) ?? null))).size > 1;
  const otherwise = placed.filter((key) => differs(({ environment }) => environment[key]));
  return [
    ...(differs(({ environment }) => amountsOf({ environment }, settings)) ? [`environment.replicas: ${all} are of one Job, so each gets the most of cpu, memory and devices that one of them asks for`] : []),
    ...(otherwise.length > 0 ? [`environment.replicas: ${all} are of one Job, so ${otherwise.join(', ')} ${otherwise.length > 1 ? 'are' : 'is'} that of ${first} for all`] : []),
  ];
}

/** Where each of them is, before it is ready, too. An operator counts in each role, and has a Job for it. */
function hostOf(replicas: readonly Replica[], at: number, name: string, as: ReplicasAs): string {
  const { role, index } = replicas[at]!;
  return as === 'job' ? `${name}-${at}.${name}` : `${name}-${role}-0-${index}.${name}`;
}

/** What is the same for all; the rest follows from the index in `beginning`. */
export function replicaVariables(replicas: readonly Replica[], name: string, as: ReplicasAs, variables: Readonly<Record<string, string>>): Record<string, string> {
  const training = replicas.filter(isTraining);
  const host = (index: number) => hostOf(replicas, index, name, as);
  const cluster: Record<string, string[]> = {};
  replicas.forEach(({ role }, index) => (cluster[taskOf[role]] ??= []).push(`${host(index)}:${tensorflowPort}`));
  const { role: _, ...info } = JSON.parse(variables.POLYAXON_EXPERIMENT_INFO ?? '{}') as { role?: string };
  return {
    ...variables,
    POLYAXON_EXPERIMENT_INFO: JSON.stringify(info),
    POLYAXON_REPLICAS: String(replicas.length),
    POLYAXON_WORKERS: String(training.length - 1),
    POLYAXON_TF_CLUSTER: JSON.stringify(cluster),
    MASTER_ADDR: host(0),
    MASTER_PORT: String(torchPort),
    WORLD_SIZE: String(training.length),
    // of torchrun, for whoever starts several processes in each pod with it
    PET_MASTER_ADDR: host(0),
    PET_MASTER_PORT: String(torchPort),
    PET_NNODES: String(training.length),
  };
}

/** As TF_CONFIG calls them. */
const taskOf = { master: 'chief', worker: 'worker', ps: 'ps' } as const;

/** Of a pod whose index counts from 0 in its role: which of all the first of its role is. */
export const firstVariable = 'POLYAXON_FIRST_REPLICA';

/** Which of them a pod is, only its index says, which all that is known before it is made can't. */
export const beginning = [
  'export JOB_COMPLETION_INDEX=$((JOB_COMPLETION_INDEX + ${POLYAXON_FIRST_REPLICA:-0}))',
  'n=$JOB_COMPLETION_INDEX',
  'if [ "$n" -eq 0 ]; then role=master index=0 task=chief',
  'elif [ "$n" -le "$POLYAXON_WORKERS" ]; then role=worker index=$((n - 1)) task=worker',
  'else role=ps index=$((n - 1 - POLYAXON_WORKERS)) task=ps; fi',
  '[ "$role" = ps ] || export RANK="$n" LOCAL_RANK=0 PET_NODE_RANK="$n"',
  'export POLYAXON_ROLE="$role" POLYAXON_EXPERIMENT_INFO="${POLYAXON_EXPERIMENT_INFO%?},\\"role\\":\\"$role\\",\\"index\\":$index}"',
  'export TF_CONFIG="{\\"cluster\\":$POLYAXON_TF_CLUSTER,\\"task\\":{\\"type\\":\\"$task\\",\\"index\\":$index}}"',
  'unset POLYAXON_TF_CLUSTER POLYAXON_FIRST_REPLICA',
  `exec /bin/sh ${podFolders.run}/attempt.sh`,
].join('\n');
