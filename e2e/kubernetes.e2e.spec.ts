// Is a run the same where it is a pod: stopped, resumed, restarted, copied, on a store and on a volume, and when its node is gone?
import type { ExperimentBody } from '#contracts';
import { startOperator, until, withCluster, withOperators, withS3, type Cluster, type S3Store } from '#testing';
import { frameworkNames, missingFramework } from '../tools/stack/frameworks/frameworks.ts';
import { freePort } from '../tools/stack/free-port.ts';
import { clone, project, run, statuses, stop } from './asking.ts';
import { kubeconfigOf } from './kubernetes-rights.ts';
import { Platform } from './platform.ts';
import { podEnds } from './pod-ends.ts';
import { commandOf, dataOf, meeting, reducing } from './replicas.ts';
import { command, file, latest, spec, startOf, stepsInStore, story } from './stored-training.ts';

const python = 'polyaxon.test/python:test';
const namespace = 'runs';
/** Whoever runs the platform here is nobody special, as are the users of the images. */
const uid = 1000;
const settings = { POLYAXON_CARRY_LAG_SECONDS: '1', POLYAXON_GRACE_PERIOD_SECONDS: '5', POLYAXON_RESTART_DELAY_SECONDS: '1' };

/** What `npm start` is told; pods find its gateway by the bridge. */
async function platformOn(cluster: Cluster, more: Readonly<Record<string, string>>): Promise<Platform> {
  const kubeconfig = await kubeconfigOf(cluster, namespace);
  const port = await freePort();
  const platform = await Platform.start({
    POLYAXON_EXECUTOR: 'kubernetes',
    POLYAXON_KUBERNETES_KUBECONFIG: kubeconfig,
    POLYAXON_KUBERNETES_NAMESPACE: namespace,
    POLYAXON_KUBERNETES_PLATFORM_IMAGE: 'polyaxon.test/platform:test',
    POLYAXON_KUBERNETES_IMAGE_PULL_POLICY: 'Never',
    POLYAXON_PORT: String(port),
    POLYAXON_KUBERNETES_GATEWAY_URL: `http://${await cluster.reach(port)}`,
    POLYAXON_KUBERNETES_LOST_NODE_SECONDS: '5',
    ...settings,
    ...more,
  }, { uid });
  await platform.api('POST', 'projects', { name: 'verbs' });
  return platform;
}

/** Those that are asked for: importing them in several pods at once takes a machine minutes that does other things, too. */
const frameworks = frameworkNames.filter((name) => process.env.KUBERNETES_FRAMEWORKS?.split(',').includes(name));
const data = new Map(frameworks.flatMap((name) => Object.entries(dataOf(name))));

withCluster('node', 'a run that is a pod', (open) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await open();
    await cluster.kubectl(['create', 'namespace', namespace]);
    await cluster.kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);
    for (const [name, path] of data) await cluster.kubectl(['create', '-f', '-'], volumeOf(name, path));
  }, 240_000);
  afterAll(() => cluster.stop(), 120_000);

  let second: Promise<string> | undefined;
  const secondNode = (): Promise<string> => (second ??= cluster.addNode('127.0.0.2').then(() => '127.0.0.2'));

  const jobs = async (): Promise<string> => cluster.kubectl(['-n', namespace, 'get', 'jobs,pods,secrets', '-o', 'name']);

  withS3('with its outputs on a store', (openStore) => {
    let store: S3Store;
    let platform: Platform;
    let onStore: (prefix: string) => Readonly<Record<string, string>>;
    beforeAll(async () => {
      store = await openStore();
      const { endpoint, credentials } = store.settings;
      const way = `http://${await cluster.reach(Number(new URL(endpoint).port))}`;
      onStore = (prefix) => ({
        POLYAXON_OUTPUTS_STORE: `s3://runs/${prefix}`, POLYAXON_S3_ENDPOINT: way, POLYAXON_S3_ACCESS_KEY: credentials.accessKey, POLYAXON_S3_SECRET_KEY: credentials.secretKey,
        POLYAXON_KUBERNETES_DATA: [...data.keys()].map((name) => `${name}=${name}`).join(','),
      });
      const soon = { POLYAXON_KUBERNETES_START_SECONDS: '20', POLYAXON_CARRY_LAST_SECONDS: '20' };
      platform = await platformOn(cluster, { ...onStore('some/prefix'), ...soon, POLYAXON_KUBERNETES_IMAGE_PULL_POLICY: 'IfNotPresent' });
    }, 240_000);
    afterAll(async () => {
      await platform.remove();
      await store.stop();
    }, 60_000);
    story(() => platform, python);
    podEnds({ platform: () => platform, cluster: () => cluster, namespace, image: python, secondNode });

    const endOf = (id: number, on = platform) => until(`experiment ${id} has ended`, async () => {
      const body = await on.experiment(id);
      return ['succeeded', 'failed', 'stopped'].includes(body.last_status) ? body : null;
    }, 150_000).catch(async (error: Error) => {
      const said = (await statuses(on, id)).map(({ status, message }) => `${status}: ${message ?? ''}`);
      throw new Error([error.message, ...said, await cluster.kubectl(['-n', namespace, 'get', 'pods', '-o', 'wide'])].join('\n'));
    });

    /** The master trains; the others are there for as long. */
    const trainTogether = `if [ "$RANK" = 0 ]; then ${command}; else python3 -c 'import json, os, time; time.sleep(json.loads(os.environ["POLYAXON_PARAMS"])["steps"] / 20)'; fi`;

    it('goes on elsewhere from its last checkpoint when its node disappears, and nobody has to ask; so do several processes of which one was there', async () => {
      await secondNode();
      await cluster.kubectl(['cordon', '127.0.0.1']);
      const { id } = await run(platform, command, spec(100_000, python));
      const step = await stepsInStore(platform, await platform.status(id, 'running'), 3);
      const startsOf = (experiment: ExperimentBody): number[] => [...platform.log(experiment).matchAll(/starts at (\d+)/g)].map(([, at]) => Number(at));
      const goesOn = (experiment: ExperimentBody) => until(`${experiment.id} goes on`, () => startsOf(experiment).length > 1 || null, 150_000); // a cluster gives the name of a node 40 s to come back
      await cluster.kubectl(['uncordon', '127.0.0.1']);
      const others = { labelSelector: { matchLabels: { ring: 'one' } }, topologyKey: 'kubernetes.io/hostname' };
      const apart = { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: others }] } };
      const environment = { grace_period_seconds: 2, labels: { ring: 'one' }, affinity: apart, replicas: { n_workers: 1 } };
      const several = await run(platform, trainTogether, { ...spec(100_000, python), environment });
      const stepOfSeveral = await stepsInStore(platform, await platform.status(several.id, 'running'), 3);
      await cluster.loseNode('127.0.0.2');
      await cluster.kubectl(['delete', 'node', '127.0.0.2', '--wait=false']);
      await goesOn(await platform.experiment(id));
      const done = await stop(platform, id);
      expect(done.last_status).toBe('stopped');
      expect(startsOf(done)[0]).toBe(0);
      expect(startsOf(done).at(-1)).toBeGreaterThanOrEqual(step);
      expect((await statuses(platform, id)).some(({ message }) => /node/.test(message ?? ''))).toBe(true);

      await goesOn(await platform.experiment(several.id));
      const last = await stop(platform, several.id);
      expect(startsOf(last).at(-1)).toBeGreaterThanOrEqual(stepOfSeveral);
      expect((await statuses(platform, several.id)).map(({ message }) => message)).toContainEqual(expect.stringMatching(/^.*(master|worker-0): .*node/));

      const more = await clone(platform, 'resume', several.id, { params: { steps: 4 }, environment: { replicas: { n_workers: 2 } } });
      const resumed = await endOf(more.id);
      expect([resumed.last_status, (await statuses(platform, more.id)).map(({ status, message }) => `${status} ${message}`), platform.log(resumed)]).toEqual(['succeeded', expect.anything(), expect.anything()]);
      expect(startsOf(resumed)).toEqual([(await latest(platform, last)) - 4]);
    }, 400_000);

    it('is several processes that meet under their names, print for themselves, and succeed together though one never ends', async () => {
      const said = `echo "rank $RANK of $WORLD_SIZE is $POLYAXON_ROLE"; echo "$RANK" > "$POLYAXON_RUN_OUTPUTS_PATH/$POLYAXON_ROLE$RANK"; exec python3 -c "$MEETING"`;
      const { id } = await run(platform, said, together({ n_workers: 1, n_ps: 1 }, [['MEETING', meeting]]));
      const done = await endOf(id);
      const log = platform.log(done);
      expect([done.last_status, done.exit_code, log]).toEqual(['succeeded', 0, expect.any(String)]);
      const linesOf = (name: string) => log.split('\n').filter((line) => line.startsWith(`[${name}] `)).map((line) => line.slice(name.length + 3));
      expect(linesOf('master')).toEqual(['rank 0 of 2 is master', 'agreed with 2 of 2', 'the sum is 3']);
      expect(linesOf('worker-0')).toEqual(['rank 1 of 2 is worker', 'agreed with 2 of 2', 'the sum is 3']);
      expect(linesOf('ps-0')).toEqual(['rank  of 2 is ps', 'agreed with 2 of 2']);
      expect(await Promise.all(['master0', 'worker1'].map((path) => file(platform, done, path)))).toEqual(['0\n', null]);
      const ofWorker = await platform.api('GET', `${project}/experiments/${id}/logs/search?regex=true&q=${encodeURIComponent('^\\[worker-0\\]')}`);
      expect(ofWorker.body.count).toBe(3);
    }, 180_000);

    for (const name of frameworks) it(`is several processes of the real ${name}, which add up and train as one`, async () => {
      expect(missingFramework(name)).toBeUndefined();
      const [workers, sum] = name === 'pytorch' ? [2, 6] : [1, 3];
      const environment = { data_refs: Object.keys(dataOf(name)), replicas: { n_workers: workers } };
      const { id } = await run(platform, commandOf(name), { framework: name, build: { image: python, env_vars: [['REDUCING', reducing[name]]] }, environment });
      const done = await endOf(id);
      const log = platform.log(done);
      expect([done.last_status, log]).toEqual(['succeeded', expect.stringContaining('the sum is')]);
      const names = ['master', ...Array.from({ length: workers }, (_, n) => `worker-${n}`)];
      for (const one of names) expect(log).toContain(`[${one}] the sum is ${sum} of ${workers + 1} whose weights are one\n`);
      expect(await file(platform, done, name === 'pytorch' ? 'checkpoint.pth' : 'model.ckpt-5.index')).not.toBeNull();
    }, 240_000);

    it('is several processes that end when one of them fails, with its exit code and its name', async () => {
      const { id } = await run(platform, 'if [ "$RANK" = 1 ]; then sleep 2; exit 3; else sleep 1000; fi', together({ n_workers: 2 }));
      expect(await endOf(id)).toMatchObject({ last_status: 'failed', exit_code: 3 });
      expect((await statuses(platform, id)).map(({ message }) => message)).toContainEqual(expect.stringContaining('worker-0: exited with code 3'));
    }, 180_000);

    it('is several processes that say which of them has no room, and begin when there is', async () => {
      const node = ['label', 'node', '127.0.0.1'];
      const ports = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { ring: 'two' } }, topologyKey: 'room' }] } };
      await cluster.kubectl([...node, 'room=one']);
      const { id } = await run(platform, 'exec sleep 1000', { build: { image: python }, environment: { labels: { ring: 'two' }, affinity: ports, replicas: { n_workers: 1 } } });
      const isHeld = (message: string | null): boolean => /(master|worker-0): .*the others wait for it/.test(message ?? '');
      await until('one waits', async () => ((await statuses(platform, id)).some(({ status, message }) => status === 'unschedulable' && isHeld(message)) ? true : null), 90_000);
      await cluster.kubectl([...node, 'room-']);
      await platform.status(id, 'running');
      expect((await stop(platform, id)).last_status).toBe('stopped');
    }, 240_000);

    withOperators('where an operator starts and ends several processes', () => {
      const stopping: (() => Promise<void>)[] = [];
      beforeAll(async () => {
        for (const name of ['jobset', 'trainer'] as const) {
          const operator = await startOperator(cluster, name);
          stopping.push(() => operator.stop());
        }
      }, 180_000);
      afterAll(() => Promise.all(stopping.map((one) => one())), 60_000);
      const leftOf = async (id: number) => {
        const names = await cluster.kubectl(['-n', namespace, 'get', 'trainjobs,trainingruntimes,jobsets,jobs,pods,secrets,services', '-o', 'name']);
        return names.split('\n').filter((name) => name.includes(`/run-${id}-`));
      };

      describe.each(['jobset', 'trainjob'])('as a %s', (replicas) => {
        let own: Platform;
        beforeAll(async () => {
          own = await platformOn(cluster, { ...onStore(`of/${replicas}`), POLYAXON_KUBERNETES_REPLICAS: replicas });
        }, 240_000);
        afterAll(() => own.remove(), 60_000);

        it('they find each other, print for themselves, and succeed together though one never ends', async () => {
          const { id } = await run(own, `${tells}; exec python3 -c "$MEETING"`, together({ n_workers: 2, n_ps: 1 }, [['MEETING', meeting]]));
          const done = await endOf(id, own);
          expect([done.last_status, done.exit_code]).toEqual(['succeeded', 0]);
          const lines = own.log(done).trim().split('\n').sort();
          const asks = `asks run-${id}-1-master-0-0.run-${id}-1`;
          const all = [['master', `rank 0 of 3 is master, ${asks}`], ['ps-0', `rank  of 3 is ps, ${asks}`], ['worker-0', `rank 1 of 3 is worker, ${asks}`], ['worker-1', `rank 2 of 3 is worker, ${asks}`]] as const;
          const printed = all.flatMap(([name, first]) => [first, 'agreed with 3 of 3', ...(name === 'ps-0' ? [] : ['the sum is 6'])].map((line) => `[${name}] ${line}`));
          expect(lines.map((line) => line.replace(/, \{.*/, ''))).toEqual(printed.sort());
          expect(lines.find((line) => line.startsWith('[worker-1] rank'))).toContain('"task":{"type":"worker","index":1}');
          expect(await Promise.all(['master0', 'worker1'].map((path) => file(own, done, path)))).toEqual(['0\n', null]);
        }, 240_000);

        it('all end when one of them fails, with its exit code', async () => {
          const { id } = await run(own, 'if [ "$RANK" = 1 ]; then sleep 2; exit 3; else sleep 1000; fi', together({ n_workers: 1 }));
          expect(await endOf(id, own)).toMatchObject({ last_status: 'failed', exit_code: 3 });
        }, 240_000);

        it('all end when it is stopped, and nothing is left of them', async () => {
          const { id } = await run(own, 'sleep 1000', together({ n_workers: 1 }));
          await until('it runs', async () => ((await own.experiment(id)).last_status === 'running' ? true : null), 150_000);
          expect((await stop(own, id)).last_status).toBe('stopped');
          await until('nothing is left', async () => (await leftOf(id)).length === 0, 60_000);
        }, 240_000);
      });
    });

    it('leaves nothing behind in the cluster', async () => {
      await until('nothing is left', async () => ((await jobs()).trim() === '' ? true : null), 60_000);
    }, 90_000);
  }, ['versitygw']);

  describe('with its outputs on a volume', () => {
    let platform: Platform;
    beforeAll(async () => {
      platform = await platformOn(cluster, { POLYAXON_KUBERNETES_OUTPUTS: 'claim:outputs' });
      await cluster.kubectl(['create', '-f', '-'], volumeOf('outputs', platform.outputs('')));
    }, 240_000);
    afterAll(() => platform.remove(), 60_000);
    story(() => platform, python);

    it('takes its place only when the one before has left it', async () => {
      const first = await run(platform, command, spec(100_000, python));
      await stepsInStore(platform, first, 2);
      const asked = await stop(platform, first.id);
      const [one, other] = await Promise.all([0, 1].map(() => platform.api('POST', `${project}/experiments/${asked.id}/resume`, { content: JSON.stringify({ params: { steps: 2 } }) })));
      expect([one!.status, other!.status].sort()).toEqual([201, 409]);
      const resumed = await platform.done((one!.status === 201 ? one! : other!).body.id as number);
      expect([resumed.last_status, startOf(platform.log(resumed))]).toEqual(['succeeded', (await latest(platform, asked)) - 2]);
      await expect(clone(platform, 'resume', resumed.id, { params: { steps: 1 } })).resolves.toBeDefined();
    }, 120_000);
  });
});

const tells = 'echo "rank $RANK of $WORLD_SIZE is $POLYAXON_ROLE, asks $MASTER_ADDR, $TF_CONFIG"; echo "$RANK" > "$POLYAXON_RUN_OUTPUTS_PATH/$POLYAXON_ROLE$RANK"';
/** As every run of these tests, of several processes. */
function together(replicas: object, variables: readonly (readonly [string, string])[] = []): object {
  return { build: { image: python, env_vars: variables }, environment: { grace_period_seconds: 2, replicas } };
}

/** An administrator's, by hand: a folder of this machine, with a claim of that name. */
function volumeOf(name: string, path: string): object {
  const size = { storage: '1Gi' };
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: { capacity: size, accessModes: ['ReadWriteMany'], storageClassName: '', hostPath: { path }, persistentVolumeReclaimPolicy: 'Retain' },
  };
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace },
    spec: { accessModes: ['ReadWriteMany'], storageClassName: '', volumeName: name, resources: { requests: size } },
  };
  return { apiVersion: 'v1', kind: 'List', items: [volume, claim] };
}
