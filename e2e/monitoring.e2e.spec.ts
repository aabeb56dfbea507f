// Does a real Prometheus that asks the real services see what goes wrong, and that it is over?
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { ExperimentBody } from '#contracts';
import { catalogue, metricPrefix, services, toldAtStart, type Metric } from '#service-host';
import { faultyProxy, hasKafka, hasPrometheus, until, withS3, type Fate, type FaultyProxy, type S3Store } from '#testing';
import { alerts } from '../tools/monitoring/alerts.ts';
import { dashboards } from '../tools/monitoring/dashboards.ts';
import { fast } from '../tools/monitoring/profile.ts';
import { alertsFile, anywhere, rulesFile, scrapeFile } from '../tools/monitoring/prometheus.ts';
import { programOf } from '../tools/stack/prometheus/provide.ts';
import { startPrometheus, type FiringAlert, type Prometheus } from '../tools/stack/prometheus/start.ts';
import { ask, clone, project, run, saveAndEnd, stop, untilStopped, written } from './asking.ts';
import { Platform } from './platform.ts';

type Service = (typeof services)[number];

/** Two checkpoints, the older one first. */
const save = (then: string) => `cd $POLYAXON_RUN_OUTPUTS_PATH; mkdir checkpoints; for n in 1 2; do echo "{\\"step\\": $n}" > checkpoints/step-$n.json; sleep 0.05; done; ${then}`;
/** A program that cuts off what it has printed, once that was read. */
const cutting = 'echo what is printed first is longer than what comes after; until [ -e $POLYAXON_RUN_OUTPUTS_PATH/cut ]; do sleep 0.05; done; : > /proc/self/fd/1; echo after';
const withinMs = 45_000;

const all = hasPrometheus() && hasKafka('4.2.0');
if (all)
  withS3('the platform, watched', (open) => {
    const shelf = mkdtempSync(join(tmpdir(), 'polyaxon-watched-'));
    const small = join(shelf, 'small');
    let store: S3Store;
    let proxy: FaultyProxy;
    /** Nothing is written to the far store as long as it is shut. */
    let gate = Promise.resolve();
    let platform: Platform;
    let prometheus: Prometheus;
    let ports: Record<Service, number>;
    const mount = () => spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', small]).status === 0;
    const unmount = () => spawnSync('umount', [small]).status === 0;
    mkdirSync(small);
    const canMount = mount() && unmount();

    beforeAll(async () => {
      if (canMount) mount();
      store = await open();
      proxy = await faultyProxy(store.settings.endpoint, async ({ method }): Promise<Fate> => {
        if (method === 'PUT' || method === 'POST') await gate;
        return 'pass';
      });
      const { accessKey, secretKey } = store.settings.credentials;
      writeFileSync(join(shelf, 'access'), accessKey);
      writeFileSync(join(shelf, 'secret'), secretKey);
      const far = { url: 's3://runs/outputs', endpoint: proxy.endpoint, access_key_file: join(shelf, 'access'), secret_key_file: join(shelf, 'secret') };
      writeFileSync(join(shelf, 'stores.json'), JSON.stringify({ small: { url: small }, far }));
      platform = await Platform.start({ POLYAXON_BUS: 'kafka', POLYAXON_STORES_FILE: join(shelf, 'stores.json'), POLYAXON_GRACE_PERIOD_SECONDS: '2', POLYAXON_MAX_CONCURRENT_RUNS: '8', POLYAXON_MAX_PREEMPTIONS: '0' });
      ({ ports } = JSON.parse(readFileSync(join(platform.home, 'platform.json'), 'utf8')) as { ports: Record<Service, number> });
      const targets = Object.fromEntries(services.map((service) => [service, [`127.0.0.1:${ports[service]}`]]));
      prometheus = await startPrometheus(shelf, {
        'prometheus.yaml': scrapeFile(targets, 1), 'rules.yaml': rulesFile(fast, 1), 'alerts.yaml': alertsFile(alerts, fast, anywhere, 1),
      });
      await platform.api('POST', 'projects', { name: 'verbs' });
    }, 300_000);
    afterAll(async () => {
      await prometheus?.stop();
      await platform?.remove();
      await proxy?.stop();
      await store?.stop();
      if (canMount) unmount();
      rmSync(shelf, { recursive: true, force: true });
    }, 60_000);

    const firing = async (): Promise<FiringAlert[]> => (await prometheus.alerts()).filter(({ state }) => state === 'firing');
    const named = (name: string, found: readonly FiringAlert[]) => found.filter(({ labels }) => labels.alertname === name);
    const fires = (name: string, labels: Readonly<Record<string, string>> = {}) =>
      until(`${name} fires`, async () => named(name, await firing()).find((one) => Object.entries(labels).every(([label, value]) => one.labels[label] === value)), withinMs);
    const metricsOf = async (service: Service) => (await fetch(`http://127.0.0.1:${ports[service]}/metrics`)).text();
    const fileOf = ({ outputs_path: path }: ExperimentBody, name: string) => join(platform.outputs(path), name);

    it('is silent while all is well', async () => {
      await until('every service was asked', async () => (await prometheus.query('count(up == 1)'))[0]?.value[1] === '4', 30_000);
      await until('nothing fires', async () => (await firing()).length === 0, withinMs);
    }, 90_000);

    let source: ExperimentBody;
    it('every question of every dashboard has an answer after a run, a stop, a resume and a copy', async () => {
      source = await run(platform, save('exec sleep 600'));
      await written(platform, source, 'checkpoints/step-2.json');
      await stop(platform, source.id);
      const resumed = await clone(platform, 'resume', source.id, { run: { cmd: 'cat $POLYAXON_CHECKPOINT_PATH' } });
      expect((await platform.done(resumed.id)).last_status).toBe('succeeded');
      const copied = await clone(platform, 'copy', source.id, { run: { cmd: 'cat $POLYAXON_CHECKPOINT_PATH' } });
      expect((await platform.done(copied.id)).last_status).toBe('succeeded');
      const asks = dashboards.flatMap(({ name, panels }) => panels.filter(({ empty }) => empty !== 'when healthy').flatMap(({ title, asks: some }) => some.map(([expr]) => ({ name, title, expr }))));
      const filledIn = (expr: string) => expr.replaceAll('$__rate_interval', '20s').replaceAll('$__range', '5m');
      await until('all of them are answered', async () => {
        const silent: string[] = [];
        for (const { name, title, expr } of asks) if ((await prometheus.query(filledIn(expr))).length === 0) silent.push(`${name}: ${title}`);
        if (silent.length > 0) throw new Error(silent.join('\n'));
        return true;
      }, 30_000);
      await until('a resume is known to have read its checkpoint', async () => Number((await prometheus.query('sum(polyaxon_resume_loads_total{result="proven"})'))[0]?.value[1]) > 0, 20_000);
      for (const { panels } of dashboards) for (const { asks: some } of panels.filter(({ empty }) => empty === 'when healthy')) for (const [expr] of some) await prometheus.query(filledIn(expr));
    }, 120_000);

    it.each(services)('%s exports what the catalogue says, nothing more and nothing less', async (service) => {
      const text = await metricsOf(service);
      const ours = text.split('\n').filter((line) => line.includes(metricPrefix)).map((line) => line.replace(/^(# \w+ )?polyaxon_/, '$1'));
      const types = Object.fromEntries(ours.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ').slice(2) as [string, string]));
      const wanted = (Object.entries(catalogue) as [string, Metric][]).filter(([, { services: some }]) => some.includes(service));
      expect(types).toEqual(Object.fromEntries(wanted.map(([name, { type }]) => [name, type])));
      for (const [name, { type, labels }] of wanted) {
        const samples = ours.filter((line) => line.replace(/_(bucket|sum|count)(?=[{ ])/, '').split(/[{ ]/)[0] === name || (type !== 'histogram' && line.split(/[{ ]/)[0] === name));
        const sets = samples.map((line) => Object.fromEntries([...(/\{(.*)\}/.exec(line)?.[1] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, label, value]) => [label, value] as [string, string])));
        for (const set of sets) expect([name, Object.keys(set).filter((label) => label !== 'le').sort()]).toEqual([name, Object.keys(labels).sort()]);
        for (const [label, values] of Object.entries(labels)) if (values !== toldAtStart) for (const set of sets) expect(values).toContain(set[label]);
        const closed = Object.values(labels).filter((values): values is readonly string[] => values !== toldAtStart);
        if (type !== 'histogram' && closed.length === Object.keys(labels).length) expect([name, samples.length]).toEqual([name, closed.reduce((product, values) => product * values.length, 1)]);
      }
      const lines = text.split('\n').filter((line) => line.includes(metricPrefix)).join('\n');
      expect(spawnSync(programOf('promtool'), ['check', 'metrics'], { input: `${lines}\n`, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    });

    it('sees what programs and their files do: work lost, a checkpoint that is damaged or ignored, output that is missing, a copy that stands still', async () => {
      const [other, talking] = [await run(platform, save('exit 3')), await run(platform, cutting)];
      await platform.done(other.id);
      truncateSync(fileOf(other, 'checkpoints/step-2.json'), 5);
      await until('what it printed first is in its log', async () => (await platform.api('GET', `${project}/experiments/${talking.id}/logs`)).text.includes('longer than'), 30_000);
      let openGate = (): void => undefined;
      gate = new Promise((done) => (openGate = done));
      const copied = await clone(platform, 'copy', source.id, { run: { cmd: 'true' }, environment: { persistence: { outputs: 'far' } } });
      await clone(platform, 'resume', other.id, { run: { cmd: 'cat $POLYAXON_CHECKPOINT_PATH' } });
      await clone(platform, 'resume', source.id, { run: { cmd: 'sleep 1' } });
      writeFileSync(fileOf(talking, 'cut'), '');
      const [damaged] = await Promise.all([fires('CheckpointDamaged', { severity: 'ticket' }), fires('ResumeWithoutLoad', { severity: 'page' }), fires('LostWorkHigh'), fires('LogGaps'), fires('CopyStalled')]);
      expect(damaged.annotations).toMatchObject({ runbook_url: `${anywhere.runbooks}/CheckpointDamaged.md`, description: expect.stringMatching(/^[\d.]+ checkpoints that a run was to go on from/) as string });
      openGate();
      await platform.done(copied.id);
    }, 180_000);

    it('sees that events do not flow: a transaction is left open', async () => {
      const ending = await run(platform, untilStopped);
      await written(platform, ending, 'model');
      const { databaseUrl } = JSON.parse(readFileSync(join(platform.home, 'platform.json'), 'utf8')) as { databaseUrl: string };
      const session = new pg.Client({ connectionString: databaseUrl });
      await session.connect();
      try {
        await session.query('BEGIN');
        await session.query('SELECT pg_current_xact_id()');
        await run(platform, saveAndEnd);
        process.kill(Number(readFileSync(join(platform.home, 'runs', `${ending.id}-1`, 'claim'), 'utf8')), 'SIGKILL'); // the scheduler tells its end, and nobody hears it
        await Promise.all([fires('StoreHorizonHeld'), fires('RelayStalled'), fires('ConsumerBehind', { severity: 'page' }), fires('ViewStale')]);
      } finally {
        await session.query('ROLLBACK');
        await session.end();
      }
      await platform.done(ending.id);
    }, 180_000);

    it('sees an event that nobody can handle, and an instance that was replaced', async () => {
      const id = randomUUID();
      await platform.rows(
        `INSERT INTO event_store.messages (id, stream_name, position, category, type, data, metadata)
         VALUES ($1, 'experiment-900000', 0, 'experiment', 'ExperimentCreated', '{"experimentId": "many"}', '{"actor": "x", "correlationId": "y", "schemaVersion": 1}')`,
        [id],
      );
      const taken = `UPDATE event_store.leases SET epoch = epoch + $1 WHERE name = 'scheduler: runs'`;
      await platform.rows(taken, [1]);
      const waiting = await run(platform, saveAndEnd);
      await Promise.all([fires('FencedWrites', { job: 'scheduler' }), fires('DeadLetters', { group: 'scheduler' }), fires('DeadLetters', { group: 'storage-manager' })]);
      await platform.rows(taken, [-1]);
      await platform.rows('DELETE FROM event_store.dead_letters WHERE message_id = $1', [id]);
      expect((await platform.done(waiting.id)).last_status).toBe('succeeded');
    }, 180_000);

    it('sees a service that stands still, what waits for it, and requests that fail', async () => {
      const pid = platform.pids('storage-manager')[0]!;
      await platform.rows('ALTER TABLE api_gateway.bookmarks RENAME TO bookmarks_gone');
      process.kill(pid, 'SIGSTOP');
      const enough = new AbortController();
      const statuses = new Set<number>();
      const asking = again(enough.signal, 100, async () => void statuses.add((await platform.api('GET', 'bookmarks/root/projects')).status));
      try {
        const waiting = await run(platform, saveAndEnd);
        const failing = Promise.all([fires('GatewayBudgetFastBurn', { severity: 'page' }), fires('GatewayBudgetSlowBurn')]).finally(() => enough.abort());
        await Promise.all([failing, fires('TargetMissing', { job: 'storage-manager' }), fires('RunsStuck', { reason: 'outputs' })]);
        expect([...statuses]).toEqual([500]);
        process.kill(pid, 'SIGCONT');
        expect((await platform.done(waiting.id)).last_status).toBe('succeeded');
      } finally {
        process.kill(pid, 'SIGCONT');
        enough.abort();
        await asking;
        await platform.rows('ALTER TABLE api_gateway.bookmarks_gone RENAME TO bookmarks');
      }
    }, 240_000);

    (canMount ? it : it.skip)(`sees a disk that is filled${canMount ? '' : ' (only root can mount a small one)'}`, async () => {
      const enough = new AbortController();
      // Nearly all at once, and then a little each time: it is the pace that is looked at.
      let kilobytes = 14_400;
      const filling = again(enough.signal, 500, async () => {
        appendFileSync(join(small, 'filled'), Buffer.alloc(kilobytes * 1024));
        kilobytes = 10;
      });
      await fires('StorageFullSoon', { store: 'small' }).finally(() => enough.abort());
      await filling;
      truncateSync(join(small, 'filled'), 0);
    }, 120_000);

    it('is silent again', async () => {
      await until('nothing fires', async () => (await firing()).length === 0, withinMs);
      expect((await ask(platform, 'restart', source.id)).status).toBe(201);
    }, 60_000);
  }, ['versitygw']);

/** Until it is enough; the next one no sooner than after the pause. */
async function again(enough: AbortSignal, pauseMs: number, work: () => Promise<unknown>): Promise<void> {
  while (!enough.aborted) await Promise.all([work(), new Promise((done) => setTimeout(done, pauseMs))]);
}
