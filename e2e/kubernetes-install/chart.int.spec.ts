// Does the chart say what each value is, refuse what is wrong by its name, and make only objects that are as careful as they should be?
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, parse, parseDocument, type YAMLMap } from 'yaml';
import { gatewayVariables } from '../../apps/api-gateway/src/configuration.ts';
import { variables as logCollectorVariables } from '../../apps/log-collector/src/configuration.ts';
import { variables as schedulerVariables } from '../../apps/scheduler/src/configuration.ts';
import { needed, neededAs, neededToBuild, useful } from '../../apps/scheduler/src/executors/kubernetes/capabilities.ts';
import type { Verb } from '../../apps/scheduler/src/executors/kubernetes/cluster.ts';
import { variables as storageManagerVariables } from '../../apps/storage-manager/src/configuration.ts';
import { chart, example, examples, hasHelm, helm, kubeVersions, ofKind, rendered, set, template, theOne, type KubeObject } from './chart.ts';

const services = { 'api-gateway': gatewayVariables, scheduler: schedulerVariables, 'storage-manager': storageManagerVariables, 'log-collector': logCollectorVariables } as const;
const names = Object.keys(services) as (keyof typeof services)[];
const podOf = (objects: readonly KubeObject[], service: string) => theOne(objects, 'Deployment', `polyaxon-${service}`).spec.template.spec;
const rightOf = ({ verb, group, resource, part }: Verb) => `${verb} ${group}/${resource}${part === undefined ? '' : `/${part}`}`;
const least = { bus: 'postgres', 'database.secret': 'database', 'storage.outputs.claim': 'outputs' };

describe('values.yaml', () => {
  const text = readFileSync(join(chart, 'values.yaml'), 'utf8');
  const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8'));

  it('says what every value is', () => {
    const undocumented: string[] = [];
    const look = (map: YAMLMap, path: string, isFirstDocumented: boolean): void =>
      map.items.forEach((pair, index) => {
        const key = pair.key as { value: string; commentBefore?: string | null };
        const [said, value] = [(index === 0 && isFirstDocumented) || Boolean(key.commentBefore), pair.value];
        // Of a mapping that is written over several lines each line says it; what precedes its first key belongs to that.
        if (isMap(value) && !value.flow && value.items.length > 0) look(value, `${path}${key.value}.`, Boolean(value.commentBefore));
        else if (!said) undocumented.push(`${path}${key.value}`);
      });
    look(parseDocument(text).contents as YAMLMap, '', true);
    expect(undocumented).toEqual([]);
  });

  interface Part {
    readonly $ref?: string;
    readonly additionalProperties?: unknown;
    readonly properties?: Readonly<Record<string, Part>>;
  }

  it('names what the schema names, and nothing else is taken anywhere', () => {
    const open: string[] = [];
    const look = (values: Record<string, unknown>, part: Part, path: string): void => {
      const known: Part = part.$ref ? schema.definitions[part.$ref.replace('#/definitions/', '')] : part;
      const { properties } = known;
      if (!properties) return;
      if (known.additionalProperties !== false) open.push(path);
      expect([path, Object.keys(properties).filter((key) => key !== 'global').sort()]).toEqual([path, Object.keys(values).sort()]);
      for (const [key, value] of Object.entries(values)) {
        if (typeof value === 'object' && value !== null && !Array.isArray(value) && key !== 'resources') look(value as Record<string, unknown>, properties[key]!, `${path}${key}.`);
      }
    };
    look(parse(text), schema, '');
    expect(open).toEqual([]);
  });
});

if (hasHelm())
  describe('the chart', () => {
    it.each(['job', 'jobset', 'trainjob'] as const)('gives the scheduler exactly what %ss of replicas need', (replicas) => {
      const [{ rules }] = ofKind(rendered(set({ ...least, 'runs.replicas': replicas })), 'Role') as [KubeObject];
      const given = (rules as { verbs: string[]; apiGroups: string[]; resources: string[] }[]).flatMap(({ verbs, apiGroups, resources }) => verbs.map((verb) => `${verb} ${apiGroups[0]}/${resources[0]}`));
      const told = [...needed, ...neededAs[replicas], ...useful].filter(({ isClusterWide }) => !isClusterWide).map(rightOf);
      expect(given.sort()).toEqual(told.sort());
    });

    it.each(kubeVersions)('holds for helm lint on Kubernetes %s', (version) => {
      for (const values of [[], ...examples.map(example)]) expect(helm(['lint', chart, '--strict', '--kube-version', version, ...values])).toMatchObject({ code: 0 });
    });

    it('is refused by a Kubernetes that is too old', () => expect(template(set(least), { kubeVersion: '1.29.9' }).err).toContain('chart requires kubeVersion: >=1.30.0-0'));

    it.each([
      ['dtabase', { ...least, 'dtabase.url': 'x' }, "additional properties 'dtabase' not allowed"],
      ['scheduler.replica', { ...least, 'scheduler.replica': 2 }, "at '/scheduler': additional properties 'replica' not allowed"],
      ['bus', { ...least, bus: 'rabbit' }, "at '/bus': value must be one of 'kafka', 'postgres'"],
      ['apiGateway.port', { ...least, 'apiGateway.port': '8000' }, "at '/apiGateway/port': got string, want integer"],
      ['runs.limits.cpu', { ...least, 'runs.limits.cpu': 'many' }, "at '/runs/limits/cpu': 'many' does not match pattern"],
      ['storage.outputs.store', { ...least, 'storage.outputs.store': 'bucket' }, "at '/storage/outputs/store': 'bucket' does not match pattern"],
      ['scheduler.env', { ...least, 'scheduler.env': { 'a-b': 1 } }, "at '/scheduler/env': additional properties 'a-b' not allowed"],
      ['builds.registry', { ...least, 'builds.registry': 'https://registry.lab/runs' }, "at '/builds/registry': 'https://registry.lab/runs' does not match pattern"],
      ['builds.builder', { ...least, 'builds.builder': 'docker' }, "at '/builds/builder': value must be one of"],
      ['runs.podSecurity', { ...least, 'runs.podSecurity': 'none' }, "at '/runs/podSecurity': value must be one of"],
    ])('refuses a wrong value by its name: %s', (_, values, said) => {
      const { code, err } = template(set(values));
      expect([code, err]).toEqual([1, expect.stringContaining(said)]);
    });

    it.each([
      ['nothing is given', { bus: 'kafka' }, ['database.secret: name a Secret', 'kafka.brokers: name brokers', 'storage.outputs.store: say where outputs are kept']],
      ['two databases', { ...least, 'database.url': 'postgres://a/b' }, ['database.url and database.secret are both set']],
      ['two places', { ...least, 's3.secret': 's3', 'storage.outputs.store': 's3://bucket' }, ['storage.outputs.store and storage.outputs.claim are both set']],
      ['a store without keys', { ...least, 'storage.code.store': 's3://bucket' }, ['s3.secret: a store is named']],
      ['Kafka without a password', { ...least, bus: 'kafka', 'kafka.brokers': ['k:9092'], 'kafka.securityProtocol': 'SASL_SSL' }, ['kafka.secret: kafka.securityProtocol is SASL_SSL']],
      ['instances that share one volume', { ...least, 'apiGateway.replicas': 2, 'logCollector.replicas': 3 }, ["apiGateway.replicas: 2 gateways can't share", "logCollector.replicas: 3 log-collectors can't share"]],
      ['a network without an address', { ...least, 'hostNetwork.enabled': true, 'scheduler.replicas': 2, 'scheduler.port': 8000 }, [
        'hostNetwork.address: say', 'scheduler.replicas: with hostNetwork', 'give each a port of its own']],
      ['builds among runs', { ...least, 'builds.registry': 'registry.lab/runs', 'builds.namespace': 'ml-runs' }, ['builds.namespace: whoever writes a Dockerfile']],
      ['builds that go nowhere', { ...least, 'builds.loginSecret': 'registry' }, ['builds.registry: say where images are pushed']],
      ['all verbs', { ...least, 'runs.access.rules': [{ apiGroups: ['x'], resources: ['y'], verbs: ['*'] }] }, ['runs.access.rules[0]: name what is allowed; * is refused']],
    ])("refuses values that don't go together: %s", (_, values, said) => {
      const { code, err } = template(set(values));
      expect(code).toBe(1);
      for (const one of said) expect(err).toContain(one);
    });

    describe.each(examples)('with the values of examples/%s.yaml', (name) => {
      const isBuilding = name === 'production';
      let objects: KubeObject[];
      beforeAll(() => (objects = rendered(example(name))));

      it('makes each object once, marked as its own', () => {
        const all = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
        expect(all).toEqual([...new Set(all)]);
        expect(objects.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/instance'] !== 'polyaxon').map(({ kind }) => kind)).toEqual([]);
      });

      it('lets every service know what it must, and nothing that it does not know', () => {
        for (const service of names) {
          const [container] = podOf(objects, service).containers;
          const env = (container.env as { name: string; value: string }[]).filter((one) => one.name.startsWith('POLYAXON_') && one.name !== 'POLYAXON_APP');
          const variables = services[service] as Readonly<Record<string, object>>;
          const plain = env.map((one) => (one.name in variables ? one.name : one.name.replace(/_FILE$/, '')));
          const foreign = plain.filter((one) => !(one in variables) && !one.startsWith('POLYAXON_S3_'));
          const missing = Object.keys(variables).filter((one) => !('fallback' in variables[one]!) && !plain.includes(one));
          expect({ service, foreign, missing, twice: plain.filter((one, index) => plain.indexOf(one) !== index) }).toEqual({ service, foreign: [], missing: [], twice: [] });
        }
      });

      it('mounts every file that a variable names', () => {
        for (const service of names) {
          const { containers: [container], volumes } = podOf(objects, service);
          const mounts = container.volumeMounts as { name: string; mountPath: string }[];
          expect(mounts.map((one) => one.name).filter((one) => !volumes.some((volume: { name: string }) => volume.name === one))).toEqual([]);
          const keys = volumes.find((one: { name: string }) => one.name === 'keys').projected.sources.flatMap((one: { secret: { items: { path: string }[] } }) => one.secret.items.map((item) => item.path));
          const wanted = container.env.filter((one: { name: string; value: string }) => one.value.startsWith('/polyaxon/keys/')).map((one: { value: string }) => one.value.replace('/polyaxon/keys/', ''));
          expect({ service, keys: keys.sort() }).toEqual({ service, keys: wanted.sort() }); // what it needs, and no other secret
        }
      });

      it('runs every container as somebody with no rights, within bounds, and asks how it is', () => {
        for (const service of names) {
          const { securityContext, containers, automountServiceAccountToken, terminationGracePeriodSeconds } = podOf(objects, service);
          expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } });
          expect(automountServiceAccountToken).toBe(service === 'scheduler');
          expect(terminationGracePeriodSeconds).toBeGreaterThan(10);
          for (const container of containers) {
            expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
            expect([container.resources.requests.cpu, container.resources.requests.memory, container.resources.limits.memory]).not.toContain(undefined);
            expect([container.startupProbe, container.livenessProbe, container.readinessProbe].map((one) => one.httpGet.path)).toEqual(['/live', '/live', '/ready']);
          }
        }
      });

      it('gives rights to the scheduler alone, and names each of them', () => {
        const roles = ofKind(objects, 'Role', 'ClusterRole');
        for (const { verbs, resources, apiGroups } of roles.flatMap((one) => one.rules)) expect([...verbs, ...resources, ...apiGroups]).not.toContain('*');
        const given = (kind: string) => ofKind(objects, kind).flatMap((one) => one.rules).flatMap(({ verbs, resources, apiGroups }) => verbs.map((verb: string) => `${verb} ${apiGroups[0]}/${resources[0]}`)).sort();
        const asked = [...needed, ...useful, ...(isBuilding ? neededToBuild : [])];
        const told = (isClusterWide: boolean) => asked.filter((one) => (one.isClusterWide ?? false) === isClusterWide).map(rightOf).sort();
        expect([given('Role'), given('ClusterRole')]).toEqual([told(false), told(true)]); // what the scheduler asks for at its start
        for (const one of ofKind(objects, 'RoleBinding', 'ClusterRoleBinding')) expect(one.subjects).toEqual([{ kind: 'ServiceAccount', name: 'polyaxon-scheduler', namespace: 'ml' }]);
        expect(ofKind(objects, 'Role').map(({ metadata }) => metadata.namespace).sort()).toEqual([...(isBuilding ? ['ml-builds'] : []), 'ml-runs']);
        for (const one of ofKind(objects, 'ServiceAccount')) expect(one.automountServiceAccountToken).toBe(false);
      });

      it('lets services find each other, and every Service its pods', () => {
        for (const one of ofKind(objects, 'Service')) {
          const { containers: [container] } = podOf(objects, one.metadata.name.replace('polyaxon-', ''));
          expect(one.spec.ports).toEqual([{ name: 'http', port: container.ports[0].containerPort, targetPort: 'http' }]);
        }
        const env = podOf(objects, 'api-gateway').containers[0].env as { name: string; value: string }[];
        for (const service of names.filter((one) => one !== 'api-gateway')) {
          const port = podOf(objects, service).containers[0].ports[0].containerPort;
          const url = env.find((one) => one.name === `POLYAXON_${service.toUpperCase().replace('-', '_')}_URL`)?.value;
          expect(url).toBe(name === 'one-node' ? `http://127.0.0.1:${port}` : `http://polyaxon-${service}.ml.svc:${port}`);
        }
      });

      it('keeps what nobody could make again', () => {
        const kept = objects.filter(({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'] === 'keep').map(({ kind, metadata }) => `${kind} ${metadata.name}`);
        const claims = { small: ['code', 'logs'], production: ['logs'], 'one-node': ['code', 'logs'] }[name] ?? [];
        expect(kept.sort()).toEqual([...(isBuilding ? ['Namespace ml-builds'] : []), 'Namespace ml-runs', ...claims.map((one) => `PersistentVolumeClaim polyaxon-${one}`), 'Secret polyaxon'].sort());
      });
    });

    it('never has two of what can be there once', () => {
      const strategies = (values: readonly string[]) => ofKind(rendered(values), 'Deployment').map(({ metadata, spec }) => [metadata.name.replace('polyaxon-', ''), spec.strategy.type]);
      expect(Object.fromEntries(strategies(example('one-node')))).toEqual({ 'api-gateway': 'Recreate', scheduler: 'Recreate', 'storage-manager': 'Recreate', 'log-collector': 'Recreate' });
      expect(Object.fromEntries(strategies(example('small')))).toEqual({ 'api-gateway': 'Recreate', scheduler: 'RollingUpdate', 'storage-manager': 'RollingUpdate', 'log-collector': 'Recreate' });
      expect(Object.fromEntries(strategies(example('production')))).toEqual({ 'api-gateway': 'RollingUpdate', scheduler: 'RollingUpdate', 'storage-manager': 'RollingUpdate', 'log-collector': 'RollingUpdate' });
    });

    it('lets runs out to the gateway, the DNS, each other, the store, and where values allow, and nobody but runs in', () => {
      const { spec } = theOne(rendered(example('production')), 'NetworkPolicy', 'polyaxon-runs');
      expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
      expect(spec.egress.map((one: { ports?: { port: number }[] }) => one.ports?.map(({ port }) => port) ?? 'any')).toEqual(['any', [53, 53], [8000], [443], [443]]);
      expect(spec.ingress).toEqual([{ from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/managed-by': 'polyaxon' } } }] }]);
      const oneNode = theOne(rendered(example('one-node')), 'NetworkPolicy', 'polyaxon-runs').spec.egress;
      expect(oneNode[2]).toEqual({ to: [{ ipBlock: { cidr: '10.88.0.1/32' } }], ports: [{ port: 8000 }] });
      expect(oneNode[3].ports).toEqual([{ port: 7070 }]);
    });

    describe('where images are built', () => {
      const building = { ...least, 'builds.registry': 'registry.lab:5000/team/runs' };

      it('makes nothing for that where no registry is named', () =>
        expect(rendered(set(least)).filter(({ metadata }) => (metadata.namespace ?? metadata.name).includes('builds'))).toEqual([]));

      it.each([['buildkit', 'privileged'], ['buildkit-privileged', 'privileged'], ['kaniko', 'baseline']])('gives builders a namespace of their own with the rights that %s needs', (builder, enforced) => {
        const objects = rendered(set({ ...building, 'builds.builder': builder }));
        expect(theOne(objects, 'Namespace', 'ml-builds').metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': enforced });
        expect(theOne(objects, 'Namespace', 'ml-runs').metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
        expect(theOne(objects, 'ServiceAccount', 'polyaxon-build')).toMatchObject({ metadata: { namespace: 'ml-builds' }, automountServiceAccountToken: false });
      });

      it('lets builders out to the gateway, the DNS and registries, and nobody in', () => {
        const { metadata, spec } = theOne(rendered(set(building)), 'NetworkPolicy', 'polyaxon-builds');
        expect([metadata.namespace, spec.policyTypes, spec.ingress]).toEqual(['ml-builds', ['Ingress', 'Egress'], undefined]);
        expect(spec.egress.map((one: { ports: { port: number }[] }) => one.ports.map(({ port }) => port))).toEqual([[53, 53], [8000], [80, 443, 5000]]);
        const own = theOne(rendered(set({ ...building, 'builds.network.registries': [{ ipBlock: { cidr: '10.1.2.3/32' } }] })), 'NetworkPolicy', 'polyaxon-builds');
        expect(own.spec.egress[2].to).toEqual([{ ipBlock: { cidr: '10.1.2.3/32' } }]);
        const gateway = theOne(rendered(example('production')), 'NetworkPolicy', 'polyaxon-gateway').spec.ingress[0].from as { namespaceSelector: { matchLabels: object } }[];
        expect(gateway.map((one) => one.namespaceSelector.matchLabels)).toContainEqual({ 'kubernetes.io/metadata.name': 'ml-builds' });
      });

      it('allows runs the images that are built', () => {
        const policies = ofKind(rendered(set({ ...building, 'runs.images': ['python:'] })), 'ValidatingAdmissionPolicy');
        for (const { spec } of policies) expect(JSON.stringify(spec.validations)).toContain('registry.lab:5000/team/runs:');
      });
    });

    it('lets values say what it says otherwise, once: a name that is there twice would keep Helm from the next upgrade', () => {
      const [container] = podOf(rendered(set({ ...least, 'scheduler.env': { POLYAXON_MAX_CONCURRENT_RUNS: 7, POLYAXON_HTTP_PORT: 'x' } })), 'scheduler').containers;
      const said = (container.env as { name: string; value: string }[]).filter(({ name }) => name === 'POLYAXON_MAX_CONCURRENT_RUNS' || name === 'POLYAXON_HTTP_PORT');
      expect(said).toEqual([{ name: 'POLYAXON_HTTP_PORT', value: 'x' }, { name: 'POLYAXON_MAX_CONCURRENT_RUNS', value: '7' }]);
    });

    it('takes a Secret of yours, and then makes none', () =>
      expect(ofKind(rendered(set({ ...least, 'secrets.existing': 'mine' })), 'Secret')).toEqual([]));

    it('is called by the name of its release, however long', () => {
      expect(ofKind(rendered(set(least), { release: 'ml' }), 'Deployment').map((one) => one.metadata.name)).toContain('ml-polyaxon-scheduler');
      for (const { metadata } of rendered(set(least), { release: 'a-name-that-is-longer-than-most-names-of-releases-are' })) expect(metadata.name.length).toBeLessThanOrEqual(63 + 60);
    });
  });
