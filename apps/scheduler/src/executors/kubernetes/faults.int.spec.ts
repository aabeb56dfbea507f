// What is lost, doubled or left behind when schedulers, API servers and networks fail in the middle of things? KUBERNETES_FAULTS=full: at full size.
import { alone } from '#event-store';
import { openLog } from '#service-host';
import { Random, until, withCluster, type Cluster } from '#testing';
import { isLaunched, type AttemptSpec } from '../executor.ts';
import { specOf } from '../executor-contract.ts';
import { ClusterFixture, epochOf, labelNames, statuses, type Opened } from './cluster-fixture.ts';
import { cuttableWay } from './cut.ts';
import { attemptLabels, managedBy } from './objects/names.ts';
import { Orphans } from './orphans.ts';

const isFull = process.env.KUBERNETES_FAULTS === 'full';
const size = isFull ? { attempts: 1000, kills: 100, injected: 50, restarts: 20, cuts: 100, resumes: 500 } : { attempts: 80, kills: 8, injected: 15, restarts: 2, cuts: 10, resumes: 15 };
const atOnce = 8;
const longMs = isFull ? 3_600_000 : 240_000;

withCluster('api', 'faults around an API server', (open) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await open();
  }, 120_000);
  afterAll(() => cluster.stop(), 60_000);

  const random = new Random(Number(process.env.KUBERNETES_SEED ?? 1));
  const silent = openLog('test', 'silent');
  const tell = (line: string) => process.stderr.write(`${line}\n`);

  it(`${size.attempts} attempts, the scheduler killed ${size.kills} times between making a Job and writing it down: as many Jobs as attempts`, async () => {
    const fixture = await ClusterFixture.make(cluster);
    const waiting = Array.from({ length: size.attempts }, (_, n) => specOf(n + 1, 'true'));
    const uids = new Map<string, string>();
    const recorded = new Set<number>();
    let kills = 0;
    while (recorded.size < size.attempts) {
      const life = await fixture.open();
      let isAlive = true;
      let die: () => void = () => undefined;
      const death = new Promise<void>((done) => (die = done));
      let untilKill = kills < size.kills ? 1 + random.below(Math.max(1, Math.floor(size.attempts / size.kills) - atOnce + 1)) : Infinity; // each life also leaves what is under way
      const create = life.cluster.create.bind(life.cluster);
      life.cluster.create = (async (kind: 'Job', body: never) => {
        const made = await create(kind, body);
        if (kind === 'Job' && isAlive && --untilKill <= 0) {
          isAlive = false; // it is there, and whoever made it will never say so
          kills += 1;
          die();
        }
        return isAlive ? made : new Promise(() => undefined);
      }) as typeof life.cluster.create;
      const todo = waiting.filter(({ experimentId }) => !recorded.has(experimentId));
      const lane = async (): Promise<void> => {
        for (let spec = todo.shift(); spec && isAlive; spec = todo.shift()) {
          await Promise.race([life.executor.launch(spec), death]);
          if (isAlive) recorded.add(spec.experimentId);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, lane));
      for (const { metadata } of await fixture.jobs()) {
        const { name = '', uid = '' } = metadata ?? {};
        expect(uids.get(name) ?? uid).toBe(uid); // none was removed and made again
        uids.set(name, uid);
      }
      await life.close();
    }
    expect(kills).toBe(size.kills);
    expect(uids.size).toBe(size.attempts);
    expect(await fixture.names('secrets')).toHaveLength(size.attempts);
    tell(`${size.attempts} attempts, ${kills} kills: ${uids.size} Jobs`);
    await fixture.close();
  }, longMs);

  it(`${size.injected} foreign and orphaned objects: removed, adopted, or left as they are, within 30 s`, async () => {
    const fixture = await ClusterFixture.make(cluster);
    const opened = await fixture.open();
    const { platformId } = fixture.settings;
    const job = (name: string, labels: Record<string, string>) => ({ metadata: { name, labels }, spec: { suspend: true, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } } });
    const third = Math.ceil(size.injected / 3);
    const live = Array.from({ length: third }, (_, n) => specOf(n + 1, 'true'));
    for (const spec of live) await opened.executor.launch(spec);
    for (let n = 0; n < third; n += 1) {
      const id = { experimentId: 1000 + n, attempt: 1 };
      if (n % 3 === 0) await opened.cluster.create('Secret', { metadata: { name: `left-${n}`, labels: attemptLabels(platformId, id, 1) } });
      else await opened.cluster.create('Job', job(`run-${id.experimentId}-1`, attemptLabels(platformId, id, 1)));
      await opened.cluster.create('Job', job(n % 2 === 0 ? `theirs-${n}` : `run-${2000 + n}-1`, n % 3 === 0 ? {} : attemptLabels('another', { experimentId: 2000 + n, attempt: 1 }, 1)));
    }
    const theirs = async () => JSON.stringify((await opened.cluster.list('Job', `${labelNames.platform}!=${platformId}`)).items);
    const before = await theirs();
    const begunAt = performance.now();
    const orphans = new Orphans({ objects: opened.objects, platform: platformId, known: async () => new Set(live.map(epochOf)), standing: alone, log: silent, everyMs: 5000 });
    orphans.start();
    const ours = async () => [...(await fixture.jobs()), ...(await opened.cluster.list('Secret', `${labelNames.managedBy}=${managedBy}`, { onlyMetadata: true })).items].map(({ metadata }) => metadata?.name).sort();
    const expected = live.flatMap(({ experimentId }) => [`run-${experimentId}-1`, `run-${experimentId}-1`]).sort();
    await until('the orphans are gone', async () => JSON.stringify(await ours()) === JSON.stringify(expected), 30_000);
    const tookMs = performance.now() - begunAt;
    expect(await theirs()).toBe(before);
    for (const spec of live) expect(await opened.executor.launch(spec)).toMatchObject({ isPending: true });
    await expect(opened.executor.launch(specOf(2001, 'true'))).rejects.toMatchObject({ name: 'LaunchFailed' });
    tell(`${3 * third} objects of three kinds: ${third} orphans gone after ${(tookMs / 1000).toFixed(1)} s, ${third} adopted, ${third} of others as they were`);
    await orphans.stop();
    await fixture.close();
  }, longMs);

  it(`the API server restarted ${size.restarts} times, the watches cut ${size.cuts} times, the history forgotten: what is known equals a fresh list`, async () => {
    const fixture = await ClusterFixture.make(cluster);
    const direct = await fixture.open();
    const way = await cuttableWay(Number(new URL(cluster.control.url).port));
    const watching = await fixture.open({ server: `https://127.0.0.1:${way.port}`, relistMs: 3_600_000 });
    const pods = new Map<AttemptSpec, string>();
    let next = 1;
    const patiently = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => until('the API server answers', async () => ({ answer: await work() }), 60_000).then(({ answer }) => answer);
    const step = async (): Promise<void> => {
      const spec = specOf(next++, 'true');
      await patiently(async () => {
        await direct.executor.launch(spec);
        if (!(await direct.cluster.get('Job', `run-${spec.experimentId}-1`))) throw new Error('it is not there yet');
      });
      pods.set(spec, await patiently(() => fixture.makePod(direct, spec, statuses.running)));
      const [first] = [...pods.keys()].filter(({ experimentId }) => experimentId % 3 === 0 && experimentId < spec.experimentId - 2);
      if (!first) return;
      await patiently(() => fixture.setStatus(direct.cluster, pods.get(first) ?? '', statuses.ended(first.experimentId % 5)));
      pods.delete(first);
    };
    const [perRestart, cuts] = [Math.ceil(size.cuts / size.restarts), { made: 0, sockets: 0 }];
    for (let restart = 0; restart < size.restarts; restart += 1) {
      for (let n = 0; n < perRestart && cuts.made < size.cuts; n += 1) {
        await step();
        cuts.sockets += way.cut();
        cuts.made += 1;
      }
      await cluster.control.stopApiServer(restart % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
      await cluster.control.startApiServer();
      if (restart % 2 === 0) await patiently(() => cluster.control.compact());
      await step();
    }
    const fresh = await fixture.open();
    const stateOf = ({ objects }: Opened) => [...objects.jobs.cache.all(), ...objects.pods.cache.all()].map(({ metadata }) => `${metadata?.name}@${metadata?.resourceVersion}`).sort();
    await until('it knows what a fresh list knows', () => JSON.stringify(stateOf(watching)) === JSON.stringify(stateOf(fresh)), 60_000);
    for (let experimentId = 1; experimentId < next; experimentId += 1) {
      const id = { experimentId, attempt: 1 };
      expect(await watching.executor.observe(id)).toEqual(await fresh.executor.observe(id));
    }
    tell(`${size.restarts} restarts, ${cuts.made} cuts of ${cuts.sockets} connections: ${stateOf(fresh).length} objects, all as in a fresh list`);
    way.close();
    await fixture.close();
  }, longMs);

  it(`${size.resumes} resumes asked for twice at once while the pod before is still ending: one writer`, async () => {
    const fixture = await ClusterFixture.make(cluster);
    const [one, other] = [await fixture.open(), await fixture.open()];
    const writers = async (original: number) =>
      (await one.cluster.list('Pod', `${labelNames.original}=${original},${labelNames.platform}=${fixture.settings.platformId}`)).items.filter(({ status }) => status?.phase === 'Running').length;
    let most = 0;
    const tryOne = async (round: number): Promise<void> => {
      const original = 2 * round + 1;
      const ofIt = `${labelNames.original}=${original},${labelNames.platform}=${fixture.settings.platformId}`;
      const named = async () => (await one.cluster.list('Job', ofIt)).items.map(({ metadata, spec }) => `${metadata?.name}${spec?.suspend ? ', held' : ''}`).sort();
      const [first, resumed] = [specOf(original, 'true'), specOf(original + 1, 'true', { originalExperimentId: original })];
      await one.executor.launch(first);
      const pod = await fixture.makePod(one, first, statuses.running);
      await until('it runs', async () => isLaunched(await one.executor.launch(first)));
      await one.executor.stop(first, 30);
      const gate = ({ executor }: Opened) => until('the first is over', async () => (await executor.observe(first)).state === 'ended', 30_000);
      const resume = async (by: Opened): Promise<void> => {
        await gate(by);
        most = Math.max(most, (await writers(original)) + 1); // who is launched now would write beside them
        await by.executor.launch(resumed);
      };
      const both = Promise.all([resume(one), resume(other)]);
      expect(await one.executor.observe(first)).toEqual({ state: 'running' });
      expect(await named()).toEqual([`run-${original}-1, held`]);
      await fixture.setStatus(one.cluster, pod, statuses.ended(143));
      await both;
      expect((await named()).filter((job) => !job.endsWith('held'))).toEqual([`run-${original + 1}-1`]);
      for (const spec of [first, resumed]) await one.executor.forget(spec);
    };
    const rounds = Array.from({ length: size.resumes }, (_, round) => round);
    const begunAt = performance.now();
    const lane = async (): Promise<void> => {
      for (let round = rounds.shift(); round !== undefined; round = rounds.shift()) await tryOne(round);
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    expect(most).toBe(1);
    tell(`${size.resumes} resumes, each by two at once, in ${((performance.now() - begunAt) / 1000).toFixed(0)} s: one writer each time`);
    await fixture.close();
  }, longMs);
});
