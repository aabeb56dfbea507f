// Does a reader get exactly what is in `run.log`: at any moment, in parts, from the end, and along with the run?
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { internalTokenHeader, startService, type RunningService } from '#service-host';
import { openTestStore, until, type TestStore } from '#testing';
import { configurationOf, logsEvents, logsPathOf, PrintingRun, tellDeleted, tellNeverStarted } from '../../test/printing-run.ts';
import { logCollector } from '../log-collector.module.ts';

let database: TestStore;
let folder: string;
let service: RunningService;
let experimentId = 0;

beforeAll(async () => {
  database = await openTestStore();
  folder = await mkdtemp(join(tmpdir(), 'polyaxon-reading-'));
  const base = { databaseUrl: database.url, host: '127.0.0.1', port: 0, logLevel: 'silent' };
  const configuration = configurationOf(database.url, folder);
  service = await startService('log-collector', base, (foundation) => logCollector(configuration, foundation));
});
afterAll(async () => {
  await service.stop();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  experimentId += 1;
});

const prepare = (attempt = 1) => PrintingRun.prepare(database.store, folder, experimentId, attempt);
const address = (query = '') => `http://127.0.0.1:${service.port}/internal/logs/${experimentId}${query}`;
const headers = { [internalTokenHeader]: 'inside' };
const read = async (query = '') => {
  const answer = await fetch(address(query), { headers });
  const { status, headers: said } = answer;
  return { status, text: await answer.text(), next: Number(said.get('x-polyaxon-next-offset')), complete: said.get('x-polyaxon-complete') };
};
const archived = () => until('the logs are archived', async () => (await logsEvents(database.store, experimentId)).length > 0);

/** Reads along; `text` is what has arrived, `ended` when the answer is over. */
async function follow(query = '') {
  const response = await new Promise<IncomingMessage>((resolve) => get(address(`?follow=1${query}`), { headers }, resolve));
  const seen = { text: '', isEnded: false, response };
  response.setEncoding('utf8').on('data', (text: string) => (seen.text += text)).on('end', () => (seen.isEnded = true)).on('error', () => undefined);
  return seen;
}

async function finished(text: string): Promise<void> {
  const run = await prepare();
  await appendFile(run.console, text);
  await run.tellStart();
  await run.tellEnd();
  await archived();
}

describe('reading', () => {
  it('knows nothing before the start, and that nothing comes of a run that never started', async () => {
    expect(await read()).toEqual({ status: 200, text: '', next: 0, complete: 'false' });
    await tellNeverStarted(database.store, experimentId);
    await service.consumption.caughtUp();
    expect(await read()).toEqual({ status: 200, text: '', next: 0, complete: 'true' });
  });

  it('holds what was printed just now', async () => {
    const run = await prepare();
    await run.tellStart();
    await appendFile(run.console, 'begun\n');
    await until('it is followed', async () => (await read()).text === 'begun\n');
    let printed = 'begun\n';
    for (let line = 0; line < 50; line += 1) {
      await appendFile(run.console, `${line}\n`);
      printed += `${line}\n`;
      expect(await read()).toEqual({ status: 200, text: printed, next: printed.length, complete: 'false' });
    }
  });

  it('gives parts that fit together, and no torn character', async () => {
    const text = 'äöü€😀\n'.repeat(40);
    await finished(text);
    let all = '';
    for (let offset = 0, complete: string | null = 'false', parts = 0; complete === 'false'; parts += 1) {
      const part = await read(`?offset=${offset}&limit=7`);
      expect(part.text).not.toContain('\ufffd');
      all += part.text;
      [offset, complete] = [part.next, part.complete];
      if (parts > 200) throw new Error('it does not end');
    }
    expect(all).toBe(text);
  });

  it('gives the last lines', async () => {
    const lines = Array.from({ length: 20_000 }, (_, line) => `line ${line}\n`);
    await finished(lines.join(''));
    expect((await read('?tail=3')).text).toBe(lines.slice(-3).join(''));
    expect((await read('?tail=15000')).text).toBe(lines.slice(-15_000).join(''));
    expect((await read('?tail=0')).text).toBe('');
    expect((await read('?tail=99999')).text).toBe(lines.join(''));
  });

  it('tells attempts apart', async () => {
    const [one, two] = [await prepare(1), await prepare(2)];
    await appendFile(one.console, 'first');
    await one.tellStart();
    await one.tellEnd('RunPreempted');
    await appendFile(two.console, 'second');
    await two.tellStart();
    await until('both are known', async () => (await read('?attempt=2')).text === 'second');
    expect(await read('?attempt=1')).toEqual({ status: 200, text: 'first\n', next: 6, complete: 'true' });
    const { headers: said } = await fetch(address(), { headers });
    expect([said.get('x-polyaxon-attempts'), Date.parse(said.get('x-polyaxon-grown-at') ?? '') > 0]).toEqual(['1:0,2:6', true]);
    expect(await read('?attempt=all')).toMatchObject({ text: 'first\nsecond', complete: 'false' });
    await two.tellEnd();
    await until('both are complete', async () => (await read()).complete === 'true');
    expect(await read('?attempt=2')).toEqual({ status: 200, text: 'second\n', next: 13, complete: 'true' });
    expect(await read('?attempt=2&tail=5')).toMatchObject({ text: 'second\n' });
    expect(await read('?attempt=3')).toMatchObject({ status: 404 });
  });

  it('is for services only, and says what is wrong with a question', async () => {
    expect((await fetch(address())).status).toBe(401);
    expect((await fetch(address('?follow=1'))).status).toBe(401);
    for (const query of ['?offset=-1', '?limit=0', '?attempt=x', '?tail=1e3', '?follow=1&offset=x']) {
      expect(await read(query)).toMatchObject({ status: 400, text: expect.stringContaining('request-invalid') });
    }
  });

  it('is refused when the logs were deleted', async () => {
    await finished('hello\n');
    await tellDeleted(database.store, experimentId);
    await until('they are refused', async () => (await read()).status === 404);
    expect(await read('?follow=1')).toMatchObject({ status: 404, text: expect.stringContaining('logs-not-found') });
  });
});

describe('following', () => {
  it('begins before the start and ends with the end', async () => {
    const seen = await follow();
    const run = await prepare();
    await run.tellStart();
    for (const line of ['one\n', 'two\n', 'three\n']) {
      await appendFile(run.console, line);
      await until(`${line} has arrived`, () => seen.text.endsWith(line));
    }
    expect(seen.isEnded).toBe(false);
    await appendFile(run.console, 'unfinished');
    await run.tellEnd();
    await until('it has ended', () => seen.isEnded);
    expect(seen.text).toBe('one\ntwo\nthree\nunfinished\n');
  });

  it('ends when the run never starts', async () => {
    const seen = await follow();
    await tellNeverStarted(database.store, experimentId);
    await until('it has ended', () => seen.isEnded);
    expect(seen.text).toBe('');
  });

  it('goes on behind a break, and gives everyone the same', async () => {
    const run = await prepare();
    await run.tellStart();
    const whole = await follow();
    const broken = await follow();
    const child = run.spawn('sh', '-c', `i=0; while [ $i -lt 40000 ]; do i=$((i+1)); echo "$i ${'.'.repeat(80)}"; done`);
    await until('something has arrived', () => broken.text.length > 100_000);
    broken.response.destroy();
    const rest = await follow(`&offset=${broken.text.length}`);
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    await run.tellEnd();
    await until('both have ended', () => whole.isEnded && rest.isEnded, 30_000);
    const log = await readFile(join(folder, 'logs', logsPathOf(experimentId), 'run.log'), 'utf8');
    expect(whole.text === log).toBe(true);
    expect(broken.text + rest.text === log).toBe(true);
    expect(log.split('\n')).toHaveLength(40_001);
  });

  it('is not held up by one who doesn\'t read', async () => {
    const run = await prepare();
    await run.tellStart();
    const [slow, quick] = [await follow(), await follow()];
    slow.response.pause();
    await run.print('sh', '-c', 'seq 1 3000000');
    await run.tellEnd();
    await until('the quick one has it all', () => quick.isEnded, 30_000);
    slow.response.resume();
    await until('the slow one too', () => slow.isEnded, 30_000);
    expect(slow.text === quick.text).toBe(true);
    expect(quick.text.length).toBe(22_888_896);
  });

  it('sends a line without an end once it is long', async () => {
    const run = await prepare();
    await run.tellStart();
    const seen = await follow();
    await appendFile(run.console, `short\n${'€'.repeat(40_000)}`);
    await until('it has arrived', () => seen.text.length === 6 + 40_000);
    await run.tellEnd();
    await until('it has ended', () => seen.isEnded);
    expect(seen.text).toBe(`short\n${'€'.repeat(40_000)}\n`);
  });

  it('begins with the last lines of an attempt', async () => {
    await finished('one\ntwo\nthree\n');
    const seen = await follow('&tail=2&attempt=1');
    await until('it has ended', () => seen.isEnded);
    expect(seen.text).toBe('two\nthree\n');
  });
});
