// Does an attempt become what a cluster can run, and nothing that it should not be?
import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import type { ExperimentOrder } from '#contracts';
import { readRunToken } from '#service-host';
import type { PodOrder } from '#storage';
import { LaunchFailed } from '../../executor.ts';
import { attemptObjects } from './attempt-objects.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import { attemptOf, selectorOf } from './names.ts';
import { attemptWith, inStore, s3, settings } from './objects-fixture.ts';

function podOf(order: Partial<ExperimentOrder> = {}, of: ClusterSettings = settings): V1PodSpec {
  return attemptObjects(attemptWith(order), of).job.spec!.template.spec!;
}

function program(order: Partial<ExperimentOrder> = {}, of: ClusterSettings = settings): V1Container {
  return podOf(order, of).containers[0]!;
}

function variables(order: Partial<ExperimentOrder> = {}, of: ClusterSettings = settings): Record<string, string | undefined> {
  return Object.fromEntries((program(order, of).env ?? []).map(({ name, value }) => [name, value]));
}

function refusal(order: Partial<ExperimentOrder>, of: ClusterSettings = settings): string {
  try {
    attemptObjects(attemptWith(order), of);
  } catch (error) {
    if (error instanceof LaunchFailed) return error.message;
    throw error;
  }
  return 'nothing';
}

describe('an attempt in a cluster', () => {
  const { job, secret } = attemptObjects(attemptWith(), settings);
  const labels = {
    'app.kubernetes.io/managed-by': 'polyaxon', 'polyaxon.io/platform': 'lab', 'polyaxon.io/experiment': '31', 'polyaxon.io/attempt': '2', 'polyaxon.io/original': '23', 'polyaxon.io/epoch': '31-2',
  };

  it('is one job and one secret of its name, tried once', () => {
    expect([job.metadata?.name, secret.metadata?.name, job.metadata?.namespace]).toEqual(['run-31-2', 'run-31-2', 'runs']);
    expect(job.spec).toMatchObject({ backoffLimit: 0, podReplacementPolicy: 'Failed', completions: 1, parallelism: 1 });
    expect(job.spec?.template.spec?.restartPolicy).toBe('Never');
  });
  it('is known by its labels, on the pod too, which stays until its end is written down', () => {
    for (const { metadata } of [job, secret, job.spec!.template]) expect(metadata?.labels).toEqual(labels);
    expect(job.spec?.template.metadata?.finalizers).toEqual(['polyaxon.io/kept']);
    expect(attemptOf('lab', labels)).toEqual({ experimentId: 31, attempt: 2 });
    expect(attemptOf('another', labels)).toBeNull();
    expect(attemptOf('lab', { ...labels, 'polyaxon.io/epoch': '31-2-x' })).toBeNull();
    expect(selectorOf('lab', { experimentId: 31, attempt: 2 })).toBe('app.kubernetes.io/managed-by=polyaxon,polyaxon.io/platform=lab,polyaxon.io/epoch=31-2');
  });
  it('is the same whoever asks', () => expect(attemptObjects(attemptWith(), settings)).toEqual({ job, secret, console: 'pushed:31-2', warnings: [] }));
  it('may do nothing that PodSecurity restricted forbids', () => {
    const pod = podOf();
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false, securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } } });
    for (const one of [...pod.containers, ...(pod.initContainers ?? [])]) expect(one.securityContext).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
  });
  it('has a container that brings, one that carries on until the program is gone, and the program', () => {
    const pod = podOf({ build: { image: 'tensorflow:2' } });
    expect(pod.initContainers?.map(({ name, image, restartPolicy, command }) => [name, image, restartPolicy, command?.slice(2)])).toEqual([
      ['bring', 'polyaxon/platform:1', undefined, ['dist/apps/carrier/src/main.js', 'bring', '/polyaxon/secret/order']],
      ['carrier', 'polyaxon/platform:1', 'Always', ['dist/apps/carrier/src/main.js', 'attend', '/polyaxon/secret/order']],
    ]);
    expect(pod.containers.map(({ name, image, command }) => [name, image, command])).toEqual([['experiment', 'tensorflow:2', ['/bin/sh', '/polyaxon/run/attempt.sh']]]);
  });
  it('has its own grace to end in, and time to carry after it', () => {
    expect(podOf().terminationGracePeriodSeconds).toBe(150);
    expect(podOf({ environment: { grace_period_seconds: 600 } }).terminationGracePeriodSeconds).toBe(720);
    expect(variables({ environment: { grace_period_seconds: 600 } }).POLYAXON_GRACE_SECONDS).toBe('600');
  });
  it('is queued where there are queues', () => expect(attemptObjects(attemptWith(), { ...settings, queueName: 'team' }).job.metadata?.labels).toEqual({ ...labels, 'kueue.x-k8s.io/queue-name': 'team' }));
  it('has the image of its polyaxonfile, or the default one, or says what to do', () => {
    expect(program().image).toBe('python:3.12');
    expect(refusal({}, { ...settings, programImage: null })).toMatch(/names no image.*; to mend it: name one in build\.image/);
    expect(refusal({ build: { dockerfile: 'Dockerfile' } })).toMatch(/build\.dockerfile.*no registry is configured; to mend it: build it, push it, and name it in build\.image/);
    expect(attemptObjects(attemptWith({ build: { image: 'a', branch: 'main' } }), settings).warnings).toEqual(['build: branch has no effect: no image is built, the program runs in a']);
  });
});

describe('the secrets of an attempt', () => {
  const { secret } = attemptObjects(attemptWith(), inStore);
  const order = JSON.parse(secret.stringData!.order!) as PodOrder;

  it('are a token that is good for it alone', () => expect(readRunToken('the-secret-of-tokens', secret.stringData!.token!)).toEqual({ experimentId: 31, attempt: 2 }));
  it('tell the containers beside the program what to bring and to carry', () =>
    expect(order).toEqual({
      run: '/polyaxon/run', notes: '/polyaxon/carrier', tokenFile: '/polyaxon/secret/token', lastSeconds: 120,
      code: { address: 'http://gateway:8000/api/v1/mona/iris/experiments/31/code', revision: 'c'.repeat(64) },
      consoleAddress: 'http://gateway:8000/api/v1/mona/iris/experiments/31/console?attempt=2', reportAddress: 'http://gateway:8000/api/v1/mona/iris/experiments/31/report?attempt=2',
      carry: { store: s3, path: 'mona/iris/experiments/23', folder: '/polyaxon/outputs/mona/iris/experiments/23', references: [], epoch: [31, 2], lagSeconds: 10 },
    }));
  it('are in nothing that others may read, and the program sees only its token', () => {
    const { job } = attemptObjects(attemptWith(), inStore);
    expect(JSON.stringify(job)).not.toMatch(/its-secret-key|the-secret-of-tokens|run\.31\.2/);
    const token = job.spec!.template.spec!.volumes!.find(({ name }) => name === 'token');
    expect(token?.secret?.items).toEqual([{ key: 'token', path: 'token' }]);
    expect(program({}, inStore).volumeMounts?.filter(({ mountPath }) => mountPath === '/polyaxon/secret').map(({ name }) => name)).toEqual(['token']);
    expect(program({}, inStore).volumeMounts?.map(({ name }) => name)).not.toContain('carrier');
  });
  it('need no carrying where outputs are a volume', () =>
    expect(JSON.parse(attemptObjects(attemptWith({ codeRevision: null }), settings).secret.stringData!.order!)).toMatchObject({ carry: null, code: null }));
});

describe('what a program in a pod finds', () => {
  it('is its environment, as on one machine', () => {
    expect(variables()).toMatchObject({
      POLYAXON_RUN_OUTPUTS_PATH: '/polyaxon/outputs/mona/iris/experiments/23', POLYAXON_PARAMS: '{"lr":0.1}', POLYAXON_CLONING_STRATEGY: 'resume', POLYAXON_ORIGINAL_NAME: 'mona.iris.23',
      POLYAXON_ATTEMPT_COMMAND: 'python train.py', POLYAXON_ATTEMPT_STEPS: '0', POLYAXON_ATTEMPT_PREAMBLE: '--- attempt 2 ---', HOME: '/polyaxon/run',
    });
    expect(variables()).not.toHaveProperty('POLYAXON_SECRET_USER_TOKEN');
  });
  it('is what was written, whatever the cluster makes of dollars', () => {
    const { POLYAXON_ATTEMPT_COMMAND } = variables({ command: 'echo $(PATH) $$ ${HOME}' });
    expect(POLYAXON_ATTEMPT_COMMAND).toBe('echo $$(PATH) $$$$ $${HOME}');
  });
  it('has its build steps, and the variables of its build', () => {
    expect(variables({ build: { build_steps: ['make', 'make\ninstall'], env_vars: [['A', '1'], ['POLYAXON_PARAMS', 'mine']], lang_env: 'C.UTF-8' } })).toMatchObject({
      POLYAXON_ATTEMPT_STEPS: '2', POLYAXON_ATTEMPT_STEP_1: 'make', POLYAXON_ATTEMPT_STEP_2: 'make\ninstall', A: '1', LANG: 'C.UTF-8', POLYAXON_PARAMS: '{"lr":0.1}',
    });
  });
  it('has all of a secret, or single keys of it, and never instead of what is the platform’s', () => {
    const { env, envFrom } = program({ environment: { secret_refs: ['s3', { name: 'db', items: ['PASSWORD', 'POLYAXON_PARAMS'] }], config_map_refs: 'settings' } });
    expect(envFrom).toEqual([{ configMapRef: { name: 'settings' } }, { secretRef: { name: 's3' } }]);
    expect(env?.filter(({ valueFrom }) => valueFrom)).toEqual([{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'PASSWORD' } } }]);
    expect(refusal({ environment: { secret_refs: ['My_Secret'] } })).toMatch(/environment\.secret_refs: no object of a cluster can be called "My_Secret"; to mend it/);
  });
});

describe('the volumes of a pod', () => {
  const reference = { experimentId: 7, originalExperimentId: 7, outputsPath: 'mona/iris/experiments/7' };

  it('are of the outputs only what is its own to write, and what it refers to to read', () => {
    const order = { outputsReferences: [reference] };
    expect(podOf(order).volumes).toContainEqual({ name: 'outputs', persistentVolumeClaim: { claimName: 'outputs' } });
    expect(program(order).volumeMounts?.filter(({ name }) => name === 'outputs')).toEqual([
      { name: 'outputs', mountPath: '/polyaxon/outputs/mona/iris/experiments/23', subPath: 'mona/iris/experiments/23' },
      { name: 'outputs', mountPath: '/polyaxon/outputs/mona/iris/experiments/7', subPath: 'mona/iris/experiments/7', readOnly: true },
    ]);
    expect(variables(order).POLYAXON_REFS_OUTPUTS_PATHS).toBe('{"jobs":[],"experiments":["/polyaxon/outputs/mona/iris/experiments/7"]}');
  });
  it('are a folder of the pod with a store, and references are brought', () => {
    const order = { outputsReferences: [reference] };
    expect(podOf(order, inStore).volumes).toContainEqual({ name: 'outputs', emptyDir: {} });
    const { carry } = JSON.parse(attemptObjects(attemptWith(order), inStore).secret.stringData!.order!) as PodOrder;
    expect(carry?.references).toEqual([{ path: 'mona/iris/experiments/7', folder: '/polyaxon/run/references/mona/iris/experiments/7', store: s3 }]);
    expect(variables(order, inStore).POLYAXON_REFS_OUTPUTS_PATHS).toBe('{"jobs":[],"experiments":["/polyaxon/run/references/mona/iris/experiments/7"]}');
  });
  it('are those of the store that is named', () => {
    const named = { ...inStore, namedOutputs: { Disk: { root: '/polyaxon/stores/disk', outputs: { kind: 'claim', claim: 'disk', folder: 'kept' } } } } as const;
    expect(program({ outputsStore: 'Disk' }, named).volumeMounts).toContainEqual({ name: 'outputs', mountPath: '/polyaxon/stores/disk/mona/iris/experiments/23', subPath: 'kept/mona/iris/experiments/23' });
    expect(program({ outputsReferences: [{ ...reference, outputsStore: 'Disk' }] }, named).volumeMounts).toContainEqual(
      { name: 'outputs-of-disk', mountPath: '/polyaxon/stores/disk/mona/iris/experiments/7', subPath: 'kept/mona/iris/experiments/7', readOnly: true });
    expect(refusal({ outputsStore: 'gone' })).toMatch(/there is no store gone here; to mend it: name it in POLYAXON_STORES_FILE/);
  });
  it('are data to read, where an administrator has named a claim for it', () => {
    const withData = { ...settings, data: { Images: { claim: 'imagenet', folder: 'v2' } } };
    const environment = { data_refs: ['Images'] };
    expect(podOf({ environment }, withData).volumes).toContainEqual({ name: 'data-0', persistentVolumeClaim: { claimName: 'imagenet', readOnly: true } });
    expect(program({ environment }, withData).volumeMounts).toContainEqual({ name: 'data-0', mountPath: '/polyaxon/data/Images', readOnly: true, subPath: 'v2' });
    expect(variables({ environment }, withData).POLYAXON_RUN_DATA_PATHS).toBe('{"Images":"/polyaxon/data/Images"}');
    expect(refusal({ environment })).toMatch(/environment\.data_refs: there is no data called Images on this cluster; to mend it: have its administrator name a claim/);
  });
});

describe('what a polyaxonfile says of a cluster', () => {
  it('is where and as whom the pod runs', () => {
    const affinity = { nodeAffinity: {} };
    const pod = podOf(
      {
        environment: {
          node_selector: { disk: 'ssd' },
          affinity,
          tolerations: [{ key: 'gpu', operator: 'Exists' }],
          service_account: 'trainer',
          image_pull_secrets: ['registry'],
        },
      },
      { ...settings, imagePullSecrets: ['ours'] },
    );
    expect(pod).toMatchObject({ nodeSelector: { disk: 'ssd' }, affinity, serviceAccountName: 'trainer', imagePullSecrets: [{ name: 'ours' }, { name: 'registry' }] });
    expect(pod.tolerations).toEqual([
      { key: 'gpu', operator: 'Exists' },
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
      { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
    ]);
  });
  it('are labels and annotations, never instead of ours', () => {
    const { metadata } = attemptObjects(attemptWith({ environment: { labels: { team: 'vision' }, annotations: { 'example.com/note': 'a b' } } }), settings).job.spec!.template;
    expect(metadata?.labels).toMatchObject({ team: 'vision', 'polyaxon.io/epoch': '31-2' });
    expect(metadata?.annotations).toMatchObject({ 'example.com/note': 'a b' });
    expect(refusal({ environment: { labels: { 'polyaxon.io/epoch': '1-1' } } })).toMatch(/polyaxon\.io\/epoch is the platform's own; to mend it/);
    expect(refusal({ environment: { labels: { team: 'a b' } } })).toMatch(/environment\.labels: team can't be "a b"/);
  });
  it('are resources, in the cluster’s own words', () => {
    const resources = { cpu: { requests: 0.5, limits: 2 }, memory: { requests: '512Mi', limits: '1g' }, gpu: { limits: 2 }, tpu: { requests: 1 } };
    const devices = { 'nvidia.com/gpu': '2', 'google.com/tpu': '1' };
    expect(program({ environment: { resources } }).resources).toEqual({
      requests: { cpu: '500m', memory: String(512 * 1024 ** 2), ...devices }, limits: { cpu: '2000m', memory: '1000000000', ...devices },
    });
  });
  it('need not be said: then it gets what the installation gives', () => {
    expect(program().resources).toEqual({ requests: { cpu: '100m', memory: String(128 * 1024 ** 2) }, limits: {} });
    const limited = { ...settings, limits: { cpuCores: 1, memoryBytes: 1024 ** 3 } };
    expect(program({ environment: { resources: { memory: { requests: '2Gi' }, cpu: { limits: 0.05 } } } }, limited).resources).toEqual({
      requests: { cpu: '50m', memory: String(2 * 1024 ** 3) }, limits: { cpu: '50m', memory: String(2 * 1024 ** 3) },
    });
  });
});
