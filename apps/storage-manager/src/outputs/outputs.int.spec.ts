// Do outputs come to be, fill and go as experiments ask, with real events and real folders?
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Event, ExperimentDeleted, StreamName } from '#contracts';
import type { Recorded } from '#event-store';
import { readConfiguration, startService, type RunningService } from '#service-host';
import { aTime, copyRequested, created, done, openTestStore, restarted, resumed, until, type TestStore } from '#testing';
import { variables } from '../configuration.ts';
import { storageManager } from '../storage-manager.module.ts';

const smallBytes = 4 * 1024 * 1024;
let database: TestStore;
let root: string;
let service: RunningService;
/** A volume of 4 MiB is made where the system lets us; elsewhere the test of a full disk shows as skipped. */
const small = join(tmpdir(), `polyaxon-small-${process.pid}`);
const canMount = process.getuid?.() === 0 && spawnSync('sh', ['-c', `mkdir -p ${small} && mount -t tmpfs -o size=${smallBytes} tmpfs ${small} && umount ${small}`]).status === 0;

beforeAll(async () => {
  database = await openTestStore();
  root = await mkdtemp(join(tmpdir(), 'polyaxon-outputs-'));
  const configuration = readConfiguration(variables, {
    POLYAXON_DATABASE_URL: database.url, POLYAXON_INTERNAL_TOKEN: 'token', POLYAXON_HOST: '127.0.0.1', POLYAXON_LOG_LEVEL: 'fatal', POLYAXON_OUTPUTS_ROOT: root,
  });
  service = await startService('storage-manager', { databaseUrl: database.url, host: '127.0.0.1', port: 0, logLevel: 'fatal' }, (foundation) => storageManager(configuration, foundation));
});
afterAll(async () => {
  await service.stop();
  await database.close();
  await rm(root, { recursive: true, force: true });
  await rm(small, { recursive: true, force: true });
});

const cause = { actor: 'test' };
let nextId = 100;
const newId = () => (nextId += 1);
const pathOf = (id: number) => `mona/mnist/experiments/${id}`;
const place = (id: number, file = '') => join(root, pathOf(id), file);

async function say(stream: StreamName, event: Event): Promise<void> {
  const history = await database.store.load(stream);
  await database.store.append(stream, history.length - 1, [event], cause);
}
async function told(originalId: number): Promise<Recorded[]> {
  return database.store.load(`outputs-${originalId}`);
}
/** The `type` about `experimentId`, as soon as it is there. */
async function hear(type: Event['type'], originalId: number, experimentId = originalId): Promise<Record<string, unknown>> {
  const isIt = (event: Recorded) => event.type === type && (event.data as { experimentId: number }).experimentId === experimentId;
  return until(`${type} of ${experimentId}`, async () => (await told(originalId)).find(isIt)?.data as unknown as Record<string, unknown> | undefined, 40_000);
}
async function put(id: number, files: Record<string, string | Buffer>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(place(id, path)), { recursive: true });
    await writeFile(place(id, path), content);
  }
}
async function contents(id: number): Promise<Record<string, string>> {
  const entries = await readdir(place(id), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(await Promise.all(files.sort().map(async (path) => [path.slice(place(id).length + 1), await readFile(path, 'base64')])));
}
const copyOf = (source: number, id: number, change = {}) =>
  copyRequested(id, { sourceExperimentId: source, sourceOriginalExperimentId: source, sourceOutputsPath: pathOf(source), ...change });
const isGone = (path: string) => stat(path).then(() => false, () => true);
const leftovers = async (id: number) => (await readdir(dirname(place(id)))).filter((name) => name.includes(`.${id}.`));

describe('outputs that are deleted while their record stays', () => {
  it('are gone, once, and are never prepared or copied from again', async () => {
    const id = newId();
    await say(`experiment-${id}`, created(id));
    await hear('OutputsPrepared', id);
    await put(id, { 'model.pt': 'weights' });
    const request: Event = { type: 'ExperimentOutputsDeleteRequested', data: { experimentId: id, originalExperimentId: id, outputsPath: pathOf(id), requestedBy: 'mona', requestedAt: aTime } };
    await say(`experiment-${id}`, request);
    const [again, copy] = [newId(), newId()];
    await say(`experiment-${id}`, resumed(again, { originalExperimentId: id, sourceExperimentId: id, outputsPath: pathOf(id), forced: true }));
    await say(`experiment-${copy}`, copyOf(id, copy));
    await hear('OutputsDeleted', id);
    expect((await hear('OutputsPrepareFailed', id, again)).reason).toContain('was deleted');
    expect(await hear('OutputsCopyFailed', copy)).toMatchObject({ reason: 'source-missing' });
    expect(await isGone(place(id))).toBe(true); // and was not made again
    await say(`experiment-${id}`, {
      type: 'ExperimentDeleted',
      data: { experimentId: id, originalExperimentId: id, outputsPath: pathOf(id), logsPath: pathOf(id), outputsUnused: true, deletedBy: 'mona', deletedAt: aTime },
    });
    await until('nothing is left to be done', async () => (await database.store.pool.query('SELECT FROM storage_manager.work WHERE original_experiment_id = $1', [id])).rowCount === 0);
    expect((await told(id)).filter(({ type }) => type === 'OutputsDeleted')).toHaveLength(1);
  });
});

describe('the outputs of an attempt that the machine took away', () => {
  it('are looked at again, once, for the next attempt, and are as they were', async () => {
    const id = newId();
    await say(`experiment-${id}`, created(id));
    await hear('OutputsPrepared', id);
    await put(id, { 'model.pt': 'weights' });
    const outputs = { originalExperimentId: id, outputsPath: pathOf(id), forced: false };
    const taken: Event = {
      type: 'RunPreempted',
      data: { experimentId: id, attempt: 1, wasStarted: true, exitCode: null, message: 'drained', endedAt: aTime, cause: 'evicted', preemptions: 1, preemptionsAllowed: 3, nextAttemptAt: aTime, outputs },
    };
    await say(`run-${id}`, taken);
    await until('the next attempt has its answer', async () => (await told(id)).some(({ type, data }) => type === 'OutputsPrepared' && (data as { attempt?: number }).attempt === 2), 40_000);
    expect(await contents(id)).toEqual({ 'model.pt': Buffer.from('weights').toString('base64') });
    expect((await told(id)).filter(({ type }) => type === 'OutputsPrepared')).toHaveLength(2);
  });
});

describe('prepare', () => {
  it('makes the folder of a new experiment, and tells it within the time of a blink', async () => {
    const id = newId();
    const startedAt = performance.now();
    await say(`experiment-${id}`, created(id));
    expect(await hear('OutputsPrepared', id)).toMatchObject({ experimentId: id, originalExperimentId: id, outputsPath: pathOf(id) });
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(await readdir(place(id))).toEqual([]);
    const [event] = await told(id);
    expect(event?.metadata).toMatchObject({ actor: 'storage-manager', causationId: expect.any(String), correlationId: expect.any(String) });
  });

  it('of a resume leaves every byte as it was', async () => {
    const id = newId();
    await say(`experiment-${id}`, created(id));
    await hear('OutputsPrepared', id);
    await put(id, { 'checkpoint.json': '{"step": 3}', '.hidden': 'x', 'deep/er/empty': '', 'deep/data.bin': Buffer.alloc(100_000, 9) });
    const before = await contents(id);
    const again = newId();
    await say(`experiment-${id}`, resumed(again, { originalExperimentId: id, sourceExperimentId: id, outputsPath: pathOf(id) }));
    await hear('OutputsPrepared', id, again);
    expect(await contents(id)).toEqual(before);
  });

  it('of a resume whose folder is gone makes it, and nothing else', async () => {
    const [id, again] = [newId(), newId()];
    await say(`experiment-${id}`, resumed(again, { originalExperimentId: id, sourceExperimentId: id, outputsPath: pathOf(id), forced: true }));
    await hear('OutputsPrepared', id, again);
    expect(await readdir(place(id))).toEqual([]);
  });

  it('of a restart into a folder that holds somebody\'s files fails, naming it, and touches none', async () => {
    const id = newId();
    await put(id, { 'theirs.txt': 'keep me' });
    await say(`experiment-${id}`, restarted(id));
    expect((await hear('OutputsPrepareFailed', id)).reason).toContain(pathOf(id));
    expect(await readFile(place(id, 'theirs.txt'), 'utf8')).toBe('keep me');
  });

  it('through a link to elsewhere fails', async () => {
    const id = newId();
    const elsewhere = await mkdtemp(join(tmpdir(), 'polyaxon-elsewhere-'));
    await mkdir(dirname(place(id)), { recursive: true });
    await symlink(elsewhere, place(id));
    await say(`experiment-${id}`, created(id));
    expect((await hear('OutputsPrepareFailed', id)).reason).toContain('leads through a link');
    await rm(elsewhere, { recursive: true });
  });
});

describe('copy', () => {
  const files = { 'checkpoint.json': '{"step": 7}', '.dotfile': 'hidden', 'empty.txt': '', 'a/b/c/nested.bin': Buffer.alloc(300_000, 4), 'a/.b/x': '1' };

  it('is complete: dotfiles, empty and nested files, on the same level; the source stays as it was', async () => {
    const [source, id] = [newId(), newId()];
    await put(source, files);
    await symlink('/etc/passwd', place(source, 'link'));
    const before = await contents(source);
    await say(`experiment-${id}`, copyOf(source, id));
    expect(await hear('OutputsCopied', id)).toMatchObject({ sourceExperimentId: source, files: 5, sizeBytes: 300_018, skippedLinks: 1, digest: expect.any(String) });
    expect(await contents(id)).toEqual(before);
    expect(await contents(source)).toEqual(before);
    expect((await told(id)).map(({ type }) => type)).toEqual(['OutputsCopyStarted', 'OutputsCopied']);
  });

  it('of some folders and files holds no others', async () => {
    const [source, id] = [newId(), newId()];
    await put(source, files);
    await say(`experiment-${id}`, copyOf(source, id, { copyFolders: ['a/b'], copyFiles: ['checkpoint.json'] }));
    await hear('OutputsCopied', id);
    expect(Object.keys(await contents(id))).toEqual(['a/b/c/nested.bin', 'checkpoint.json']);
  });

  it.each([
    ['missing', undefined, 'source-missing', {}],
    ['empty', {}, 'nothing-to-copy', {}],
    ['without the file that was asked for', { x: '1' }, 'source-missing', { copyFiles: ['y'] }],
    ['asked for with a path that leads out of it', { x: '1' }, 'path-invalid', { copyFiles: ['../y'] }],
  ])('of a source that is %s fails and leaves nothing', async (_, content, reason, change) => {
    const [source, id] = [newId(), newId()];
    if (content) await mkdir(place(source), { recursive: true });
    await put(source, content ?? {});
    await say(`experiment-${id}`, copyOf(source, id, change));
    expect(await hear('OutputsCopyFailed', id)).toMatchObject({ reason, message: expect.stringMatching(/\S/) });
    expect(await isGone(place(id))).toBe(true);
    expect(await leftovers(id)).toEqual([]);
  });

  it('into a folder that holds somebody\'s files fails and touches none', async () => {
    const [source, id] = [newId(), newId()];
    await put(source, files);
    await put(id, { 'theirs.txt': 'keep me' });
    await say(`experiment-${id}`, copyOf(source, id));
    expect(await hear('OutputsCopyFailed', id)).toMatchObject({ reason: 'target-exists' });
    expect(Object.keys(await contents(id))).toEqual(['theirs.txt']);
  });

  it('of a source that is being written is what it was at one moment', async () => {
    const [source, id] = [newId(), newId()];
    await mkdir(place(source), { recursive: true });
    const writer = spawn(process.execPath, ['-e', writing, place(source)], { stdio: 'ignore' });
    try {
      await until('some steps were written', async () => Number(await readFile(place(source, 'last'), 'utf8')) > 2);
      await say(`experiment-${id}`, copyOf(source, id, { sourceIsLive: true }));
      await hear('OutputsCopied', id);
    } finally {
      writer.kill('SIGKILL');
      await once(writer, 'exit');
    }
    const [first, last, log] = await Promise.all(['first', 'last', 'log'].map((name) => readFile(place(id, name), 'utf8')));
    const lines = log!.trim().split('\n').length;
    expect(Number(first) - Number(last)).toBeGreaterThanOrEqual(0);
    expect(Number(first) - Number(last)).toBeLessThanOrEqual(1);
    expect([Number(first), Number(last)]).toContain(lines);
  });

  it('is cancelled by a stop, and nothing is left of it', async () => {
    const [source, id] = [newId(), newId()];
    await mkdir(place(source), { recursive: true });
    const writer = spawn(process.execPath, ['-e', restless, place(source)], { stdio: 'ignore' }); // so that the copy can't end by itself
    try {
      await until('it is being written', async () => (await readdir(place(source))).length > 0);
      await say(`experiment-${id}`, copyOf(source, id, { sourceIsLive: true }));
      await until('progress is shown', async () => (await progressOf(id)) !== undefined);
      await until('it is counted', async () => (await metric('polyaxon_copies_running')) === 1);
      await say(`experiment-${id}`, { type: 'ExperimentStopRequested', data: { experimentId: id, requestedBy: 'mona', requestedAt: aTime } });
      expect(await hear('OutputsCopyFailed', id)).toMatchObject({ reason: 'cancelled' });
      expect(await isGone(place(id))).toBe(true);
      expect(await leftovers(id)).toEqual([]);
      expect(await progressOf(id)).toBeUndefined();
      expect([await metric('polyaxon_copies_running'), await metric('polyaxon_copy_files_left'), await metric('polyaxon_copy_bytes_left')]).toEqual([0, 0, 0]);
    } finally {
      writer.kill('SIGKILL');
      await once(writer, 'exit');
    }
  });

  (canMount ? it : it.skip)('that finds the disk full fails, its target is gone, the source untouched', async () => {
    const [source, id] = [newId(), newId()];
    const volume = join(root, 'mona/small/experiments');
    await mkdir(volume, { recursive: true });
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${smallBytes}`, 'tmpfs', volume]).status).toBe(0);
    try {
      const content = Buffer.alloc(smallBytes * 0.7, 6);
      await mkdir(join(volume, String(source)));
      await writeFile(join(volume, String(source), 'big'), content);
      const paths = { sourceOutputsPath: `mona/small/experiments/${source}`, outputsPath: `mona/small/experiments/${id}` };
      await say(`experiment-${id}`, copyOf(source, id, paths));
      expect(await hear('OutputsCopyFailed', id)).toMatchObject({ reason: 'disk-full' });
      expect(await readdir(volume)).toEqual([String(source)]);
      expect(content.equals(await readFile(join(volume, String(source), 'big')))).toBe(true);
    } finally {
      spawnSync('umount', [volume]);
    }
  });
});

describe('deletion', () => {
  const deletion = (id: number, outputsUnused: boolean): ExperimentDeleted => ({
    type: 'ExperimentDeleted',
    data: { experimentId: id, originalExperimentId: id, outputsPath: pathOf(id), logsPath: pathOf(id), outputsUnused, deletedBy: 'mona', deletedAt: aTime },
  });

  it('removes the folder when nobody uses it any more', async () => {
    const id = newId();
    await put(id, { x: '1' });
    await say(`experiment-${id}`, deletion(id, true));
    await hear('OutputsDeleted', id);
    expect(await isGone(place(id))).toBe(true);
  });

  it('leaves it to those who still use it', async () => {
    const id = newId();
    await put(id, { x: '1' });
    await say(`experiment-${id}`, deletion(id, false));
    await service.consumption.caughtUp();
    expect(Object.keys(await contents(id))).toEqual(['x']);
  });

  it('comes after everything that was asked before it', async () => {
    const [id, copy] = [newId(), newId()];
    await put(id, { x: Buffer.alloc(2_000_000, 1) });
    await say(`experiment-${copy}`, copyOf(id, copy));
    await say(`experiment-${id}`, resumed(newId(), { originalExperimentId: id, sourceExperimentId: id, outputsPath: pathOf(id) }));
    await say(`experiment-${id}`, done(nextId));
    await say(`experiment-${id}`, deletion(id, true));
    await hear('OutputsDeleted', id);
    expect((await told(id)).map(({ type }) => type)).toEqual(['OutputsPrepared', 'OutputsDeleted']);
    expect(await isGone(place(id))).toBe(true);
    expect(Object.keys(await contents(copy))).toEqual(['x']);
  });
});

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

async function progressOf(id: number): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${service.port}/internal/outputs/copy_progress?experimentId=${id}`, { headers: { 'x-polyaxon-internal-token': 'token' } });
  return answer.status === 200 ? answer.json() : undefined;
}

/** Writes as a training does: one thing after the other, each file whole at once, then a while nothing. */
const writing = `
  const { appendFileSync, renameSync, writeFileSync } = require('node:fs');
  process.chdir(process.argv[1]);
  const put = (name, text) => { writeFileSync(name + '.new', text); renameSync(name + '.new', name); };
  let step = 0;
  const next = () => { step += 1; put('first', String(step)); appendFileSync('log', 'step ' + step + '\\n'); put('last', String(step)); setTimeout(next, 250); };
  next();`;
const restless = `
  const { appendFileSync } = require('node:fs');
  setInterval(() => appendFileSync(process.argv[1] + '/log', 'more\\n'), 5);`;
