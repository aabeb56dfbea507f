// Are outputs kept in the store that their experiment names, and does one that is away hold up nobody else?
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { register } from 'prom-client';
import type { Event } from '#contracts';
import { internalTokenHeader, readConfiguration, startService, type RunningService } from '#service-host';
import { copyRequested, created, openTestStore, until, type TestStore } from '#testing';
import { variables } from './configuration.ts';
import { storageManager } from './storage-manager.module.ts';

const root = mkdtempSync(join(tmpdir(), 'several-'));
const path = (id: number): string => `mona/mnist/experiments/${id}`;
let database: TestStore;
let service: RunningService;

beforeAll(async () => {
  database = await openTestStore();
  for (const folder of ['default', 'nfs']) mkdirSync(join(root, folder));
  writeFileSync(join(root, 'key'), 'polyaxon');
  const away = { url: 's3://runs', endpoint: 'http://127.0.0.1:1', access_key_file: join(root, 'key'), secret_key_file: join(root, 'key') };
  writeFileSync(join(root, 'stores.json'), JSON.stringify({ nfs: { url: join(root, 'nfs') }, away, unmounted: { url: join(root, 'none') } }));
  const configuration = readConfiguration(variables, {
    POLYAXON_DATABASE_URL: database.url, POLYAXON_INTERNAL_TOKEN: 'token', POLYAXON_LOG_LEVEL: 'fatal', POLYAXON_OUTPUTS_ROOT: join(root, 'default'), POLYAXON_STORES_FILE: join(root, 'stores.json'),
  });
  register.clear();
  service = await startService('storage-manager', { databaseUrl: database.url, host: '127.0.0.1', port: 0, logLevel: 'fatal' }, (foundation) => storageManager(configuration, foundation));
});
afterAll(async () => {
  await service?.stop();
  await database?.close();
  rmSync(root, { recursive: true });
});

const get = (route: string) => fetch(`http://127.0.0.1:${service.port}/${route}`, { headers: { [internalTokenHeader]: 'token' } });
const say = (id: number, event: Event) => database.store.append(`experiment-${id}`, -1, [event], { actor: 'test' });
const hear = (type: Event['type'], id: number) =>
  until(`${type} of ${id}`, async () => (await database.store.load(`outputs-${id}`)).find((event) => event.type === type)?.data as { reason?: string } | undefined, 40_000);

it('names them, and each that can not be used with what to look at', async () => {
  const known = ['default', 'nfs', 'away', 'unmounted'];
  expect(await (await get('internal/outputs/store?name=nfs')).json()).toEqual({ known, problem: null });
  expect(await (await get('internal/outputs/store?name=away')).json()).toMatchObject({ known, problem: { setting: 'away: endpoint in POLYAXON_STORES_FILE' } });
  expect(await (await get('internal/outputs/store?name=attic')).json()).toEqual({ known, problem: null });
  const ready = await get('ready');
  const said = await ready.text();
  expect([ready.status, said]).toEqual([200, expect.stringContaining('outputs in the store away: the S3 store at http://127.0.0.1:1 can')]);
  expect(said).toContain('look at unmounted: url in POLYAXON_STORES_FILE');
});

it('prepares, copies between and reads them by the name in the order, however many wait for one that is away', async () => {
  for (let id = 40; id < 50; id += 1) await say(id, created(id, { outputsStore: 'away' }));
  await say(23, created(23, { outputsStore: 'nfs' }));
  await hear('OutputsPrepared', 23);
  writeFileSync(join(root, 'nfs', path(23), 'checkpoint.json'), '{"step": 3}');
  await say(31, copyRequested(31, { sourceExperimentId: 23, sourceOriginalExperimentId: 23, sourceOutputsPath: path(23), sourceOutputsStore: 'nfs' }));
  await hear('OutputsCopied', 31);
  expect(readFileSync(join(root, 'default', path(31), 'checkpoint.json'), 'utf8')).toBe('{"step": 3}');
  expect(readdirSync(join(root, 'default', 'mona/mnist/experiments')).filter((name) => !name.startsWith('.'))).toEqual(['31']);
  expect(await (await get(`internal/outputs/file?path=${path(23)}&store=nfs&file=checkpoint.json`)).text()).toBe('{"step": 3}');
  expect((await get(`internal/outputs/file?path=${path(23)}&file=checkpoint.json`)).status).toBe(404);
  expect(await (await get(`internal/outputs/difference?path=${path(23)}&store=nfs&with=${path(31)}`)).json()).toMatchObject({ same: 1, files: [] });
});

it('says of one that is no longer known what is missing', async () => {
  await say(60, created(60, { outputsStore: 'attic' }));
  expect((await hear('OutputsPrepareFailed', 60)).reason).toContain('there is no store "attic" any more; known are default, nfs');
});
