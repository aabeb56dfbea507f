// Are logs that are kept in a store all there, and read from there as from the folder they were written in?
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { internalTokenHeader, startService, type RunningService } from '#service-host';
import { openStorage, type FileTree } from '#storage';
import { faultyProxy, openTestStore, until, withS3, type FaultyProxy, type S3Store, type TestStore } from '#testing';
import { configurationOf, logsEvents, logsPathOf, PrintingRun, tellDeleted } from '../../test/printing-run.ts';
import { logCollector } from '../log-collector.module.ts';

withS3('logs', (open) => {
  let store: S3Store;
  let way: FaultyProxy;
  let isRefusing = false;
  let tree: FileTree;
  let database: TestStore;
  let folder: string;
  let service: RunningService;

  beforeAll(async () => {
    [store, database] = [await open(), await openTestStore()];
    folder = await mkdtemp(join(tmpdir(), 'polyaxon-kept-'));
    tree = await openStorage({ kind: 's3', ...store.settings, prefix: 'logs' });
    const { credentials } = store.settings;
    way = await faultyProxy(store.settings.endpoint, () => (isRefusing ? 'deny' : 'pass'));
    const told = { POLYAXON_LOGS_STORE: 's3://runs/logs', POLYAXON_S3_ENDPOINT: way.endpoint, POLYAXON_S3_ACCESS_KEY: credentials.accessKey, POLYAXON_S3_SECRET_KEY: credentials.secretKey };
    const configuration = configurationOf(database.url, folder, told);
    service = await startService('log-collector', { databaseUrl: database.url, host: '127.0.0.1', port: 0, logLevel: 'silent' }, (foundation) => logCollector(configuration, foundation, { giveUpAfterMs: 500 }));
  }, 60_000);
  afterAll(async () => {
    await service?.stop();
    await database?.close();
    await way?.stop();
    await store?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const written = (id: number): string => join(folder, 'logs', logsPathOf(id), 'run.log');
  const kept = async (id: number): Promise<string | null> => {
    const path = `${logsPathOf(id)}/run.log`;
    if (!(await tree.stat(path))) return null;
    const chunks: Buffer[] = [];
    for await (const chunk of await tree.read(path)) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  };
  const get = async (id: number, query = '') => (await fetch(`http://127.0.0.1:${service.port}/internal/logs/${id}${query}`, { headers: { [internalTokenHeader]: 'inside' } })).text();
  const archived = (id: number, attempts: number) => until('they are archived', async () => (await logsEvents(database.store, id)).length === attempts);

  it('are in the store when that is told, no longer in the folder, and read in parts, from the end and to the end', async () => {
    const run = await PrintingRun.prepare(database.store, folder, 1);
    await appendFile(run.console, 'one\ntwo\nthree\n');
    await run.tellStart();
    await until('they are read while it runs', async () => (await get(1)) === 'one\ntwo\nthree\n');
    expect(await kept(1)).toBeNull();
    await run.tellEnd();
    await archived(1, 1);
    expect(await kept(1)).toBe('one\ntwo\nthree\n');
    await until('the folder is free of it', () => !existsSync(written(1)));
    expect([await get(1), await get(1, '?offset=4&limit=4'), await get(1, '?tail=1'), await get(1, '?follow=1')]).toEqual(['one\ntwo\nthree\n', 'two\n', 'three\n', 'one\ntwo\nthree\n']);
  });

  it('of a further attempt come behind those of the first, also when the folder was lost, and go with their experiment', async () => {
    const first = await PrintingRun.prepare(database.store, folder, 2);
    await appendFile(first.console, 'first\n');
    await first.tellStart();
    await first.tellEnd('RunPreempted');
    await archived(2, 1);
    expect(await kept(2)).toBe('first\n');
    await rm(written(2));
    const second = await PrintingRun.prepare(database.store, folder, 2, 2);
    await appendFile(second.console, 'second\n');
    await second.tellStart();
    await second.tellEnd();
    await archived(2, 2);
    expect([await kept(2), await get(2), await get(2, '?attempt=2')]).toEqual(['first\nsecond\n', 'first\nsecond\n', 'second\n']);
    await tellDeleted(database.store, 2);
    await until('they are gone', async () => (await kept(2)) === null);
  });

  it('of a run that ends while the store can not be used are read from the folder, and get there when it is back', async () => {
    const run = await PrintingRun.prepare(database.store, folder, 3);
    await appendFile(run.console, 'printed\n');
    await run.tellStart();
    await until('they are read while it runs', async () => (await get(3)) === 'printed\n');
    isRefusing = true;
    await run.tellEnd();
    await archived(3, 1);
    expect((await logsEvents(database.store, 3))[0]).toMatchObject({ type: 'LogsArchiveFailed', data: { reason: expect.stringMatching(/does not accept the access key.*is put into the store when/) } });
    expect(await get(3)).toBe('printed\n');
    isRefusing = false;
    await until('they are kept', async () => (await kept(3)) === 'printed\n', 30_000);
    await until('the folder is free of them', () => !existsSync(written(3)));
    expect(await get(3)).toBe('printed\n');
  });
}, ['versitygw']);
