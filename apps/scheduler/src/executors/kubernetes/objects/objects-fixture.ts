// Which attempt and which cluster do the examples begin with?
import type { ExperimentOrder } from '#contracts';
import type { AttemptSpec } from '../../executor.ts';
import type { BuildSettings, ClusterSettings } from './cluster-settings.ts';

export const s3 = { endpoint: 'https://store:9000', bucket: 'outputs', prefix: '', region: 'us-east-1', pathStyle: true, credentials: { accessKey: 'a', secretKey: 'its-secret-key' } };

export const settings: ClusterSettings = {
  platformId: 'lab', namespace: 'runs', platformImage: 'polyaxon/platform:1', platformFolder: '/opt/platform', programImage: 'python:3.12', imagePullPolicy: null, imagePullSecrets: [],
  serviceAccount: null, outputs: { root: '/polyaxon/outputs', outputs: { kind: 'claim', claim: 'outputs', folder: '' } }, namedOutputs: {}, data: {}, gatewayUrl: 'http://gateway:8000/',
  runTokenSecret: 'the-secret-of-tokens', runAsUser: 1000, fsGroup: null, requests: { cpuCores: 0.1, memoryBytes: 128 * 1024 ** 2 }, limits: { cpuCores: null, memoryBytes: null },
  gpuResource: 'nvidia.com/gpu', tpuResource: 'google.com/tpu', graceSeconds: 30, lastSeconds: 120, lagSeconds: 10, lostNodeSeconds: 30, replicasAs: 'job', queueName: null, build: null,
};

export const build: BuildSettings = {
  repository: 'registry.lab:5000/team/runs', isInsecure: false, loginSecret: 'registry', builder: 'buildkit', builderImage: 'moby/buildkit:rootless', namespace: 'builds', serviceAccount: null,
  requests: { cpuCores: 1, memoryBytes: null }, limits: { cpuCores: null, memoryBytes: 4 * 1024 ** 3 }, timeoutSeconds: 3600, keptSeconds: 86_400,
};

export const inStore: ClusterSettings = { ...settings, outputs: { root: '/polyaxon/outputs', outputs: { kind: 's3', s3 } } };

export function attemptWith(order: Partial<ExperimentOrder> = {}, attempt = 2): AttemptSpec {
  const whole = {
    experimentId: 31, originalExperimentId: 23, uuid: 'f3', user: 'mona', project: 'iris', groupId: null, content: '', params: { lr: 0.1 }, command: 'python train.py', environment: {},
    codeRevision: 'c'.repeat(64), outputsPath: 'mona/iris/experiments/23', logsPath: 'mona/iris/experiments/31', ...order,
  } as unknown as ExperimentOrder;
  return { experimentId: 31, attempt, order: whole, cloningStrategy: 'resume', sourceExperimentId: 23 };
}
