// Is a wrong setting of the S3 store named, without the service going down, and is there nothing to do but to set it right?
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { register } from 'prom-client';
import type { CopyProgressBody, Event } from '#contracts';
import { internalTokenHeader, readConfiguration, startService } from '#service-host';
import { aTime, copyRequested, created, faultyProxy, openTestStore, until, withS3, type S3Store, type TestStore } from '#testing';
import { variables, type Configuration } from './configuration.ts';
import { OutputsStores } from './outputs-stores.ts';
import { storageManager } from './storage-manager.module.ts';

const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
afterAll(() => rmSync(folder, { recursive: true }));

withS3('outputs', (open) => {
  let store: S3Store;
  let database: TestStore;
  beforeAll(async () => {
    [store, database] = [await open(), await openTestStore()];
  });
  afterAll(async () => {
    await store.stop();
    await database.close();
  });

  function configured(given: Record<string, string> = {}): Configuration {
    const { endpoint, credentials } = store.settings;
    return readConfiguration(variables, {
      POLYAXON_DATABASE_URL: database.url, POLYAXON_INTERNAL_TOKEN: 'token', POLYAXON_LOG_LEVEL: 'fatal', POLYAXON_OUTPUTS_ROOT: folder, POLYAXON_OUTPUTS_STORE: 's3://runs/outputs',
      POLYAXON_S3_ENDPOINT: endpoint, POLYAXON_S3_ACCESS_KEY: credentials.accessKey, POLYAXON_S3_SECRET_KEY: credentials.secretKey, ...given,
    });
  }
  const problemWith = async (given: Record<string, string>): Promise<string | undefined> => (await OutputsStores.open(configured(given))).problem();

  it('may be kept there', async () => expect(await problemWith({})).toBeUndefined());

  it('may be told the credentials by files', async () => {
    const [access, secret] = [join(folder, 'access'), join(folder, 'secret')];
    writeFileSync(access, `${store.settings.credentials.accessKey}\n`);
    writeFileSync(secret, `${store.settings.credentials.secretKey}\n`);
    const files = { POLYAXON_S3_ACCESS_KEY: '', POLYAXON_S3_SECRET_KEY: '', POLYAXON_S3_ACCESS_KEY_FILE: access, POLYAXON_S3_SECRET_KEY_FILE: secret };
    expect(await problemWith(files)).toBeUndefined();
    await expect(problemWith({ ...files, POLYAXON_S3_SECRET_KEY_FILE: '' })).rejects.toThrow('POLYAXON_S3_SECRET_KEY is not set');
  });

  it.each([
    ['the endpoint', { POLYAXON_S3_ENDPOINT: 'http://127.0.0.1:1' }, 'POLYAXON_S3_ENDPOINT'],
    ['the access key', { POLYAXON_S3_ACCESS_KEY: 'nobody' }, 'POLYAXON_S3_ACCESS_KEY'],
    ['the secret key', { POLYAXON_S3_SECRET_KEY: 'guessed-guessed' }, 'POLYAXON_S3_SECRET_KEY'],
    ['the bucket', { POLYAXON_OUTPUTS_STORE: 's3://elsewhere/outputs' }, 'POLYAXON_OUTPUTS_STORE'],
  ])('cannot be used when %s is wrong, which is named, also to whoever wants to submit', async (_, given, named) => {
    expect(await problemWith(given)).toContain(named);
    expect((await (await OutputsStores.open(configured(given))).state('default')).problem?.setting).toContain(named);
  });

  it('are no reason to refuse anything while the store only asks for patience', async () => {
    const proxy = await faultyProxy(store.settings.endpoint, () => 'busy');
    const stores = await OutputsStores.open(configured({ POLYAXON_S3_ENDPOINT: proxy.endpoint }));
    expect(await stores.problem()).toContain('is busy');
    expect((await stores.state('default')).problem).toBeNull();
    await proxy.stop();
  });

  it('are copied no further when the experiment is stopped, which is seen while it goes on, and leave neither an object nor an upload', async () => {
    const [source, target] = ['mona/mnist/experiments/23', 'mona/mnist/experiments/32'];
    let isHeld = false; // from the tenth object on, and in the large one
    let copies = 0;
    const proxy = await faultyProxy(store.settings.endpoint, ({ method, url, headers }) => {
      if (method !== 'PUT' || headers['x-amz-copy-source'] === undefined) return 'pass';
      isHeld ||= (copies += 1) > 10;
      return isHeld || url!.includes('partNumber=2') ? 'busy' : 'pass';
    });
    const configuration = configured({ POLYAXON_S3_ENDPOINT: proxy.endpoint, POLYAXON_OUTPUTS_STORE: 's3://runs/stopped' });
    const tree = await (await OutputsStores.open(configured({ POLYAXON_OUTPUTS_STORE: 's3://runs/stopped' }))).of();
    await tree.write(`${source}/model`, Buffer.alloc(65 * 1024 * 1024, 'weights'));
    for (let file = 0; file < 30; file += 1) await tree.write(`${source}/shard-${file}`, Buffer.from(`shard ${file}`));
    register.clear();
    const service = await startService('storage-manager', { databaseUrl: database.url, host: '127.0.0.1', port: 0, logLevel: 'fatal' }, (foundation) => storageManager(configuration, foundation));
    const get = (path: string) => fetch(`http://127.0.0.1:${service.port}/${path}`, { headers: { [internalTokenHeader]: 'token' } });
    try {
      await database.store.append('experiment-32', -1, [copyRequested(32, { sourceExperimentId: 23, sourceOriginalExperimentId: 23, sourceOutputsPath: source })], { actor: 'test' });
      const seen = await until('some of it is copied', async () => {
        const answer = await get('internal/outputs/copy_progress?experimentId=32');
        const progress = answer.status === 200 ? ((await answer.json()) as CopyProgressBody) : null;
        return progress && progress.files_done > 0 && isHeld ? progress : null;
      });
      expect([seen.files, seen.bytes > 65 * 1024 * 1024, seen.bytes_done < seen.bytes]).toEqual([31, true, true]);
      const stop = { type: 'ExperimentStopRequested' as const, data: { experimentId: 32, requestedBy: 'mona', requestedAt: aTime } };
      await database.store.append('experiment-32', 0, [stop], { actor: 'test' });
      const outcome = await until('it is told', async () => (await database.store.load('outputs-32')).find(({ type }) => type !== 'OutputsCopyStarted'), 40_000);
      expect([outcome.type, outcome.data]).toEqual(['OutputsCopyFailed', expect.objectContaining({ reason: 'cancelled' })]);
      const left: string[] = [];
      for await (const { name } of store.client.listObjectsV2('runs', 'stopped/', true)) if (!(name as string).startsWith(`stopped/${source}/`)) left.push(name as string);
      for (const below of ['', `stopped/${target}/model`]) for await (const { key } of store.client.listIncompleteUploads('runs', below, true)) left.push(key as string);
      expect(left).toEqual([]);
    } finally {
      await service.stop();
      await proxy.stop();
    }
  });

  it('make the service ready as soon as what was wrong is right, and are prepared and copied there', async () => {
    const configuration = configured({ POLYAXON_OUTPUTS_STORE: 's3://later/outputs' });
    register.clear(); // a process is one service, but for this
    const service = await startService('storage-manager', { databaseUrl: database.url, host: '127.0.0.1', port: 0, logLevel: 'fatal' }, (foundation) => storageManager(configuration, foundation));
    const get = (path: string) => fetch(`http://127.0.0.1:${service.port}/${path}`, { headers: { [internalTokenHeader]: 'token' } });
    const say = (id: number, event: Event) => database.store.append(`experiment-${id}`, -1, [event], { actor: 'test' });
    const hear = (type: Event['type'], id: number) =>
      until(`${type} of ${id}`, async () => (await database.store.load(`outputs-${id}`)).find((event) => event.type === type)?.data as object | undefined, 40_000);
    try {
      const unready = await get('ready');
      expect([unready.status, await unready.text()]).toEqual([503, expect.stringContaining('POLYAXON_OUTPUTS_STORE')]);
      expect(await (await get('internal/outputs/store?name=default')).json()).toEqual({ known: ['default'], problem: { message: expect.stringContaining('"later"') as string, setting: 'POLYAXON_OUTPUTS_STORE' } });
      await store.client.makeBucket('later');
      expect((await get('ready')).status).toBe(200);

      const [source, target] = ['mona/mnist/experiments/23', 'mona/mnist/experiments/31'];
      await say(23, created(23));
      await hear('OutputsPrepared', 23);
      const tree = await (await OutputsStores.open(configuration)).of();
      await tree.write(`${source}/checkpoint.json`, Buffer.from('{"step": 3}'));
      await say(31, copyRequested(31, { sourceExperimentId: 23, sourceOriginalExperimentId: 23, sourceOutputsPath: source }));
      expect(await hear('OutputsCopied', 31)).toMatchObject({ outputsPath: target, files: 1, sizeBytes: 11 });
      expect(await (await get(`internal/outputs/file?path=${target}&file=checkpoint.json`)).text()).toBe('{"step": 3}');
    } finally {
      await service.stop();
    }
  });
});

it('a store that is not named as a bucket is refused at the start', () => {
  expect(() => readConfiguration({ POLYAXON_OUTPUTS_STORE: variables.POLYAXON_OUTPUTS_STORE }, { POLYAXON_OUTPUTS_STORE: 'https://x' })).toThrow('POLYAXON_OUTPUTS_STORE');
});
