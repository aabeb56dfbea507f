// Does a real API server take what is made here, as it stands, also where it enforces PodSecurity restricted, and refuse what users may not have?
import type { V1Pod } from '@kubernetes/client-node';
import { addKindsOf, withCluster, withOperators, type Cluster } from '#testing';
import type { AttemptSpec } from '../../executor.ts';
import { attemptObjects } from './attempt-objects.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import { setStandIn } from '../marks.ts';
import { attemptWith, inStore, settings } from './objects-fixture.ts';

const everything = {
  resources: { cpu: { requests: 0.5, limits: 2 }, memory: { requests: '512Mi', limits: '1g' }, gpu: { limits: 2 } }, node_selector: { disk: 'ssd' },
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }] } } },
  tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }], labels: { team: 'vision' }, annotations: { 'example.com/note': 'a b' }, image_pull_secrets: ['registry'],
  secret_refs: ['s3', { name: 'db', items: ['PASSWORD'] }], config_map_refs: ['settings'], data_refs: ['images'], grace_period_seconds: 600,
};
const reference = { experimentId: 7, originalExperimentId: 7, outputsPath: 'mona/iris/experiments/7' };
const withData: ClusterSettings = { ...settings, data: { images: { claim: 'imagenet', folder: 'v2' } }, queueName: 'team', imagePullPolicy: 'Always', fsGroup: 1000 };
const build = { image: 'python:3.12', build_steps: ['pip install x'], env_vars: [['A', '$(B) $$']] };

withCluster('api', 'the objects of an attempt, and an API server of Kubernetes', (open) => {
  let cluster: Cluster;
  const tried = (object: object) => cluster.kubectl(['-n', 'runs', 'create', '--dry-run=server', '--validate=strict', '-o', 'json', '-f', '-'], object);
  const podOf = ({ job }: ReturnType<typeof attemptObjects>): V1Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { ...job.spec?.template.metadata, name: 'p' }, spec: job.spec!.template.spec! });

  beforeAll(async () => {
    cluster = await open();
    await cluster.kubectl(['create', 'namespace', 'runs']);
    await cluster.kubectl(['label', 'namespace', 'runs', 'pod-security.kubernetes.io/enforce=restricted']);
    await cluster.kubectl(['-n', 'runs', 'create', 'serviceaccount', 'default']).catch(() => undefined);
  }, 120_000);
  afterAll(() => cluster?.stop(), 60_000);

  it.each<[string, AttemptSpec, ClusterSettings]>([
    ['that asks for nothing', attemptWith(), settings],
    ['with a store', attemptWith(), inStore],
    ['that asks for everything', attemptWith({ environment: everything, build, outputsReferences: [reference] }), withData],
    ['of several processes', attemptWith({ environment: { replicas: { n_workers: 2, n_ps: 1 } } }), inStore],
    ['of two processes', attemptWith({ environment: { replicas: { n_workers: 1 } } }), settings],
  ])('it takes all of one %s', async (_, spec, of) => {
    const objects = attemptObjects(spec, of);
    for (const object of [objects.secret, objects.job, podOf(objects), ...(objects.service ? [objects.service] : [])]) await tried(object);
  });

  it('leaves the words of users as they are', async () => {
    const made = JSON.parse(await tried(attemptObjects(attemptWith({ environment: { replicas: { n_workers: 2, n_ps: 1 } } }), settings).job)) as { spec: object };
    expect(made.spec).toMatchObject({ backoffLimit: 0, podReplacementPolicy: 'Failed', completionMode: 'Indexed', completions: 4, successPolicy: { rules: [{ succeededIndexes: '0-2' }] } });
  });

  it.each<[string, (pod: V1Pod) => void]>([
    ['privileged', ({ spec }) => (spec!.containers[0]!.securityContext = { privileged: true })],
    ['restricted volume types', ({ spec }) => spec!.volumes!.push({ name: 'etc', hostPath: { path: '/etc' } })],
    ['host namespaces', ({ spec }) => (spec!.hostPID = true)],
    ['runAsNonRoot != true', ({ spec }) => (spec!.securityContext = { runAsUser: 0 })],
  ])('it refuses one that is %s, should it ever be asked for', async (rule, change) => {
    const pod = structuredClone(podOf(attemptObjects(attemptWith(), settings)));
    change(pod);
    await expect(tried(pod)).rejects.toThrow(rule);
  });

  withOperators('with the kinds of JobSet and of the trainer of Kubeflow', () => {
    beforeAll(async () => {
      for (const name of ['jobset', 'trainer'] as const) await addKindsOf(cluster, name);
    }, 120_000);
    const replicas = { n_workers: 2, n_ps: 1, default_worker: { resources: { gpu: { limits: 1 } } } };

    it.each<[ 'jobset' | 'trainjob', ClusterSettings, object]>([
      ['jobset', inStore, { replicas }],
      ['trainjob', inStore, { replicas }],
      ['jobset', withData, { ...everything, replicas }],
    ])('it takes a %s as it is, with all marks of its pods', async (replicasAs, of, environment) => {
      const { runtime, set } = attemptObjects(attemptWith({ environment, build } as object), { ...of, replicasAs }).instead!;
      if (runtime) expect(JSON.parse(await tried(runtime))).toMatchObject({ spec: runtime.spec });
      expect(JSON.parse(await tried(set))).toMatchObject({ metadata: set.metadata, spec: set.spec });
    });
    it.each(['JobSet', 'TrainJob'] as const)('it takes what keeps the place of a %s', async (kind) => {
      const { runtime, set } = setStandIn(kind, 'run-1-1', 'runs', { a: 'b' }, new Date());
      for (const object of [...(runtime ? [runtime] : []), set]) await tried(object);
    });
  });
});
