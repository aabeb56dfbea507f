// Does a real API server take what the chart makes, keep its secrets over upgrades, give the scheduler its rights and no more, and refuse what no run may have?
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needed, useful } from '../../apps/scheduler/src/executors/kubernetes/capabilities.ts';
import { attemptObjects } from '../../apps/scheduler/src/executors/kubernetes/objects/attempt-objects.ts';
import { attemptWith, inStore, settings } from '../../apps/scheduler/src/executors/kubernetes/objects/objects-fixture.ts';
import { until, withCluster, type Cluster } from '#testing';
import { chart, example, examples, helm, set, template } from './chart.ts';

const given = { bus: 'postgres', 'database.secret': 'database', 'storage.outputs.store': 's3://bucket/outputs', 's3.secret': 's3' };
const limited = {
  ...given,
  'runs.podSecurity': 'privileged', // so that what refuses is the policy
  'runs.images': ['registry.example.org/team/'],
  'runs.serviceAccounts': ['trainer'],
  'runs.limits': { cpu: '4', memory: '8Gi', gpu: '2' },
};
const ours = { 'app.kubernetes.io/managed-by': 'polyaxon' };
type Spec = Readonly<Record<string, unknown>>;

/** As the scheduler makes them, in short. */
const container = (more: Spec = {}) => ({
  name: 'experiment', image: 'registry.example.org/team/torch:1', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }, resources: { limits: { cpu: '2', memory: '4Gi' } }, ...more,
});
const podSpec = (more: Spec = {}) => ({
  restartPolicy: 'Never', automountServiceAccountToken: false, serviceAccountName: 'polyaxon-run',
  securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } }, containers: [container()], ...more,
});
const pod = (spec: Spec, labels: Spec = ours) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'run-', labels }, spec });
const job = (spec: Spec, labels: Spec = ours, podLabels: Spec = labels) => ({
  apiVersion: 'batch/v1', kind: 'Job', metadata: { generateName: 'run-', labels }, spec: { backoffLimit: 0, template: { metadata: { labels: podLabels }, spec } },
});

const byResource = (verbs: readonly { readonly verb: string; readonly resource: string; readonly part?: string }[]): Record<string, string[]> =>
  verbs.reduce<Record<string, string[]>>((found, { verb, resource, part }) => {
    const what = part === undefined ? resource : `${resource}/${part}`;
    return { ...found, [what]: [...(found[what] ?? []), verb] };
  }, {});

/** What is asked for, what the policy says, and, when Kubernetes itself says it of a pod, what that is. */
const hostile: readonly [what: string, rule: string, more: Spec, ofPod?: string][] = [
  ['privileged', 'privileged:', { containers: [container({ securityContext: { privileged: true } })] }],
  ['a privileged container that comes first', 'privileged:', { initContainers: [container({ name: 'first', securityContext: { privileged: true } })] }],
  ['the way to privileges', 'privilege-escalation:', { containers: [container({ securityContext: { allowPrivilegeEscalation: true } })] }],
  ['a capability', 'capabilities:', { containers: [container({ securityContext: { capabilities: { add: ['SYS_ADMIN'] } } })] }],
  ['processes of the node', 'host-pid:', { hostPID: true }],
  ['memory of the node', 'host-ipc:', { hostIPC: true }],
  ['the network of the node', 'host-network:', { hostNetwork: true }],
  ['a folder of the node', 'host-path:', { volumes: [{ name: 'v', hostPath: { path: '/etc' } }] }],
  ['root', 'run-as-root:', { containers: [container({ securityContext: { runAsUser: 0 } })] }],
  ['to be root if its image says so', 'run-as-root:', { securityContext: {} }],
  ['unfiltered system calls', 'seccomp:', { containers: [container({ securityContext: { seccompProfile: { type: 'Unconfined' } } })] }],
  ['another service account', 'service-account:', { serviceAccountName: 'somebody' }],
  ['no service account', 'service-account:', { serviceAccountName: undefined }],
  ['another image', 'image:', { containers: [container({ image: 'docker.io/somebody/miner' })] }],
  ['an image that only begins so', 'image:', { containers: [container({ image: 'registry.example.org/teams/torch' })] }],
  ['too much CPU', 'cpu-quota:', { containers: [container({ resources: { limits: { cpu: '4001m' } } })] }, 'maximum cpu usage per Container is 4'],
  ['too much memory', 'memory-quota:', { containers: [container({ resources: { limits: { memory: '9Gi' } } })] }, 'maximum memory usage per Container is 8Gi'],
  ['too much memory that is only asked for', 'memory-quota:', { containers: [container({ resources: { requests: { memory: '9000Mi' } } })] }, 'must be less than or equal to memory limit of 8Gi'],
  ['too many GPUs', 'gpu-quota:', { containers: [container({ resources: { limits: { 'nvidia.com/gpu': '3' } } })] }, 'maximum nvidia.com/gpu usage per Container is 2'],
];

withCluster('api', 'the chart on an API server', (open) => {
  const folder = mkdtempSync(join(tmpdir(), 'polyaxon-chart-'));
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await open();
    for (const namespace of ['ml', 'other']) await cluster.kubectl(['create', 'namespace', namespace]);
  }, 120_000);
  afterAll(async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const kubectl = (args: readonly string[], input?: object) => cluster.kubectl(args, input);
  const refused = (args: readonly string[], input?: object): Promise<string> => kubectl(args, input).then(() => 'taken', (error: Error) => error.message);
  const ofRelease = (...args: string[]): string => {
    const { code, out, err } = helm([...args, '--namespace', 'ml'], { KUBECONFIG: cluster.kubeconfig });
    if (code !== 0) throw new Error(`helm ${args.join(' ')}: ${err}`);
    return out;
  };
  const kept = async () => JSON.parse(await kubectl(['get', 'secret', 'polyaxon', '--namespace', 'ml', '--output', 'json'])).data as Record<string, string>;
  const dryRun = ['create', '--namespace', 'ml-runs', '--dry-run=server', '--output', 'name', '--filename', '-'];
  /** Policies are heard of a moment after they are made. */
  const inForce = () => until('the policies are in force', async () => (await refused(dryRun, pod(podSpec({ hostPID: true })))).includes('host-pid:'), 30_000);

  describe.each(examples)('with the values of examples/%s.yaml', (name) => {
    it('is taken to the last field', async () => {
      for (const namespace of ['ml-runs', 'ml-builds']) await kubectl(['create', 'namespace', namespace]).catch(() => undefined);
      const manifest = join(folder, `${name}.yaml`);
      writeFileSync(manifest, template(example(name)).out);
      await kubectl(['apply', '--dry-run=server', '--validate=strict', '--filename', manifest]);
    }, 60_000);
  });

  it('has passwords and tokens that are made once', async () => {
    await kubectl(['delete', 'namespace', 'ml-runs', '--wait=false', '--ignore-not-found']);
    ofRelease('install', 'polyaxon', chart, ...set({ ...given, 'runs.namespace': 'ml-work' }));
    const made = await kept();
    expect(Object.keys(made).sort()).toEqual(['admin-password', 'admin-token', 'internal-token', 'run-token-secret']);
    expect(new Set(Object.values(made)).size).toBe(4);
    for (const value of Object.values(made)) expect(Buffer.from(value, 'base64').toString()).toMatch(/^[a-zA-Z0-9]{24,48}$/);

    ofRelease('upgrade', 'polyaxon', chart, ...set({ ...given, 'runs.namespace': 'ml-work', logLevel: 'debug' }));
    expect(await kept()).toEqual(made);
    ofRelease('rollback', 'polyaxon', '1');
    expect(await kept()).toEqual(made);
    ofRelease('upgrade', 'polyaxon', chart, ...set({ ...given, 'runs.namespace': 'ml-work', 'admin.password': 'mine' }));
    expect(await kept()).toEqual({ ...made, 'admin-password': Buffer.from('mine').toString('base64') });
    ofRelease('uninstall', 'polyaxon');
    expect(await kubectl(['get', 'deployments,services,roles', '--namespace', 'ml', '--output', 'name'])).toBe('');
    expect(await kubectl(['get', 'namespace', 'ml-work', '--output', 'name'])).toBe('namespace/ml-work\n');
    ofRelease('install', 'polyaxon', chart, ...set({ ...given, 'runs.namespace': 'ml-work' })); // the database is still there, and so are its tokens
    expect((await kept())['run-token-secret']).toBe(made['run-token-secret']);
    ofRelease('uninstall', 'polyaxon');
  }, 120_000);

  describe('installed with limits', () => {
    beforeAll(async () => {
      ofRelease('install', 'polyaxon', chart, ...set({ ...limited, 'runs.namespace': 'ml-strict' }));
      dryRun[2] = 'ml-strict';
      for (const name of ['trainer', 'somebody', 'default']) await kubectl(['create', 'serviceaccount', name, '--namespace', 'ml-strict']).catch(() => undefined);
      await inForce();
    }, 60_000);

    it('takes what the scheduler makes', async () => {
      expect(await kubectl(dryRun, pod(podSpec()))).toMatch(/^pod\/run-/);
      expect(await kubectl(dryRun, job(podSpec()))).toMatch(/^job.batch\/run-/);
      const more = podSpec({ serviceAccountName: 'trainer', containers: [container({ resources: { limits: { cpu: '4', memory: '8Gi', 'nvidia.com/gpu': '2' } } })] });
      expect(await kubectl(dryRun, job(more))).toMatch(/^job.batch\/run-/);
      expect(await kubectl(dryRun, job(podSpec({ initContainers: [container({ name: 'bring', image: 'polyaxon/platform:0.1.0' })], containers: [container({ image: 'python:3.12-slim' })] })))).toMatch(/^job/);
    }, 60_000);

    it.each(hostile)('refuses %s, by the name of the rule, as a pod and as a Job', async (_, rule, more, ...ofPod) => {
      expect(await refused(dryRun, pod(podSpec(more)))).toContain(ofPod[0] ?? `denied request: ${rule}`);
      expect(await refused(dryRun, job(podSpec(more)))).toContain(`denied request: ${rule}`);
    }, 60_000);

    it('refuses it of the scheduler whatever it is marked as', async () => {
      const asScheduler = [...dryRun, '--as', 'system:serviceaccount:ml:polyaxon-scheduler'];
      expect(await refused(asScheduler, job(podSpec({ hostPID: true }), {}, ours))).toContain('denied request: host-pid:');
      expect(await refused(asScheduler, job(podSpec(), {}))).toContain('denied request: labels:');
      expect(await refused(asScheduler, job(podSpec(), ours, {}))).toContain('denied request: labels:');
      expect(await refused(asScheduler, pod(podSpec()))).toContain('cannot create resource "pods"');
    }, 60_000);

    it('has nothing against what others do there and elsewhere', async () => {
      expect(await kubectl(dryRun, job(podSpec({ hostPID: true }), { app: 'of-somebody-else' }))).toMatch(/^job/);
      await kubectl(['create', 'serviceaccount', 'polyaxon-run', '--namespace', 'other']);
      expect(await kubectl(['create', '--namespace', 'other', ...dryRun.slice(3)], pod(podSpec({ hostPID: true })))).toMatch(/^pod/);
    }, 60_000);

    it('does not hold up the end of what was taken before', async () => {
      const metadata = { name: 'run-1-1', labels: ours, finalizers: ['polyaxon.io/kept'] };
      await kubectl(['create', '--namespace', 'ml-strict', '--filename', '-'], { ...pod(podSpec()), metadata });
      const patch = (type: string, what: object) => refused(['patch', 'pod', metadata.name, '--namespace', 'ml-strict', '--type', type, '--patch', JSON.stringify(what)]);
      ofRelease('upgrade', 'polyaxon', chart, ...set({ ...limited, 'runs.namespace': 'ml-strict', 'runs.limits': { cpu: '1' } }));
      await until('the new limit is in force', async () => (await refused(dryRun, job(podSpec()))).includes('cpu-quota:'), 30_000);
      expect(await patch('merge', { metadata: { finalizers: null } })).toBe('taken');
      expect(await patch('json', [{ op: 'replace', path: '/spec/containers/0/image', value: 'docker.io/somebody/miner' }])).toContain('image:');
    }, 60_000);

    it('gives every container that asks for nothing a limit', async () => {
      const [made] = (JSON.parse(await kubectl([...dryRun.slice(0, 4), '--output', 'json', '--filename', '-'], pod(podSpec({ containers: [container({ resources: {} })] }))))).spec.containers;
      expect(made.resources).toEqual({ limits: { cpu: '1' }, requests: { cpu: '50m' } });
    }, 60_000);

    it.each([
      ['scheduler', 'ml-strict', byResource([...needed, ...useful])],
      ['scheduler', 'ml', {}],
      ['scheduler', 'other', {}],
      ['api-gateway', 'ml-strict', {}],
      ['storage-manager', 'ml-strict', {}],
      ['log-collector', 'ml-strict', {}],
    ])('lets the %s do in %s what it must, and no more', async (service, namespace, allowed: Readonly<Record<string, readonly string[]>>) => {
      const as = ['--namespace', namespace, '--as', `system:serviceaccount:ml:polyaxon-${service}`];
      const can = async (verb: string, resource: string): Promise<boolean> => {
        const [what, part] = resource.split('/') as [string, string?];
        const answer = await kubectl(['auth', 'can-i', verb, what, ...(part ? ['--subresource', part] : []), ...as]).catch(({ message }: Error) => message);
        return answer.trim() === 'yes';
      };
      for (const [resource, verbs] of Object.entries(allowed)) for (const verb of verbs) expect([verb, resource, await can(verb, resource)]).toEqual([verb, resource, true]);
      const never = [
        'create pods', 'create pods/exec', 'update roles', 'create rolebindings', 'impersonate serviceaccounts', 'create serviceaccounts/token', 'delete nodes',
        ...(allowed.jobs ? [] : ['get secrets', 'get pods/log', 'create jobs', 'delete pods']),
      ].map((one) => one.split(' ') as [string, string]);
      for (const [verb, resource] of never) expect([verb, resource, await can(verb, resource)]).toEqual([verb, resource, false]);
    }, 120_000);
  });

  it('puts runs where the API server refuses what is not restricted, whoever made it', async () => {
    ofRelease('upgrade', 'polyaxon', chart, ...set({ ...given, 'runs.namespace': 'ml-plain' }));
    const create = ['create', '--namespace', 'ml-plain', '--dry-run=server', '--output', 'name', '--filename', '-'];
    await kubectl(create, pod(podSpec()));
    expect(await refused(create, pod(podSpec({ hostNetwork: true }), { app: 'of-somebody-else' }))).toContain('violates PodSecurity "restricted:latest": host namespaces');
  }, 60_000);

  it.each([
    ['on a store', inStore, {}],
    ['on a volume', settings, {}],
    ['of several replicas', inStore, { environment: { replicas: { n_workers: 2 } } }],
  ])('takes, where runs are, the very objects of a run %s from the scheduler', async (_, where, order) => {
    const made = attemptObjects(attemptWith(order), { ...where, namespace: 'ml-plain', platformImage: 'polyaxon/platform:0.1.0', serviceAccount: 'polyaxon-run' });
    const objects = [made.secret, ...(made.service ? [made.service] : []), made.job];
    const create = ['create', '--namespace', 'ml-plain', '--dry-run=server', '--validate=strict', '--filename', '-'];
    for (const object of objects) expect(await kubectl([...create, '--output', 'name', '--as', 'system:serviceaccount:ml:polyaxon-scheduler'], object)).toMatch(/run-31-2\n$/);
    const { metadata, spec } = made.job.spec!.template;
    expect(await kubectl([...create, '--output', 'name'], { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'run-31-2' }, spec })).toBe('pod/run-31-2\n'); // as Kubernetes makes it of the Job
  }, 60_000);
});
