// Is what is sent to a log-collector that is killed again and again in `run.log`, once and in order, and is what never came told?
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '#contracts';
import { internalTokenHeader } from '#service-host';
import { openTestStore, until, type TestStore } from '#testing';
import { configurationOf, logsEvents, logsPathOf, tellRun } from '../../test/printing-run.ts';

const main = join(process.cwd(), 'dist/apps/log-collector/src/main.js');
const kills = 10;
const time = '2026-11-22T10:00:00.000Z';
let database: TestStore;
let folder: string;
let collector: { child: ChildProcess; url: string };

beforeAll(async () => {
  database = await openTestStore();
  folder = await mkdtemp(join(tmpdir(), 'polyaxon-pushed-'));
  collector = await start();
});
afterAll(async () => {
  collector.child.kill('SIGKILL');
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<typeof collector> {
  const { POLYAXON_DATABASE_URL, POLYAXON_INTERNAL_TOKEN, POLYAXON_LOGS_ROOT } = configurationOf(database.url, folder);
  const child = fork(main, { env: { PATH: process.env.PATH, POLYAXON_DATABASE_URL, POLYAXON_INTERNAL_TOKEN, POLYAXON_LOGS_ROOT }, stdio: ['ignore', 'pipe', 'inherit', 'ipc'], execArgv: [] });
  let said = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (said += text));
  const port = await until('the collector is ready', () => Number(/"ready":true,"port":(\d+)/.exec(said)?.[1] ?? 0), 30_000);
  return { child, url: `http://127.0.0.1:${port}` };
}

async function kill(): Promise<void> {
  const exit = once(collector.child, 'exit');
  collector.child.kill('SIGKILL');
  await exit;
}

const put = (experimentId: number, query: string, bytes: Buffer = Buffer.alloc(0)) =>
  fetch(`${collector.url}/internal/consoles/${experimentId}/1?${query}`, { method: 'PUT', body: new Uint8Array(bytes), headers: { [internalTokenHeader]: 'inside', 'content-type': 'application/octet-stream' } });
const started = (experimentId: number, console = `pushed:${experimentId}-1`): RunEvent => ({ type: 'RunStarted', data: { experimentId, attempt: 1, console, logsPath: logsPathOf(experimentId), startedAt: time } });
const ended = (experimentId: number): RunEvent => ({ type: 'RunSucceeded', data: { experimentId, attempt: 1, wasStarted: true, exitCode: 0, message: null, endedAt: time } });
const archived = (experimentId: number) => until('it is archived', async () => (await logsEvents(database.store, experimentId)).length > 0, 30_000);
const runLog = (experimentId: number) => readFile(join(folder, 'logs', logsPathOf(experimentId), 'run.log'), 'utf8');

/** As a carrier does: from where the other side says it is, again and again. */
async function sendAll(experimentId: number, bytes: Buffer, upTo: number, from: number): Promise<number> {
  let offset = from;
  while (offset < upTo) {
    const piece = bytes.subarray(offset, Math.min(offset + 10_000, upTo));
    const answer = await put(experimentId, `offset=${offset}&size=${bytes.length}`, piece).catch(() => undefined);
    if (answer?.ok) offset = ((await answer.json()) as { receivedBytes: number }).receivedBytes;
    else return offset;
  }
  return offset;
}

describe('a collector that is sent a console', () => {
  it(`loses nothing and doubles nothing when it is killed ${kills} times`, async () => {
    const text = Array.from({ length: 200_000 }, (_, line) => `${line + 1} ${'€'.repeat(line % 5)}\n`).join('');
    const bytes = Buffer.from(text);
    await tellRun(database.store, started(1));
    let offset = 0;
    for (let n = 1; n <= kills; n += 1) {
      const sending = sendAll(1, bytes, bytes.length, offset);
      const goal = Math.floor((bytes.length * n) / (kills + 1));
      await until('it has received more', async () => ((await readFile(join(folder, 'logs/.consoles/1-1/console')).catch(() => '')).length > goal), 30_000);
      await kill();
      offset = await sending;
      collector = await start();
    }
    await until('it receives again', async () => (await put(1, `offset=0&size=0`)).ok, 30_000);
    expect(await sendAll(1, bytes, bytes.length, offset)).toBe(bytes.length);
    await tellRun(database.store, ended(1));
    await archived(1);
    expect((await runLog(1)) === text).toBe(true);
    expect(await logsEvents(database.store, 1)).toMatchObject([{ type: 'LogsArchived', data: { lines: 200_000, lostBytes: 0 } }]);
    await until('what was sent is removed', async () => (await readdir(join(folder, 'logs/.consoles'))).length === 0);
    expect((await put(1, 'offset=0&size=5', Buffer.from('late\n'))).status).toBe(410);
  }, 120_000);

  it('is sent something before it has heard of the run', async () => {
    expect(await (await put(2, 'offset=0&size=6', Buffer.from('first\n'))).json()).toEqual({ receivedBytes: 6, isGap: false });
    await tellRun(database.store, started(2));
    await tellRun(database.store, ended(2));
    await archived(2);
    expect(await runLog(2)).toBe('first\n');
  });

  it('says how many bytes never came', async () => {
    await put(3, 'offset=0&size=1000', Buffer.from('first\nsec'));
    await tellRun(database.store, started(3));
    await tellRun(database.store, ended(3));
    await archived(3);
    expect(await runLog(3)).toBe('first\nsec\n[991 bytes of console output never arrived: they went with the pod or the machine of its program]\n');
    expect(await logsEvents(database.store, 3)).toMatchObject([{ data: { lostBytes: 991 } }]);
  });

  it('has an empty log of one that nothing was sent of', async () => {
    await tellRun(database.store, started(4));
    await tellRun(database.store, ended(4));
    await archived(4);
    expect(await runLog(4)).toBe('');
  });

  it('names the replica before each line', async () => {
    await put(5, 'offset=0&size=3&replica=worker-0', Buffer.from('w1\n'));
    await tellRun(database.store, started(5, 'pushed:5-1?replicas=master,worker-0'));
    await put(5, 'offset=0&size=6&replica=master', Buffer.from('m1\nend'));
    await tellRun(database.store, ended(5));
    await archived(5);
    expect((await runLog(5)).split('\n').sort()).toEqual(['', '[master] end', '[master] m1', '[worker-0] w1']);
  });
});
