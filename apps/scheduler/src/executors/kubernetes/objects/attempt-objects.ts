// What has to be in the cluster for an attempt to run there?
import type { V1Job, V1Secret, V1Service } from '@kubernetes/client-node';
import { signRunToken } from '#service-host';
import type { AttemptSpec } from '../../executor.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import { attemptLabels, attemptName, epochOf, queueLabel } from './names.ts';
import { setObjects, type SetObjects } from './job-set.ts';
import { podOrderOf } from './pod-order.ts';
import { podTemplate, warningsOf } from './pod.ts';
import { addressesOf, indexed, replicaName, replicasIn } from './replicas.ts';
import { secretKeys } from './volumes.ts';

export interface AttemptObjects {
  /** Made first: the pod can't start without it. */
  readonly secret: V1Secret;
  /** Of several that train together, where they find each other; made before the Job. */
  readonly service?: V1Service;
  readonly job: V1Job;
  /** Where an operator of the cluster starts and ends them: this, and neither Job nor Service. */
  readonly instead?: SetObjects;
  /** Where its console output can be followed. */
  readonly console: string;
  /** For users: what was asked for and is not done. */
  readonly warnings: readonly string[];
}

/** The same for the same attempt, whoever asks. Throws `LaunchFailed` for what no cluster, or not this one, can do. */
export function attemptObjects(spec: AttemptSpec, settings: ClusterSettings): AttemptObjects {
  const name = attemptName(spec);
  const labels = attemptLabels(settings.platformId, spec, spec.order.originalExperimentId);
  const replicas = replicasIn(spec.order);
  const instead = setObjects(spec, settings);
  const metadata = { name, namespace: settings.namespace, labels };
  return {
    secret: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      type: 'Opaque',
      stringData: { [secretKeys.token]: signRunToken(settings.runTokenSecret, spec), [secretKeys.order]: JSON.stringify(podOrderOf(spec, settings)) },
    },
    job: {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { ...metadata, labels: { ...labels, ...(settings.queueName !== null && { [queueLabel]: settings.queueName }) } },
      spec: {
        // another try is another attempt, which our events tell of
        backoffLimit: 0,
        podReplacementPolicy: 'Failed',
        completions: 1,
        parallelism: 1,
        ...(replicas.length > 0 && indexed(replicas)),
        template: podTemplate(spec, settings, name, labels),
      },
    },
    ...(instead && { instead }),
    ...(replicas.length > 0 && { service: addressesOf(name, settings.namespace, labels) }),
    console: `pushed:${epochOf(spec)}${replicas.length > 0 ? `?replicas=${replicas.map(replicaName).join(',')}` : ''}`,
    warnings: warningsOf(spec, settings),
  };
}
