// How do several processes train together where an operator of the cluster starts and ends them?
import type { ExperimentOrder } from '#contracts';
import type { Replica, ReplicaRole } from '#polyaxonfile';
import type { AttemptSpec } from '../../executor.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import { attemptLabels, attemptName, queueLabel, roleLabel, trainingAnnotation } from './names.ts';
import { podTemplate } from './pod.ts';
import { isTraining, replicasIn } from './replicas.ts';
import type { JobSet, JobSetSpec, TrainingRuntime, TrainJob } from './workload.ts';

export interface SetObjects {
  /** Of a TrainJob, made before it: what it is made of. */
  readonly runtime?: TrainingRuntime;
  readonly set: JobSet | TrainJob;
}

export const jobSetVersion = 'jobset.x-k8s.io/v1alpha2';
export const trainerGroup = 'trainer.kubeflow.org';
export const trainerVersion = `${trainerGroup}/v1alpha1`;

/** Undefined: it is a Job, since it is one process, or Jobs are what this installation wants. */
export function setObjects(spec: AttemptSpec, settings: ClusterSettings): SetObjects | undefined {
  const replicas = replicasIn(spec.order);
  if (replicas.length === 0 || settings.replicasAs === 'job') return undefined;
  const name = attemptName(spec);
  const labels = attemptLabels(settings.platformId, spec, spec.order.originalExperimentId);
  const metadata = {
    name,
    namespace: settings.namespace,
    labels: { ...labels, ...(settings.queueName !== null && { [queueLabel]: settings.queueName }) },
    annotations: { [trainingAnnotation]: String(replicas.filter(isTraining).length) },
  };
  const jobSet = jobSetOf(spec, settings, replicas, labels);
  if (settings.replicasAs === 'jobset') return { set: { apiVersion: jobSetVersion, kind: 'JobSet', metadata, spec: jobSet } };
  return {
    runtime: { apiVersion: trainerVersion, kind: 'TrainingRuntime', metadata: { name, namespace: settings.namespace, labels }, spec: { template: { metadata: { labels }, spec: jobSet } } },
    set: { apiVersion: trainerVersion, kind: 'TrainJob', metadata, spec: { runtimeRef: { apiGroup: trainerGroup, kind: 'TrainingRuntime', name } } },
  };
}

/** One Indexed Job for each role, so each role has its own resources and places. The first that fails ends all, and when all that train have succeeded the rest is ended: by the operator, whether we are there or not. */
function jobSetOf(spec: AttemptSpec, settings: ClusterSettings, replicas: readonly Replica[], labels: Readonly<Record<string, string>>): JobSetSpec {
  const name = attemptName(spec);
  const roles = [...new Set(replicas.map(({ role }) => role))];
  return {
    network: { enableDNSHostnames: true, publishNotReadyAddresses: true, subdomain: name },
    successPolicy: { operator: 'All', targetReplicatedJobs: roles.filter((role) => isTraining({ role })) },
    // another try is another attempt, which our events tell of
    failurePolicy: { maxRestarts: 0 },
    replicatedJobs: roles.map((role) => {
      const ofRole = replicas.filter((one) => one.role === role);
      const marked = { ...labels, [roleLabel]: role };
      return {
        name: role,
        replicas: 1,
        template: {
          metadata: { labels: marked },
          spec: {
            backoffLimit: 0,
            podReplacementPolicy: 'Failed',
            completionMode: 'Indexed',
            completions: ofRole.length,
            parallelism: ofRole.length,
            template: podTemplate(specOfRole(spec, ofRole), settings, name, marked, { replicas: ofRole, first: replicas.findIndex((one) => one.role === role) }),
          },
        },
      };
    }),
  };
}

/** As the first of a role has it, so all of that role have it. How many there are of each stays. */
function specOfRole(spec: AttemptSpec, [first]: readonly Replica[]): AttemptSpec {
  const { replicas } = spec.order.environment;
  const environment = { ...first?.environment, ...(replicas !== undefined && { replicas }) } as ExperimentOrder['environment'];
  return { ...spec, order: { ...spec.order, environment } };
}

/** Of the Job that an operator makes for a role. */
export function jobOfRole(name: string, role: ReplicaRole): string {
  return `${name}-${role}-0`;
}
