// What can an attempt be in a cluster: a Job of Kubernetes' own, or what an operator makes Jobs of?
import type { V1Job, V1JobSpec, V1ObjectMeta } from '@kubernetes/client-node';

/** What attempts of several processes are: one Job for all, a JobSet, or a TrainJob of Kubeflow's trainer, which makes a JobSet of it. */
export type ReplicasAs = 'job' | 'jobset' | 'trainjob';

export interface Condition {
  readonly type: string;
  readonly status: string;
}

/** jobset.x-k8s.io/v1alpha2, as far as it is used here. */
export interface JobSetSpec {
  readonly suspend?: boolean;
  /** Always there, which tells it from a Job. */
  readonly network: { readonly enableDNSHostnames: boolean; readonly publishNotReadyAddresses?: boolean; readonly subdomain?: string };
  readonly successPolicy?: { readonly operator: 'All' | 'Any'; readonly targetReplicatedJobs: readonly string[] };
  readonly failurePolicy?: { readonly maxRestarts: number };
  readonly replicatedJobs?: readonly { readonly name: string; readonly replicas: number; readonly template: { readonly metadata: V1ObjectMeta; readonly spec: V1JobSpec } }[];
}

export interface JobSet {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: V1ObjectMeta;
  readonly spec: JobSetSpec;
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** trainer.kubeflow.org/v1alpha1, of the namespace: of what the trainer makes JobSets. */
export interface TrainingRuntime {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: V1ObjectMeta;
  readonly spec: { readonly template: { readonly metadata?: V1ObjectMeta; readonly spec: JobSetSpec } };
}

export interface TrainJob {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: V1ObjectMeta;
  readonly spec: { readonly suspend?: boolean; readonly runtimeRef: { readonly apiGroup: string; readonly kind: 'TrainingRuntime'; readonly name: string } };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export type Workload = V1Job | JobSet | TrainJob;
export type WorkloadKind = 'Job' | 'JobSet' | 'TrainJob';
/** What operators make Jobs of. */
export type SetKind = Exclude<WorkloadKind, 'Job'>;

export const setKindOf = { job: undefined, jobset: 'JobSet', trainjob: 'TrainJob' } as const satisfies Record<ReplicasAs, SetKind | undefined>;

/** In lists the API server leaves the kind out. */
export function kindOf({ spec }: Workload): WorkloadKind {
  if (spec && 'runtimeRef' in spec) return 'TrainJob';
  return spec && 'network' in spec ? 'JobSet' : 'Job';
}

export function isSaidOf({ status }: Workload, ...types: readonly string[]): boolean {
  return (status?.conditions as readonly Condition[] | undefined)?.some(({ type, status: is }) => types.includes(type) && is === 'True') ?? false;
}

/** Whether it has succeeded or failed, by the word of each of them. */
export function isFinished(workload: Workload): boolean {
  return isSaidOf(workload, 'Complete', 'Completed', 'Failed');
}
