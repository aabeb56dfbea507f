// Does work go on where it was when the process that did it is killed, or has lost its lease?
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '#service-host';
import { openStorage } from '#storage';
import { copyRequested, openTestStore, until, type TestStore } from '#testing';
import { createTables } from '../schema.ts';
import { prepareOutputs } from './prepare-outputs.ts';
import type { CopyTask, Task } from './task.ts';
import { Worker, type Performer } from './worker.ts';
import { WorkTable } from './work-table.ts';

const main = join(process.cwd(), 'dist/apps/storage-manager/src/main.js');
const log = openLog('storage-manager', 'silent');
let database: TestStore;
let root: string;

beforeEach(async () => {
  database = await openTestStore();
  await database.store.transaction(createTables);
  root = await mkdtemp(join(tmpdir(), 'polyaxon-takeover-'));
});
afterEach(async () => {
  await database.close();
  await rm(root, { recursive: true, force: true });
});

const table = (leaseMs = 6000) => new WorkTable(database.store.pool, randomUUID(), leaseMs);
const task = (experimentId: number, kind: 'prepare' | 'delete' = 'prepare', originalExperimentId = experimentId): Task => {
  const of = { experimentId, originalExperimentId, cause: { actor: 'test' } };
  const outputsPath = `mona/mnist/experiments/${originalExperimentId}`;
  return kind === 'prepare' ? { ...of, kind, payload: { outputsPath, isResume: false } } : { ...of, kind, payload: { outputsPath } };
};
const copyTask = (experimentId: number, source: number): CopyTask => ({
  kind: 'copy', experimentId, originalExperimentId: experimentId, cause: { actor: 'test' },
  payload: { outputsPath: `mona/mnist/experiments/${experimentId}`, sourceOriginalExperimentId: source, sourceOutputsPath: `mona/mnist/experiments/${source}`, sourceIsLive: false, folders: [], files: [] },
});
const ids = (tasks: readonly { experimentId: number; kind: string }[]) => tasks.map(({ kind, experimentId }) => `${kind} ${experimentId}`);

describe('the work table', () => {
  it('gives a task to one, until the lease runs out', async () => {
    const [one, other] = [table(50), table()];
    await one.add(database.store.pool, task(1));
    const [mine] = await one.claim(['prepare'], 4, []);
    expect(ids(await other.claim(['prepare'], 4, []))).toEqual([]);
    await until('the lease has run out', async () => (await other.claim(['prepare'], 4, [])).length === 1);
    expect((await one.renew([mine!.id])).size).toBe(0);
    expect(await one.finish(database.store.pool as never, mine!.id)).toBe(false);
    expect(await other.finish(database.store.pool as never, mine!.id)).toBe(true);
  });

  it('tells which copies are not complete, when something last came, and why a try failed', async () => {
    const work = table();
    await work.add(database.store.pool, copyTask(2, 1));
    await work.add(database.store.pool, task(1));
    expect(await work.copies()).toEqual([{ experiment_id: 2, is_taken: false, progress: null, progressed_at: null, tries: 0, problem: null }]);
    const [mine] = await work.claim(['copy'], 1, []);
    const progress = { files_done: 1, files: 2, bytes_done: 10, bytes: 20, bytes_per_second: null, seconds_left: null };
    const cameAt = async (bytes: number) => {
      await work.report(mine!.id, { ...progress, bytes_done: bytes });
      return (await work.copies())[0]?.progressed_at;
    };
    const first = await cameAt(10);
    expect(first).toEqual(expect.any(String));
    expect(await cameAt(10)).toBe(first);
    expect(await cameAt(11)).not.toBe(first);
    expect(await work.copies()).toMatchObject([{ is_taken: true, progress: { bytes_done: 11 } }]);
    await work.retryLater(mine!.id, 60_000, 'the store is away');
    expect(await work.copies()).toMatchObject([{ is_taken: false, tries: 1, problem: 'the store is away' }]);
  });

  it('keeps the order in which things were asked of one path', async () => {
    const work = table();
    const on = database.store.pool as never;
    for (const one of [copyTask(2, 1), task(1), task(3, 'prepare', 1), task(1, 'delete'), task(4)]) await work.add(on, one);
    const first = await work.claim(['prepare', 'delete', 'copy'], 10, []);
    expect(ids(first).sort()).toEqual(['copy 2', 'prepare 1', 'prepare 4']);
    await work.finish(on, first.find(({ kind, experimentId }) => kind === 'prepare' && experimentId === 1)!.id);
    const second = await work.claim(['prepare', 'delete', 'copy'], 10, []);
    expect(ids(second)).toEqual(['prepare 3']);
    await work.finish(on, second[0]!.id);
    expect(await work.claim(['delete'], 10, [])).toEqual([]); // 2 is still being copied from 1
    await work.finish(on, first.find(({ kind }) => kind === 'copy')!.id);
    expect(ids(await work.claim(['delete'], 10, []))).toEqual(['delete 1']);
  });

  it('a later attempt takes the place of an earlier one that was heard again, also from whoever is at it', async () => {
    const [work, on] = [table(), database.store.pool as never];
    const attempt = (number?: number): Task => ({ ...task(1), kind: 'prepare', payload: { outputsPath: 'mona/mnist/experiments/1', isResume: true, ...(number && { attempt: number }) } });
    await work.add(on, attempt());
    const [first] = await work.claim(['prepare'], 4, []);
    await work.add(on, attempt(2));
    await work.add(on, attempt());
    expect(await work.finish(on, first!.id)).toBe(false);
    expect(await work.claim(['prepare'], 4, [])).toMatchObject([{ payload: { attempt: 2 } }]);
  });

  it('knows a task that is asked for twice, and tells who copies that nobody wants it', async () => {
    const work = table();
    const on = database.store.pool as never;
    for (let times = 0; times < 2; times += 1) await work.add(on, copyTask(2, 1));
    const claimed = await work.claim(['copy'], 10, []);
    expect(claimed.map(({ isCancelled }) => isCancelled)).toEqual([false]);
    expect(await work.cancelCopy(on, 2)).toBe(true);
    expect(await work.cancelCopy(on, 9)).toBe(false);
    expect((await work.renew([claimed[0]!.id])).get(claimed[0]!.id)).toEqual({ isCancelled: true });
  });
});

describe('the worker', () => {
  const never = { perform: () => new Promise<never>(() => undefined) };

  it('tries again what failed because of the weather, and tells what failed for good', async () => {
    const tree = await openStorage({ kind: 'volume', root });
    let tries = 0;
    const real = prepareOutputs(async () => tree, () => '2026-11-23T10:00:00.000Z');
    const prepare: typeof real = {
      ...real,
      async perform(one, surroundings) {
        tries += 1;
        if (one.experimentId === 1 && tries < 4) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
        if (one.experimentId === 2) throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
        return real.perform(one, surroundings);
      },
    };
    const work = table();
    const worker = new Worker({ store: database.store, table: work, performers: { prepare, copy: never, delete: never }, log, renewMs: 50, usurped: () => undefined });
    await work.add(database.store.pool, task(1));
    worker.start();
    await until('1 is prepared', async () => (await database.store.load('outputs-1'))[0]?.type === 'OutputsPrepared');
    expect(tries).toBe(4);
    await work.add(database.store.pool, task(2));
    worker.wake();
    const failed = await until('2 has failed', async () => (await database.store.load('outputs-2'))[0]);
    expect(failed).toMatchObject({ type: 'OutputsPrepareFailed', data: { reason: expect.stringContaining('EROFS') } });
    await worker.stop();
  });

  it('does not write into a folder that another has taken over', async () => {
    const work = table(50);
    await database.store.append('outputs-2', -1, [
      { type: 'OutputsCopyStarted', data: { experimentId: 2, originalExperimentId: 2, outputsPath: 'x', sourceExperimentId: 1, sourceOutputsPath: 'y', startedAt: '2026-11-23T10:00:00.000Z' } },
    ], { actor: 'test' });
    const usurped: Task[] = [];
    const performers = { prepare: never, copy: never as Performer<CopyTask>, delete: never };
    const worker = new Worker({ store: database.store, table: work, performers, log, renewMs: 400, usurped: (lost) => usurped.push(lost) });
    await work.add(database.store.pool, copyTask(2, 1));
    worker.start();
    const other = table();
    await until('it is at work', async () => (await work.copyProgress(2)) && (await database.store.pool.query(`SELECT FROM storage_manager.work WHERE lease_owner IS NOT NULL`)).rowCount);
    await until('another has it', async () => (await other.claim(['copy'], 1, [])).length === 1);
    await until('the first notices', () => usurped.length > 0);
    expect(usurped[0]).toMatchObject({ experimentId: 2 });
    await worker.stop(0);
  });
});

describe('a real process', () => {
  const files = 2000;
  const fileBytes = 64 * 1024;
  const source = () => join(root, 'mona/mnist/experiments/23');
  const target = () => join(root, 'mona/mnist/experiments/31');
  const unfinished = () => join(root, 'mona/mnist/experiments/.31.polyaxon.tmp');

  const told = async () => (await database.store.load('outputs-31')).map(({ type }) => type);

  function start(): ChildProcess {
    const env = { ...process.env, POLYAXON_DATABASE_URL: database.url, POLYAXON_INTERNAL_TOKEN: 'token', POLYAXON_PORT: '0', POLYAXON_OUTPUTS_ROOT: root, POLYAXON_LOG_LEVEL: 'warn' };
    return spawn(process.execPath, [main], { env, stdio: 'ignore' });
  }
  async function end(service: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    service.kill(signal);
    if (service.exitCode === null && service.signalCode === null) await once(service, 'exit');
  }

  it('killed in the middle of a copy is followed by one that finishes it', async () => {
    await mkdir(source(), { recursive: true });
    const content = Buffer.alloc(fileBytes, 3);
    for (let index = 0; index < files; index += 1) await writeFile(join(source(), `shard-${index}`), content);
    await database.store.append('experiment-31', -1, [copyRequested(31)], { actor: 'test' });
    const first = start();
    const copied = await until('it is in the middle', async () => {
      const { length } = await readdir(unfinished());
      return length > 50 && length;
    }, 30_000);
    await end(first, 'SIGKILL');
    expect(copied).toBeLessThan(files);
    expect(await told()).toEqual(['OutputsCopyStarted']);
    expect((await readdir(unfinished())).length).toBeGreaterThan(50);

    const second = start();
    try {
      const outcome = await until('the copy is told', async () => (await database.store.load('outputs-31'))[1], 60_000);
      expect(outcome).toMatchObject({ type: 'OutputsCopied', data: { files, sizeBytes: files * fileBytes } });
    } finally {
      await end(second, 'SIGTERM');
    }
    expect((await readdir(target())).length).toBe(files);
    expect(content.equals(await readFile(join(target(), 'shard-1999')))).toBe(true);
    expect((await readdir(join(target(), '..'))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect((await database.store.pool.query('SELECT FROM storage_manager.work')).rowCount).toBe(0);
  });

  it('asked to leave does not wait for a long copy, which the next one finishes', async () => {
    await mkdir(source(), { recursive: true });
    await writeFile(join(source(), 'checkpoint.json'), '{"step": 3}');
    const restless = `setInterval(() => require('node:fs').appendFileSync(process.argv[1], 'more\\n'), 5)`;
    const writer = spawn(process.execPath, ['-e', restless, join(source(), 'log')], { stdio: 'ignore' });
    await until('it writes', async () => (await readdir(source())).includes('log'), 30_000);
    await database.store.append('experiment-31', -1, [copyRequested(31, { sourceIsLive: true })], { actor: 'test' });
    const first = start();
    await until('it is in the middle', async () => (await readdir(unfinished())).includes('checkpoint.json'), 30_000);
    await end(first, 'SIGTERM');
    expect(first.exitCode).toBe(0);
    expect(await told()).toEqual(['OutputsCopyStarted']);
    await end(writer, 'SIGKILL');

    const second = start();
    try {
      await until('the copy is told', async () => (await told()).length === 2, 60_000);
    } finally {
      await end(second, 'SIGTERM');
    }
    expect(await told()).toEqual(['OutputsCopyStarted', 'OutputsCopied']);
    expect((await readdir(target())).sort()).toEqual(['checkpoint.json', 'log']);
  });
});
