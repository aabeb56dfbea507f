// How fast do lines come from a process into the archive, and what does that cost?
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createEventStore, EventStore, openPool, startEmbeddedPostgres } from '#event-store';
import { experimentPath, runLogPath } from '#layout';
import { correct, median, type BenchResult } from './result.ts';
import { inMemory, inScratch } from './scratch.ts';

const repetitions = 5;
const lineBytes = 110;
const lines = 2_000_000;
const gibibyte = 1024 ** 3;
const rateGoal = 200_000;
const costGoal = 4;
const clockTicksPerSecond = 100; // of Linux, in what it tells other programs
const time = '2026-11-22T10:00:00.000Z';
const collectorMain = new URL('../apps/log-collector/src/main.js', import.meta.url);

interface Bench {
  readonly folder: string;
  readonly store: EventStore;
  readonly collector: ChildProcess;
}

/**
 * In memory, because a disk answers differently every time. From the first line printed until `LogsArchived` is told; the processor time is that of the whole
 * collector.
 */
export function bench(): Promise<BenchResult[]> {
  return inScratch(inMemory, async (folder, later) => {
    const server = await startEmbeddedPostgres({ folder: join(folder, 'postgres') });
    later(() => server.stop());
    const pool = openPool(server.url);
    later(() => pool.end());
    await createEventStore(pool);
    const collector = await startCollector(server.url, folder);
    later(async () => collector.kill('SIGKILL'));
    return measure({ folder, store: new EventStore(pool), collector });
  });
}

async function measure(bench: Bench): Promise<BenchResult[]> {
  const rates: number[] = [];
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let repetition = 0; repetition <= repetitions; repetition += 1) {
    const { seconds, cpuSeconds, console } = await archive(bench, repetition + 1);
    const peer = await gzipSeconds(console);
    await rm(console);
    if (repetition === 0) continue; // both are new to the machine
    rates.push(lines / seconds);
    ours.push((cpuSeconds * gibibyte) / (lines * lineBytes));
    theirs.push((peer * gibibyte) / (lines * lineBytes));
  }
  const [mine, other] = [median(ours), median(theirs)];
  return [
    { name: 'log lines from a process to the archive', peer: null, ours: median(rates), theirs: null, ratio: null, goal: rateGoal, bound: 'at least', unit: 'lines/s' },
    { name: 'processor time of archiving a GiB', peer: 'gzip -1 -c', ours: mine, theirs: other, ratio: mine / other, goal: costGoal, bound: 'at most', unit: 's' },
  ];
}

async function archive({ folder, store, collector }: Bench, experimentId: number): Promise<{ seconds: number; cpuSeconds: number; console: string }> {
  const console = join(folder, `${experimentId}.console`);
  const logsPath = experimentPath({ user: 'mona', project: 'mnist', groupId: null, experimentId });
  const output = openSync(console, 'a');
  const stream = `run-${experimentId}` as const;
  const cause = { actor: 'scheduler' };
  const cpuBefore = await cpuSecondsOf(collector);
  const began = performance.now();
  const printing = spawn('seq', ['-f', `%0${lineBytes - 1}.0f`, String(lines)], { stdio: ['ignore', output, 'inherit'] });
  const exit = once(printing, 'exit');
  closeSync(output);
  const of = { experimentId, attempt: 1 };
  await store.append(stream, -1, [{ type: 'RunStarted', data: { ...of, console: pathToFileURL(console).href, logsPath, startedAt: time } }], cause);
  await exit;
  await store.append(stream, 0, [{ type: 'RunSucceeded', data: { ...of, wasStarted: true, exitCode: 0, message: null, endedAt: time } }], cause);
  while ((await store.load(`logs-${experimentId}`)).length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  const seconds = (performance.now() - began) / 1000;
  const cpuSeconds = (await cpuSecondsOf(collector)) - cpuBefore;
  const runLog = join(folder, 'logs', runLogPath(logsPath));
  const same = spawn('cmp', [console, runLog]);
  const [code] = (await once(same, 'exit')) as [number];
  const { size } = await stat(runLog);
  correct('the archive is what was printed', code === 0 && size === lines * lineBytes);
  await rm(runLog);
  return { seconds, cpuSeconds, console };
}

async function startCollector(databaseUrl: string, folder: string): Promise<ChildProcess> {
  const { PATH } = process.env;
  const env = { PATH, POLYAXON_DATABASE_URL: databaseUrl, POLYAXON_INTERNAL_TOKEN: 'bench', POLYAXON_LOGS_ROOT: join(folder, 'logs') };
  const child = fork(collectorMain, { env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'], execArgv: [] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the collector ended with ${code}: ${said}`)));
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      if ((said += text).includes('"ready":true')) resolve();
    });
  });
  return child;
}

async function cpuSecondsOf({ pid }: ChildProcess): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond;
}

/** User and system time of the compression alone. */
async function gzipSeconds(path: string): Promise<number> {
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%U %S"; time gzip -1 -c "$0" > /dev/null', path], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child, 'close');
  const [user = NaN, system = NaN] = said.trim().split(' ').map(Number);
  return user + system;
}
