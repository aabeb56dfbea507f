// Is everything a program prints in `run.log`, once and in order, whatever and however it prints?
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { lstat, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogsArchived } from '#contracts';
import { startService, type RunningService } from '#service-host';
import { openTestStore, until, type TestStore } from '#testing';
import { configurationOf, logsEvents, logsPathOf, PrintingRun, tellDeleted, tellNeverStarted } from '../../test/printing-run.ts';
import { logCollector } from '../log-collector.module.ts';
import { consoleText } from './console-text.ts';

let database: TestStore;
let folder: string;
let service: RunningService;
let experimentId = 0;

beforeAll(async () => {
  database = await openTestStore();
  folder = await mkdtemp(join(tmpdir(), 'polyaxon-logs-'));
  const base = { databaseUrl: database.url, host: '127.0.0.1', port: 0, logLevel: 'silent' };
  const configuration = configurationOf(database.url, folder);
  service = await startService('log-collector', base, (foundation) => logCollector(configuration, foundation, { giveUpAfterMs: 1000 }));
});
afterAll(async () => {
  await service.stop();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  experimentId += 1;
});

const runLog = (id = experimentId) => join(folder, 'logs', logsPathOf(id), 'run.log');
const prepare = (attempt = 1, id = experimentId) => PrintingRun.prepare(database.store, folder, id, attempt);
const archived = async (id = experimentId, attempts = 1, timeoutMs = 60_000): Promise<LogsArchived['data']> => {
  const events = await until(`the logs of ${attempts} attempts are archived`, async () => {
    const told = await logsEvents(database.store, id);
    return told.length >= attempts ? told : undefined;
  }, timeoutMs);
  const last = events.at(-1)!;
  if (last.type !== 'LogsArchived') throw new Error(`not archived: ${JSON.stringify(last)}`);
  return last.data;
};
const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const numbered = (count: number) => Array.from({ length: count }, (_, line) => `${line + 1}\n`).join('');

describe('the archive', () => {
  it('holds what a program printed that was over before anyone looked', async () => {
    const run = await prepare();
    await run.print('sh', '-c', 'echo first; echo second >&2; echo third');
    await run.tellStart();
    await run.tellEnd();
    expect(await archived()).toMatchObject({ experimentId, attempt: 1, sizeBytes: 19, lines: 3, lostBytes: 0 });
    expect(await readFile(runLog(), 'utf8')).toBe('first\nsecond\nthird\n');
  });

  it('keeps the order of both streams', async () => {
    const run = await prepare();
    await run.tellStart();
    await run.print('sh', '-c', 'i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo $i; i=$((i+1)); echo $i >&2; done');
    await run.tellEnd();
    await archived();
    expect(await readFile(runLog(), 'utf8')).toBe(numbered(2000));
  });

  it('holds all that a program printed until it was killed, and ends its last line', async () => {
    const run = await prepare();
    await run.tellStart();
    const child = run.spawn('sh', '-c', 'seq 1 50000; printf "not a whole line"; sleep 60 >/dev/null 2>&1');
    await until('it has printed', async () => (await run.printed()).toString().endsWith('not a whole line'));
    child.kill('SIGKILL');
    await once(child, 'exit');
    await run.tellEnd('RunStopped');
    expect(await archived()).toMatchObject({ lines: 50_001, lostBytes: 0 });
    expect(await readFile(runLog(), 'utf8')).toBe(`${numbered(50_000)}not a whole line\n`);
  });

  it('is not behind a burst of a million lines', async () => {
    const run = await prepare();
    await run.tellStart();
    await run.print('seq', '1', '1000000');
    await run.tellEnd();
    expect(await archived()).toMatchObject({ lines: 1_000_000, sizeBytes: 6_888_896, lostBytes: 0 });
    expect(digest(await readFile(runLog()))).toBe(digest(await run.printed()));
  });

  it('holds one line of 100 MB', async () => {
    const run = await prepare();
    await run.tellStart();
    await run.print('sh', '-c', 'head -c 100000000 /dev/zero | tr "\\0" x');
    await run.tellEnd();
    expect(await archived()).toMatchObject({ lines: 1, sizeBytes: 100_000_001 });
    const log = await readFile(runLog());
    expect(log.subarray(0, -1).every((byte) => byte === 0x78)).toBe(true);
  });

  it('holds binary, each byte that is no character as text', async () => {
    const run = await prepare();
    await run.tellStart();
    await run.print('sh', '-c', 'head -c 3000000 /dev/urandom; printf "caf\\351 \\303"; printf "\\251 \\342\\202"');
    await run.tellEnd();
    const { sizeBytes } = await archived();
    const expected = consoleText(await run.printed());
    const log = await readFile(runLog());
    expect(sizeBytes).toBe(log.length);
    expect(log.subarray(0, -1).equals(expected)).toBe(true);
    expect(log.subarray(-40).toString().endsWith('caf\\xe9 é \\xe2\\x82\n')).toBe(true);
  });

  it('is there and empty when nothing was printed', async () => {
    const run = await prepare();
    await run.tellStart();
    await run.tellEnd();
    expect(await archived()).toMatchObject({ sizeBytes: 0, lines: 0, lostBytes: 0 });
    expect((await stat(runLog())).size).toBe(0);
  });

  it('has one part an attempt, one behind the other', async () => {
    const [one, two] = [await prepare(1), await prepare(2)];
    await one.tellStart();
    await one.print('printf', 'of the first');
    await one.tellEnd('RunPreempted');
    await two.tellStart();
    await two.print('echo', 'of the second');
    await two.tellEnd();
    expect(await archived(experimentId, 2)).toMatchObject({ attempt: 2, sizeBytes: 14, lines: 1 });
    expect(await readFile(runLog(), 'utf8')).toBe('of the first\nof the second\n');
  });

  it('gives everybody a turn while one has a lot to say', async () => {
    const busy = experimentId;
    const run = await prepare();
    await run.print('sh', '-c', 'head -c 200000000 /dev/zero | tr "\\0" "\\n"');
    await run.tellStart();
    await until('the busy one is under way', async () => (await stat(runLog(busy))).size > 0);
    const others = Array.from({ length: 30 }, () => (experimentId += 1));
    await Promise.all(others.map(async (id) => {
      const other = await prepare(1, id);
      await other.print('seq', '1', '1000');
      await other.tellStart();
      await other.tellEnd();
    }));
    await Promise.all(others.map((id) => archived(id)));
    for (const id of others) expect(await readFile(runLog(id), 'utf8')).toBe(numbered(1000));
    await run.tellEnd();
    expect(await archived(busy)).toMatchObject({ lines: 200_000_000, sizeBytes: 200_000_000 });
    await rm(run.console);
    await rm(runLog(busy));
  });
});

describe('what can\'t be had', () => {
  it('is said when the console has vanished', async () => {
    const run = await prepare();
    await rm(run.console);
    await run.tellStart();
    await run.tellEnd();
    expect((await archived()).lostBytes).toBeGreaterThan(0);
    expect(await readFile(runLog(), 'utf8')).toBe('[console output of this attempt is gone]\n');
  });

  it('is said when the program itself cuts off its console, and what comes then is kept', async () => {
    const run = await prepare();
    await run.tellStart();
    await run.print('sh', '-c', 'echo before');
    await until('it is archived', async () => (await readFile(runLog(), 'utf8')) === 'before\n');
    await run.print('sh', '-c', ': > /dev/stdout; echo now');
    await run.tellEnd();
    expect((await archived()).lostBytes).toBeGreaterThan(0);
    expect((await readFile(runLog(), 'utf8')).split('\n')).toEqual(['before', expect.stringContaining('cut off'), 'now', '']);
  });

  it('is answered even when its start was never heard of', async () => {
    await (await prepare()).tellEnd();
    const [event] = await until('it is answered', async () => {
      const events = await logsEvents(database.store, experimentId);
      return events.length > 0 ? events : undefined;
    });
    expect(event).toMatchObject({ type: 'LogsArchiveFailed', data: { experimentId, attempt: 1 } });
  });
});

describe('a logs path that can\'t be written', () => {
  const blocked = () => join(folder, 'logs', logsPathOf(experimentId));

  it('is waited for as long as the program runs', async () => {
    const run = await prepare();
    await mkdir(join(blocked(), '..'), { recursive: true });
    await writeFile(blocked(), 'in the way');
    await run.print('seq', '1', '1000');
    await run.tellStart();
    await service.consumption.caughtUp();
    const since = performance.now();
    await until('it has been in the way for longer than an ended run waits', () => performance.now() - since > 1500);
    await rm(blocked());
    await run.tellEnd();
    expect(await archived()).toMatchObject({ lines: 1000, lostBytes: 0 });
  });

  it('is given up some time after the end, with the reason; the console stays', async () => {
    const run = await prepare();
    await writeFile(blocked(), 'in the way');
    await run.print('echo', 'kept');
    await run.tellStart();
    await run.tellEnd();
    const [event] = await until('it is given up', async () => {
      const events = await logsEvents(database.store, experimentId);
      return events.length > 0 ? events : undefined;
    });
    expect(event).toMatchObject({ type: 'LogsArchiveFailed', data: { reason: expect.stringMatching(/EEXIST|ENOTDIR/) } });
    expect(JSON.stringify(event)).not.toContain(folder);
    expect((await run.printed()).toString()).toBe('kept\n');
  });

  it('is not left by a link that a program planted', async () => {
    const run = await prepare();
    const target = join(folder, 'precious');
    await writeFile(target, 'as it was');
    await mkdir(blocked(), { recursive: true });
    await symlink(target, runLog());
    await run.print('echo', 'overwritten');
    await run.tellStart();
    await run.tellEnd();
    await until('it is given up', async () => (await logsEvents(database.store, experimentId)).some(({ type }) => type === 'LogsArchiveFailed'));
    expect(await readFile(target, 'utf8')).toBe('as it was');
    expect((await lstat(runLog())).isSymbolicLink()).toBe(true);
  });
});

describe('deleting', () => {
  it('removes the logs path, and a late start brings nothing back', async () => {
    const run = await prepare();
    await run.print('echo', 'hello');
    await run.tellStart();
    await run.tellEnd();
    await archived();
    await tellDeleted(database.store, experimentId);
    await until('it is told', async () => (await logsEvents(database.store, experimentId)).at(-1)?.type === 'LogsDeleted');
    await expect(stat(join(runLog(), '..'))).rejects.toThrow('ENOENT');
    await (await prepare(2)).tellStart();
    await service.consumption.caughtUp();
    const { rows } = await database.store.pool.query(`SELECT FROM log_collector.archives WHERE experiment_id = $1`, [experimentId]);
    expect(rows).toHaveLength(0);
  });

  it('says so where there is nothing to remove', async () => {
    await tellNeverStarted(database.store, experimentId);
    await tellDeleted(database.store, experimentId);
    await until('it is told', async () => (await logsEvents(database.store, experimentId)).length > 0);
    expect(await logsEvents(database.store, experimentId)).toMatchObject([{ type: 'LogsDeleted' }]);
  });
});
