// Does the executor make and remove what it should, and nothing else, whatever happens to the cluster?
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { isLaunched, type AttemptSpec, type LaunchFailed } from '../executor.ts';
import { specOf } from '../executor-contract.ts';
import { addKindsOf, until, withCluster, withOperators, type Cluster } from '#testing';
import { alone } from '#event-store';
import { openLog } from '#service-host';
import { bringExitCode } from '#storage';
import { ClusterFixture, epochOf, labelNames, statuses, type Opened } from './cluster-fixture.ts';
import { capabilitiesOf } from './capabilities.ts';
import { Cluster as ClusterOfRuns } from './cluster.ts';
import { Connection } from './connection.ts';
import { setStandIn } from './marks.ts';
import type { BuildSettings } from './objects/cluster-settings.ts';
import { kubeConfigOf } from './open-kubernetes.ts';
import { Orphans } from './orphans.ts';

withCluster('api', 'an executor, and an API server of Kubernetes', (open) => {
  let cluster: Cluster;
  let fixture: ClusterFixture;
  let first: Opened;
  beforeAll(async () => {
    cluster = await open();
    fixture = await ClusterFixture.make(cluster);
    first = await fixture.open();
  }, 120_000);
  afterAll(async () => {
    await fixture.close();
    await cluster.stop();
  }, 60_000);

  const orphansOf = (known: readonly string[], { objects }: Opened = first) =>
    new Orphans({ objects, platform: fixture.settings.platformId, known: async () => new Set(known), standing: alone, log: openLog('test', 'silent') });
  const kubectl = (args: readonly string[], input?: object) => cluster.kubectl(['-n', fixture.namespace, ...args], input);
  const observed = (spec: AttemptSpec, state: string, by = first) => until(`${spec.experimentId} is ${state}`, async () => (await by.executor.observe(spec)).state === state);

  it('makes one Secret and one Job, however often and by whomever it is asked', async () => {
    const spec = specOf(1, 'true');
    const second = await fixture.open();
    const answers = await Promise.all([first, second, first, second].map(({ executor }) => executor.launch(spec)));
    expect(answers.map(isLaunched)).toEqual([false, false, false, false]);
    expect(await fixture.names('jobs')).toEqual(['run-1-1']);
    expect(await fixture.names('secrets')).toEqual(['run-1-1']);
    await second.close();
  });

  it('tells of a pod how it begins and ends, from what the watch says', async () => {
    const spec = specOf(1, 'true');
    const pod = await fixture.makePod(first, spec);
    expect(await first.executor.launch(spec)).toMatchObject({ isPending: true });
    await fixture.setStatus(first.cluster, pod, statuses.running);
    await until('it is launched', async () => isLaunched(await first.executor.launch(spec)));
    expect(await first.executor.launch(spec)).toEqual({ console: 'pushed:1-1', isBuilding: false, warnings: [] });
    expect(await first.executor.observe(spec)).toEqual({ state: 'running' });
    await fixture.setStatus(first.cluster, pod, statuses.ended(3));
    await observed(spec, 'ended');
    expect(await first.executor.observe(spec)).toEqual({ state: 'ended', exitCode: 3, message: 'exited with code 3' });
  });

  it('keeps how it ended when its pod is deleted, until it is forgotten', async () => {
    const spec = specOf(1, 'true');
    await kubectl(['delete', 'pod', '--all', '--wait=false']);
    const another = await fixture.open();
    expect(await another.executor.observe(spec)).toMatchObject({ state: 'ended', exitCode: 3 });
    await another.executor.forget(spec);
    await another.executor.forget(spec);
    expect(await another.executor.observe(spec)).toEqual({ state: 'absent' });
    for (const kind of ['jobs', 'pods', 'secrets']) expect(await fixture.names(kind)).toEqual([]);
    await observed(spec, 'absent');
    await another.close();
  });

  it.each([
    ['Job', { apiVersion: 'batch/v1', kind: 'Job', spec: { suspend: true, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'theirs', image: 'i' }] } } } }],
    ['Secret', { apiVersion: 'v1', kind: 'Secret', stringData: { theirs: 'yes' } }],
  ])('never touches a %s of somebody else under its name', async (kind, object) => {
    const spec = specOf(kind === 'Job' ? 2 : 3, 'true');
    const metadata = { name: `run-${spec.experimentId}-1`, labels: { [labelNames.managedBy]: 'polyaxon', [labelNames.platform]: 'another', [labelNames.epoch]: epochOf(spec) } };
    await kubectl(['create', '-f', '-'], { ...object, metadata });
    const read = () => kubectl(['get', kind.toLowerCase(), metadata.name, '-o', 'json']);
    const before = await read();
    await expect(first.executor.launch(spec)).rejects.toMatchObject({ name: 'LaunchFailed', reason: 'start', message: expect.stringContaining(`a ${kind} ${metadata.name} that isn't this platform's`) });
    await first.executor.stop(spec, 0);
    await first.executor.forget(spec);
    expect(await orphansOf([]).sweep()).toBe(0);
    expect(await read()).toBe(before);
  });

  it('never launches what was stopped before, not even by one that was about to', async () => {
    const spec = specOf(4, 'true');
    const second = await fixture.open();
    await first.executor.stop(spec, 30);
    expect(await first.executor.observe(spec)).toEqual({ state: 'absent' });
    for (const { executor } of [first, second]) await expect(executor.launch(spec)).rejects.toMatchObject({ reason: 'start', message: 'it was stopped before it was started' });
    await second.close();
    const third = await fixture.open();
    await expect(third.executor.launch(spec)).rejects.toMatchObject({ name: 'LaunchFailed' });
    await third.executor.forget(spec);
    expect(await fixture.names('jobs')).not.toContain('run-4-1');
    await third.close();
  });

  it('keeps a Job whose pod is not there yet from making one', async () => {
    const spec = specOf(5, 'true');
    await first.executor.launch(spec);
    await first.executor.stop(spec, 30);
    const [job] = (await fixture.jobs()).filter(({ metadata }) => metadata?.name === 'run-5-1');
    expect(job?.spec).toMatchObject({ suspend: true, parallelism: 0 });
    expect(await first.executor.launch(spec)).toMatchObject({ isPending: true, cause: 'starting' });
    await kubectl([
      'patch',
      'job',
      'run-5-1',
      '--subresource',
      'status',
      '--type',
      'merge',
      '-p',
      JSON.stringify({ status: { conditions: [{ type: 'Suspended', status: 'True', lastTransitionTime: new Date().toISOString() }] } }),
    ]);
    await observed(spec, 'absent');
    await expect(first.executor.launch(spec)).rejects.toMatchObject({ message: 'it was stopped before it was started' });
  });

  it('asks a pod to end, once, and reads its true exit code', async () => {
    const spec = specOf(6, 'true');
    await first.executor.launch(spec);
    const pod = await fixture.makePod(first, spec, statuses.running);
    await until('it runs', async () => isLaunched(await first.executor.launch(spec)));
    await first.executor.stop(spec, 30);
    await first.executor.stop(spec, 30);
    expect(await kubectl(['get', 'pod', pod, '-o', 'jsonpath={.metadata.deletionGracePeriodSeconds}'])).toBe('40');
    expect(await first.executor.observe(spec)).toEqual({ state: 'running' });
    await fixture.setStatus(first.cluster, pod, statuses.ended(143));
    await observed(spec, 'ended');
    expect(await first.executor.observe(spec)).toMatchObject({ exitCode: 143 });
  });

  it('gives up on an image after a time, and first makes sure that nothing begins any more', async () => {
    const spec = specOf(7, 'true');
    const impatient = await fixture.open({ patience: { startSeconds: 60 } });
    await impatient.executor.launch(spec);
    const waiting = { name: 'experiment', image: 'i', imageID: '', ready: false, restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff', message: 'not found' } } };
    const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-11-27T20:00:00Z' };
    const pod = await fixture.makePod(impatient, spec, { phase: 'Pending', conditions: [scheduled], containerStatuses: [waiting] } as never);
    await until('its image is missed', async () => {
      const answer = await impatient.executor.launch(spec);
      return !isLaunched(answer) && answer.cause === 'image' && answer.reason?.includes('not found');
    });
    await until('it is asked to end', async () => (await kubectl(['get', 'pod', pod, '-o', 'jsonpath={.metadata.deletionTimestamp}'])) !== '');
    expect(await impatient.executor.launch(spec)).toMatchObject({ isPending: true });
    await fixture.setStatus(first.cluster, pod, { phase: 'Failed', containerStatuses: [{ ...waiting, state: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } } }] });
    await until('it is given up', () => impatient.executor.launch(spec).then(() => false, (error: { reason?: string }) => error.reason === 'image'));
    await impatient.close();
  });

  it.each([
    ['never could', 19, bringExitCode.lasting, undefined],
    ['could not this time', 20, bringExitCode.passing, 'infrastructure'],
  ])('tells what %s be brought, and whether another attempt may try', async (_, id, exitCode, taken) => {
    const spec = specOf(id, 'true');
    await first.executor.launch(spec);
    const message = 'its outputs could not be brought here: why';
    const bring = { name: 'bring', image: 'i', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode, message, startedAt: '2026-11-27T20:00:00Z' } } };
    await fixture.makePod(first, spec, { phase: 'Failed', initContainerStatuses: [bring] } as never);
    const refused = await until('it is told', () => first.executor.launch(spec).then(() => null, (error: LaunchFailed) => error));
    expect(refused).toMatchObject({ name: 'LaunchFailed', reason: 'start', message: expect.stringContaining(message) });
    expect(refused.options?.taken).toBe(taken);
    await first.executor.forget(spec);
  });

  it('tells how much of its console is missing before it tells its end, and its end when nobody hears that', async () => {
    const asked: string[] = [];
    let isAway = true;
    const gateway = createServer((request, answer) => {
      asked.push(`${request.method} ${request.url}`);
      answer.writeHead(isAway ? 503 : 200).end(isAway ? '{}' : JSON.stringify({ receivedBytes: 4 }));
    });
    await new Promise<void>((done) => gateway.listen(0, '127.0.0.1', done));
    let ahead = 0;
    const own = await fixture.open({ gatewayUrl: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/`, now: () => new Date(Date.now() + ahead) });
    const message = JSON.stringify({ carried: null, consoleBytes: 4, consoleSizeBytes: 9, echoedBytes: 9, exitCode: 0 });
    const carrier = { name: 'carrier', image: 'i', imageID: 'i', ready: false, restartCount: 0, state: { terminated: { exitCode: 0, message } } };
    const overOf = async (spec: AttemptSpec) => {
      await own.executor.launch(spec);
      await fixture.makePod(own, spec, { ...statuses.ended(0), initContainerStatuses: [carrier] });
      await until('it is known', () => own.objects.known(spec).pods[0]?.status?.phase === 'Succeeded');
    };
    try {
      const [heard, unheard] = [specOf(30, 'true'), specOf(31, 'true')];
      for (const spec of [heard, unheard]) {
        await overOf(spec);
        expect(await own.executor.observe(spec)).toEqual({ state: 'running' });
      }
      ahead = 30_000;
      isAway = false;
      expect(await own.executor.observe(heard)).toEqual({ state: 'ended', exitCode: 0, message: null });
      expect(asked.at(-1)).toBe('PUT /api/v1/mona/iris/experiments/30/console?attempt=1&offset=4&size=9&last=1'); // no kubelet has the rest
      isAway = true;
      expect(await own.executor.observe(unheard)).toEqual({ state: 'running' });
      ahead = 61_000;
      expect(await own.executor.observe(unheard)).toMatchObject({ state: 'ended', exitCode: 0, warnings: [expect.stringContaining('the last 5 bytes of its console never reached its log')] });
      for (const spec of [heard, unheard]) await own.executor.forget(spec);
    } finally {
      gateway.close();
      await own.close();
    }
  });

  it('removes what no run knows, and adopts what one knows', async () => {
    const [live, orphan] = [specOf(8, 'true'), specOf(9, 'true')];
    for (const spec of [live, orphan]) await first.executor.launch(spec);
    const pod = await fixture.makePod(first, orphan, statuses.running);
    await kubectl(['create', 'job', 'theirs', '--image', 'i']);
    await kubectl(['create', '-f', '-'], {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'left', labels: { [labelNames.managedBy]: 'polyaxon', [labelNames.platform]: fixture.settings.platformId, [labelNames.epoch]: '77-3' } },
    });
    await until('it knows the pod', () => first.objects.known(orphan).pods.length === 1);
    const others = ['1-1', '2-1', '3-1', '4-1', '5-1', '6-1', '7-1'];
    expect(await orphansOf([...others, '8-1']).sweep()).toBe(2);
    expect(await fixture.names('jobs')).toEqual(expect.arrayContaining(['run-8-1', 'theirs', 'run-2-1']));
    expect(await fixture.names('jobs')).not.toContain('run-9-1');
    expect(await fixture.names('secrets')).not.toContain('left');
    expect(await kubectl(['get', 'pod', pod, '-o', 'jsonpath={.metadata.finalizers}{.metadata.deletionTimestamp}'])).toMatch(/^2\d+-/);
    expect(await orphansOf([...others, '8-1']).sweep()).toBe(0);
    expect(await first.executor.launch(live)).toMatchObject({ isPending: true });
  });

  it('hears which verbs are forbidden to it', async () => {
    expect(await capabilitiesOf(first.cluster)).toEqual({ hindrance: undefined, lacks: undefined });
    await kubectl(['create', 'role', 'some', '--verb=create,get,list,watch,delete', '--resource=jobs,secrets,services']);
    await kubectl(['create', 'rolebinding', 'some', '--role=some', `--serviceaccount=${fixture.namespace}:default`]);
    const config = kubeConfigOf({ POLYAXON_KUBERNETES_KUBECONFIG: cluster.kubeconfig, POLYAXON_KUBERNETES_CONTEXT: '' });
    const token = (await kubectl(['create', 'token', 'default'])).trim();
    const weak = new KubeConfig();
    weak.loadFromClusterAndUser(config.getCurrentCluster()!, { name: 'weak', token });
    const asked = new ClusterOfRuns(new Connection(weak), fixture.namespace);
    await until('it may do something', async () => (await capabilitiesOf(asked)).hindrance?.includes(`to patch jobs, get, list, watch, patch, delete pods in namespace ${fixture.namespace}`), 20_000);
    await expect(asked.list('Pod', '')).rejects.toMatchObject({ kind: 'forbidden', message: expect.stringContaining('forbids to list pods') });
    await asked.close();
  });

  it('says that nothing can be launched while the cluster is away, and goes on when it is back', async () => {
    const spec = specOf(10, 'true');
    const blind = fixture.openBlind({ server: 'https://127.0.0.1:1' });
    expect(await blind.executor.observe(spec)).toEqual({ state: 'running' });
    await until('it is missed', async () => {
      const answer = await blind.executor.launch(spec);
      return !isLaunched(answer) && answer.cause === 'cluster' && answer.reason?.includes('ECONNREFUSED');
    });
    await blind.close();
    await cluster.control.stopApiServer('SIGKILL');
    await until('it is missed', () => first.objects.problem?.kind === 'unreachable');
    expect(await first.executor.launch(spec)).toMatchObject({ isPending: true, cause: 'cluster' });
    expect(await first.executor.observe(specOf(8, 'true'))).toEqual({ state: 'running' });
    await cluster.control.startApiServer();
    await until('it is launched', async () => {
      const answer = await first.executor.launch(spec);
      return !isLaunched(answer) && answer.cause === 'starting';
    }, 30_000);
    expect(await fixture.names('jobs')).toContain('run-10-1');
  }, 60_000);

  it('has seen everything after the history was forgotten', async () => {
    const spec = specOf(11, 'true');
    await cluster.control.compact();
    first.objects.pods.relist();
    await first.executor.launch(spec);
    const pod = await fixture.makePod(first, spec, statuses.running);
    await until('it is launched', async () => isLaunched(await first.executor.launch(spec)));
    await cluster.control.compact();
    await fixture.setStatus(first.cluster, pod, statuses.ended(0));
    await observed(spec, 'ended');
    const cached = [...first.objects.pods.cache.all()].map(({ metadata }) => `${metadata?.name}@${metadata?.resourceVersion}`).sort();
    const listed = (await first.cluster.list('Pod', `${labelNames.platform}=${fixture.settings.platformId}`)).items.map(({ metadata }) => `${metadata?.name}@${metadata?.resourceVersion}`).sort();
    expect(cached).toEqual(listed);
  });

  withOperators('where several processes are an operator\'s', () => {
    const distributed = (id: number): AttemptSpec => {
      const spec = specOf(id, 'true');
      return { ...spec, order: { ...spec.order, environment: { replicas: { n_workers: 1 } } } };
    };
    beforeAll(async () => {
      for (const name of ['jobset', 'trainer'] as const) await addKindsOf(cluster, name);
    }, 120_000);

    describe.each([
      ['jobset', ['jobsets']],
      ['trainjob', ['trainjobs', 'trainingruntimes']],
    ] as const)('as a %s', (replicasAs, kinds) => {
      let own: ClusterFixture;
      let opened: Opened;
      beforeAll(async () => {
        own = await ClusterFixture.make(cluster, { replicasAs });
        opened = await own.open();
      }, 60_000);
      afterAll(() => own.close());
      const [kind] = kinds;
      const made = async () => Object.fromEntries(await Promise.all(['jobs', 'secrets', 'services', ...kinds].map(async (one) => [one, await own.names(one)] as const)));
      const nothing = Object.fromEntries(['jobs', 'secrets', 'services', ...kinds].map((one) => [one, []]));

      it('makes one, whoever asks, and takes it away', async () => {
        const spec = distributed(1);
        const second = await own.open();
        await Promise.all([opened, second, opened].map(({ executor }) => executor.launch(spec)));
        expect(await made()).toEqual({ ...nothing, secrets: ['run-1-1'], ...Object.fromEntries(kinds.map((one) => [one, ['run-1-1']])) });
        await second.executor.forget(spec);
        expect(await made()).toEqual(nothing);
        await until('all have heard of it', async () => (await opened.executor.observe(spec)).state === 'absent');
      });
      it('never launches what was stopped before, alone or with others, and leaves nothing of it', async () => {
        for (const spec of [distributed(2), specOf(3, 'true')]) {
          await opened.executor.stop(spec, 30);
          await expect((await own.open()).executor.launch(spec)).rejects.toMatchObject({ reason: 'start', message: 'it was stopped before it was started' });
          expect(await opened.executor.observe(spec)).toEqual({ state: 'absent' });
          await opened.executor.forget(spec);
        }
        expect(await made()).toEqual(nothing);
      });
      it('suspends what is to end, and is sure of it when its Jobs have heard of it', async () => {
        const spec = distributed(4);
        await opened.executor.launch(spec);
        await opened.executor.stop(spec, 30);
        expect(await cluster.kubectl(['-n', own.namespace, 'get', kind, 'run-4-1', '-o', 'jsonpath={.spec.suspend}'])).toBe('true');
        expect(await opened.executor.observe(spec)).toEqual({ state: 'running' });
        await opened.executor.forget(spec);
      });
      it('never touches one of somebody else under its name, and removes what belongs to no run', async () => {
        const spec = distributed(5);
        const { set, runtime } = setStandIn(replicasAs === 'jobset' ? 'JobSet' : 'TrainJob', 'run-5-1', own.namespace, { [labelNames.managedBy]: 'polyaxon', [labelNames.platform]: 'another' }, new Date());
        for (const object of [...(runtime ? [runtime] : []), set]) await cluster.kubectl(['create', '-f', '-'], object);
        await expect(opened.executor.launch(spec)).rejects.toMatchObject({ name: 'LaunchFailed', message: expect.stringContaining("run-5-1 that isn't this platform's") });
        await opened.executor.launch(distributed(6));
        const orphans = new Orphans({ objects: opened.objects, platform: own.settings.platformId, known: async () => new Set(), standing: alone, log: openLog('test', 'silent') });
        await orphans.sweep();
        expect(await made()).toEqual({ ...nothing, ...Object.fromEntries(kinds.map((one) => [one, ['run-5-1']])) });
      });
    });
  });

  describe('builds of images', () => {
    const build: BuildSettings = {
      repository: 'registry.test/runs', isInsecure: false, loginSecret: null, builder: 'buildkit', builderImage: 'builder', namespace: '', serviceAccount: null,
      requests: { cpuCores: null, memoryBytes: null }, limits: { cpuCores: null, memoryBytes: null }, timeoutSeconds: 600, keptSeconds: 600,
    };
    const specWith = (id: number, steps: readonly string[], attempt = 1): AttemptSpec => ({
      ...specOf(id, 'true', { build: { image: 'polyaxon.test/python:test', build_steps: steps } }), attempt,
    });
    let builder: Opened;
    const opened = () => fixture.open({ settings: { build: { ...build, namespace: fixture.namespace } } });
    const builds = async () => (await fixture.names('jobs')).filter((name) => name.startsWith('build-'));
    const endBuild = async (name: string, type: 'Complete' | 'Failed') => {
      const at = new Date().toISOString();
      const before = { type: type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget', status: 'True', lastTransitionTime: at };
      const status = { startTime: at, ...(type === 'Complete' && { completionTime: at, succeeded: 1 }), conditions: [before, { type, status: 'True', lastTransitionTime: at }] };
      await kubectl(['patch', 'job', name, '--subresource', 'status', '--type', 'merge', '-p', JSON.stringify({ status })]);
    };
    const isBuilding = async (spec: AttemptSpec, by = builder) => {
      const answer = await by.executor.launch(spec);
      return !isLaunched(answer) && answer.cause === 'building';
    };
    beforeAll(async () => {
      builder = await opened();
    });

    it('are made once for all who want the same, also when the scheduler is killed between making and knowing', async () => {
      const [one, other] = [specWith(21, ['make']), specWith(22, ['make'])];
      const second = await opened();
      expect(await Promise.all([isBuilding(one), isBuilding(other, second), isBuilding(one, second)])).toEqual([true, true, true]);
      await second.close();
      const third = await opened();
      expect(await isBuilding(other, third)).toBe(true);
      const [name, ...more] = await builds();
      expect(more).toEqual([]);
      expect(await fixture.names('secrets')).toContain(name);
      await endBuild(name!, 'Complete');
      for (const spec of [one, other]) await until(`${spec.experimentId} is made`, async () => !(await isBuilding(spec, third)));
      const images = await kubectl(['get', 'jobs', 'run-21-1', 'run-22-1', '-o', 'jsonpath={.items[*].spec.template.spec.containers[0].image}']);
      expect(images).toBe(Array(2).fill(`registry.test/runs:${name!.replace('build-', '')}`).join(' '));
      const later = specWith(23, ['make']);
      expect(await isBuilding(later, third)).toBe(false);
      expect(await builds()).toEqual([name]);
      await third.close();
    });

    it('that were taken away are made again by the next attempt, and by nobody before', async () => {
      const spec = specWith(24, ['taken']);
      expect(await isBuilding(spec)).toBe(true);
      const made = (await builds()).find((one) => builder.builds?.jobs.cache.get(one)?.metadata?.annotations?.['waits.polyaxon.io/24-1'] !== undefined);
      if (made === undefined) throw new Error('no build is known to be waited for');
      const uid = () => kubectl(['get', 'job', made, '-o', 'jsonpath={.metadata.uid}']);
      const former = await uid();
      await endBuild(made, 'Failed');
      await until('it is taken', () => builder.executor.launch(spec).then(() => false, (error: LaunchFailed) => error.options?.taken === 'infrastructure'));
      expect(await uid()).toBe(former);
      const next = specWith(24, ['taken'], 2);
      await until('it is made again', async () => (await isBuilding(next)) && (await uid().catch(() => former)) !== former);
    });

    it('end when nobody waits for them any more, and not before', async () => {
      const [one, other] = [specWith(25, ['stopped']), specWith(26, ['stopped'])];
      const before = await builds();
      expect([await isBuilding(one), await isBuilding(other)]).toEqual([true, true]);
      const [made] = (await builds()).filter((name) => !before.includes(name));
      await builder.executor.stop(one, 30);
      expect(await builds()).toContain(made);
      expect(await builder.executor.observe(one)).toEqual({ state: 'absent' });
      await builder.executor.stop(other, 30);
      await until('it is removed', async () => !(await builds()).includes(made!));
    });

    it('that nobody knows are removed, and those of others are left alone', async () => {
      const spec = specWith(27, ['orphan']);
      const before = await builds();
      expect(await isBuilding(spec)).toBe(true);
      const [made] = (await builds()).filter((name) => !before.includes(name));
      await builder.builds?.sweep(async () => new Set(['27-1', '24-2']));
      expect(await builds()).toContain(made);
      await builder.builds?.sweep(async () => new Set(['24-2']));
      await until('it is removed', async () => !(await builds()).includes(made!));
      await kubectl(['create', 'job', made!, '--image', 'i']);
      await expect(builder.executor.launch(spec)).rejects.toMatchObject({ name: 'LaunchFailed', message: expect.stringContaining(`a Job ${made} that isn't this platform's`) as string });
      expect(await builds()).toContain(made);
    });
  });
});
