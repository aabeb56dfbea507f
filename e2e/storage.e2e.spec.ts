// Does everything that users do work the same when their outputs live on an S3 store, and does nothing get lost there?
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until, withS3, type S3Store } from '#testing';
import { clone, project, run, statuses, stop } from './asking.ts';
import { Platform, processes } from './platform.ts';
import { command, latest, spec, startOf, stepsInStore, story } from './stored-training.ts';

const carriersOf = ({ home }: Platform) => processes().filter(({ command: line, environment }) => line.includes('apps/carrier/src/main.js') && environment.includes(home));

const told = { POLYAXON_CARRY_LAG_SECONDS: '1', POLYAXON_GRACE_PERIOD_SECONDS: '5', POLYAXON_MAX_CONCURRENT_RUNS: '4' };

withS3('the platform on a store of its user', (open) => {
  let store: S3Store;
  let platform: Platform;
  beforeAll(async () => {
    store = await open();
    const { endpoint, credentials } = store.settings;
    const s3 = { POLYAXON_OUTPUTS_STORE: 's3://runs/some/prefix', POLYAXON_S3_ENDPOINT: endpoint, POLYAXON_S3_ACCESS_KEY: credentials.accessKey, POLYAXON_S3_SECRET_KEY: credentials.secretKey };
    platform = await Platform.start({ ...s3, ...told });
    await platform.api('POST', 'projects', { name: 'verbs' });
  }, 240_000);
  afterAll(async () => {
    await platform.remove();
    await store.stop();
  }, 60_000);
  story(() => platform);
}, ['minio']);

withS3('the platform with --storage s3', () => {
  let platform: Platform;
  const shelf = mkdtempSync(join(tmpdir(), 'shelf-'));
  beforeAll(async () => {
    mkdirSync(join(shelf, 'outputs'));
    writeFileSync(join(shelf, 'stores.yml'), `shelf: {url: ${join(shelf, 'outputs')}}\n`);
    platform = await Platform.start({ POLYAXON_STORAGE: 's3', POLYAXON_STORES_FILE: join(shelf, 'stores.yml'), ...told });
    await platform.api('POST', 'projects', { name: 'verbs' });
  }, 240_000);
  afterAll(async () => {
    await platform.remove();
    rmSync(shelf, { recursive: true });
  }, 60_000);
  story(() => platform);

  it('keeps outputs in the store that is named, copies them to another and reads them there, and logs in the store', async () => {
    const named = { environment: { persistence: { outputs: 'shelf' } } };
    const first = await run(platform, command, { ...spec(2), ...named });
    expect((await platform.done(first.id)).last_status).toBe('succeeded');
    expect(readFileSync(join(shelf, 'outputs', first.outputs_path, 'latest'), 'utf8')).toBe('2');
    expect(await latest(platform, first)).toBe(2);
    const resumed = await clone(platform, 'resume', first.id, { params: { steps: 1 } });
    expect((await platform.done(resumed.id)).last_status).toBe('succeeded');
    const copied = await clone(platform, 'copy', first.id, { params: { steps: 1 }, environment: { persistence: { outputs: 'default' } } });
    expect((await platform.done(copied.id)).last_status).toBe('succeeded');
    expect([startOf(platform.log(resumed)), startOf(platform.log(copied)), await latest(platform, copied)]).toEqual([2, 3, 4]);
    expect(existsSync(join(shelf, 'outputs', copied.outputs_path))).toBe(false);
    const refused = await platform.api('POST', `${project}/experiments`, { content: JSON.stringify({ version: 1, kind: 'experiment', run: { cmd: 'true' }, environment: { persistence: { outputs: 'attic' } } }) });
    expect(refused.body).toMatchObject({ code: 'reference-invalid', detail: expect.stringContaining('known are default, shelf') as string });
    await until('its log is in the store alone', () => !existsSync(join(platform.home, 'logs', copied.logs_path, 'run.log')));
    expect((await platform.api('GET', `${project}/experiments/${copied.id}/logs`)).text).toContain('trained to 4');
  }, 120_000);

  it('reads the outputs of others where its polyaxonfile names them', async () => {
    const source = await run(platform, command, spec(2));
    await platform.done(source.id);
    const read = `import json, os; print(open(json.loads(os.environ['POLYAXON_REFS_OUTPUTS_PATHS'])['experiments'][0] + '/latest').read())`;
    const reader = await run(platform, `python3 -c "${read}"`, { environment: { outputs: { experiments: [source.id] } } });
    expect((await platform.done(reader.id)).last_status).toBe('succeeded');
    expect(platform.log(reader)).toContain('2\n');
  }, 60_000);

  it('gives links that are in no event and no log, and leaves nothing of outputs that are deleted', async () => {
    const source = await run(platform, command, spec(2));
    await platform.done(source.id);
    const url = (await platform.cli(platform.folder, 'experiment', '-xp', `root.verbs.${source.id}`, 'outputs', 'link', 'latest', '--expires', '5m')).out.trim();
    expect(await (await fetch(url)).text()).toBe('2');
    expect((await platform.api('DELETE', `${project}/experiments/${source.id}/outputs`)).status).toBe(202);
    await until('the outputs are gone', async () => (await platform.status(source.id, 'succeeded')).outputs_state === 'deleted');
    expect((await fetch(url)).status).toBe(404);
    const [signature = 'none'] = /X-Amz-Signature=\w+/.exec(url) ?? [];
    expect(readFileSync(join(platform.folder, 'supervisor.log'), 'utf8')).not.toContain(signature);
    expect(await platform.rows(`SELECT FROM event_store.messages WHERE data::text LIKE '%X-Amz-Signature%'`)).toEqual([]);
  }, 60_000);

  it('a run goes on by itself from its last complete state after everything was killed at once, and a resume after that', async () => {
    const live = await run(platform, command, spec(100_000));
    const before = await stepsInStore(platform, live, 3);
    const carriers = carriersOf(platform);
    expect(carriers).toHaveLength(1);
    const programs = processes().filter(({ pid, environment }) => pid !== platform.pid && environment.includes(`POLYAXON_RUN_OUTPUTS_PATH=${platform.home}`)).map(({ pid }) => pid);
    for (const pid of [...carriers.map(({ pid: one }) => one), ...programs]) process.kill(pid, 'SIGKILL');
    for (const part of ['scheduler', 'storage-manager', 'api-gateway', 'log-collector'] as const) await platform.kill(part);
    await platform.down('SIGKILL');
    await platform.up();
    const log = await until('it goes on', () => (/starts at \d+\n[^]*starts at \d+/.test(platform.log(live)) ? platform.log(live) : undefined), 120_000);
    expect(Number(/^.*starts at (\d+)/s.exec(log)?.[1])).toBeGreaterThanOrEqual(before);
    expect(await stop(platform, live.id)).toMatchObject({ last_status: 'stopped', attempt: 2 });
    expect((await statuses(platform, live.id)).map(({ message }) => message)).toContainEqual(expect.stringMatching(/^attempt 1 was taken away.* vanished .*it goes on by itself/));
    const step = await latest(platform, live);
    const resumed = await clone(platform, 'resume', live.id, { params: { steps: 1 } });
    expect((await platform.done(resumed.id)).last_status).toBe('succeeded'); // it checks what it finds
    expect(startOf(platform.log(resumed))).toBe(step);
  }, 240_000);

  it('a carrier that is killed has a successor, and one whose scheduler is killed goes on', async () => {
    const live = await run(platform, command, spec(100_000));
    await stepsInStore(platform, live, 2);
    const [first] = carriersOf(platform);
    await platform.kill('scheduler');
    await stepsInStore(platform, live, (await latest(platform, live)) + 2);
    expect(carriersOf(platform).map(({ pid }) => pid)).toEqual([first!.pid]);
    process.kill(first!.pid, 'SIGKILL');
    await until('there is another', () => carriersOf(platform).some(({ pid }) => pid !== first!.pid), 30_000);
    await stepsInStore(platform, live, (await latest(platform, live)) + 2);
    expect((await stop(platform, live.id)).last_status).toBe('stopped');
    await until('no carrier is left', () => carriersOf(platform).length === 0, 10_000);
  }, 120_000);

  it('nothing is lost when the store is killed', async () => {
    const live = await run(platform, command, spec(100_000));
    await stepsInStore(platform, live, 2);
    const [server_] = processes().filter(({ command: line, parent }) => parent === platform.pid && line.includes('versitygw'));
    process.kill(server_!.pid, 'SIGKILL');
    const step = Number(readFileSync(join(platform.home, 'working', live.outputs_path, 'latest'), 'utf8'));
    await stepsInStore(platform, live, step);
    const after = await stop(platform, live.id);
    const metrics = await fetch(`http://127.0.0.1:${(JSON.parse(readFileSync(join(platform.home, 'platform.json'), 'utf8')) as { ports: Record<string, number> }).ports.scheduler}/metrics`);
    expect(await metrics.text()).toMatch(/polyaxon_carried_bytes_total [1-9]/);
    expect(after.last_status).toBe('stopped');
  }, 120_000);
}, ['versitygw']);
