// Is nothing missing and nothing doubled when the process that archives is killed again and again, and does it stay small?
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { internalTokenHeader } from '#service-host';
import { openTestStore, until, type TestStore } from '#testing';
import { configurationOf, logsEvents, logsPathOf, PrintingRun } from '../../test/printing-run.ts';

const main = join(process.cwd(), 'dist/apps/log-collector/src/main.js');
const kills = 10;
const lines = 200_000;
/** Prints a batch each time it may. Every tenth line is no UTF-8, and nearly all others have characters to be torn. */
const program = `
import os, sys, time
for i in range(1, ${lines + 1}):
    while i % ${lines / kills} == 1 and not os.path.exists(f'{sys.argv[1]}/batch-{i}'): time.sleep(0.005)
    ending = b'\\xff\\xe2\\x82\\n' if i % 10 == 0 else b'\\n'
    sys.stdout.buffer.write(f"{i} {'€' * (i % 7)}".encode() + ending)
    if i % 50 == 0: sys.stdout.flush()
    if i % 500 == 0: time.sleep(0.02)
`;
let database: TestStore;
let folder: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  database = await openTestStore();
  folder = await mkdtemp(join(tmpdir(), 'polyaxon-killed-'));
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** Resolves when it is ready, with its port. */
async function collector(): Promise<{ child: ChildProcess; port: number }> {
  const { POLYAXON_DATABASE_URL, POLYAXON_INTERNAL_TOKEN, POLYAXON_LOGS_ROOT } = configurationOf(database.url, folder);
  const env = { PATH: process.env.PATH, POLYAXON_DATABASE_URL, POLYAXON_INTERNAL_TOKEN, POLYAXON_LOGS_ROOT };
  const child = fork(main, { env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'], execArgv: [] });
  started.push(child);
  let said = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (said += text));
  const port = await until('the collector is ready', () => Number(/"ready":true,"port":(\d+)/.exec(said)?.[1] ?? 0), 20_000);
  return { child, port };
}

async function killed(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

const runLog = (experimentId: number) => join(folder, 'logs', logsPathOf(experimentId), 'run.log');
const size = async (experimentId: number) => (await readFile(runLog(experimentId)).catch(() => Buffer.alloc(0))).length;
const archived = (experimentId: number) => until('it is archived', async () => (await logsEvents(database.store, experimentId)).length > 0, 30_000);

describe('a collector', () => {
  it(`killed ${kills} times loses nothing and doubles nothing, also for who reads along`, async () => {
    const run = await PrintingRun.prepare(database.store, folder, 1);
    await run.tellStart();
    const printing = run.spawn('python3', '-c', program, folder);
    const exit = once(printing, 'exit');
    const snapshots: Buffer[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      const { child } = await collector();
      const before = await size(1);
      await writeFile(join(folder, `batch-${(kill * lines) / kills + 1}`), '');
      await until('it has archived more', async () => (await size(1)) > before, 20_000);
      await killed(child);
      snapshots.push(await readFile(runLog(1)));
    }
    await exit;
    await run.tellEnd();
    const { child, port } = await collector();
    await archived(1);
    const log = await readFile(runLog(1));
    const numbers = log.toString().split('\n').slice(0, -1).map((line) => parseInt(line, 10));
    expect(numbers.length).toBe(lines);
    expect(numbers.every((number, index) => number === index + 1)).toBe(true);
    for (const snapshot of snapshots) expect(log.subarray(0, snapshot.length).equals(snapshot)).toBe(true);
    expect(await logsEvents(database.store, 1)).toMatchObject([{ type: 'LogsArchived', data: { lines, sizeBytes: log.length, lostBytes: 0 } }]);
    const answer = await fetch(`http://127.0.0.1:${port}/internal/logs/1`, { headers: { [internalTokenHeader]: 'inside' } });
    expect(Buffer.from(await answer.arrayBuffer()).equals(log)).toBe(true);
    await killed(child);
  });

  it('stays small whether it archives a line of 100 MB or 100 MB of binary', async () => {
    const { child } = await collector();
    const runs = await Promise.all([2, 3].map((id) => PrintingRun.prepare(database.store, folder, id)));
    for (const run of runs) await run.tellStart();
    await runs[0]!.print('sh', '-c', 'head -c 100000000 /dev/zero | tr "\\0" x');
    await runs[1]!.print('sh', '-c', 'head -c 100000000 /dev/urandom');
    for (const run of runs) await run.tellEnd();
    await Promise.all([archived(2), archived(3)]);
    const peakMiB = Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
    expect(peakMiB).toBeLessThan(256);
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });
});
