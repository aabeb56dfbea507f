// Do the carrier's two containers do all of their work, whenever they are killed and whatever the gateway does?
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import type { AttemptReportBody } from '#contracts';
import { bringExitCode, CarryNotes, openStorage, type FileTree, type PodEnd, type PodOrder } from '#storage';
import { until, withS3, type S3Store } from '#testing';

const main = join(process.cwd(), 'dist/apps/carrier/src/main.js');
let folder: string;
let server: Server;
let url: string;
/** What the other side has; `mood` is what it does before it answers. */
let console: Buffer;
let lastTold: number | undefined;
let reports: AttemptReportBody[];
let mood: 'well' | 'away' | 'keeps-and-breaks' | 'refuses';
const running: ChildProcess[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://gateway');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const answer = (status: number, body: object) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (request.headers.authorization !== 'Token the-token') return answer(401, { detail: 'the token is not valid' });
      if (mood === 'away') return answer(503, { detail: 'try again' });
      if (mood === 'refuses') return answer(410, { detail: 'it is archived' });
      if (pathname === '/code') return void createReadStream(join(folder, 'code.tar.gz')).pipe(response);
      if (pathname === '/report') reports.push(JSON.parse(Buffer.concat(chunks).toString()) as AttemptReportBody);
      if (pathname === '/report') return answer(200, {});
      if (pathname !== '/console') return answer(404, { detail: 'there is no code' });
      const [offset, bytes] = [Number(searchParams.get('offset')), Buffer.concat(chunks)];
      if (offset > console.length) return answer(409, { receivedBytes: console.length });
      console = Buffer.concat([console, bytes.subarray(console.length - offset)]);
      if (searchParams.get('last') === '1') lastTold = console.length;
      if (mood === 'keeps-and-breaks' && bytes.length > 0) return void request.socket.destroy();
      answer(200, { receivedBytes: console.length });
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyaxon-pod-'));
  [console, mood, lastTold, reports] = [Buffer.alloc(0), 'well', undefined, []];
  await writeFile(join(folder, 'token'), 'the-token\n');
});
afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const orderOf = (more: Partial<PodOrder> = {}): PodOrder => ({
  run: join(folder, 'run'), notes: join(folder, 'notes'), tokenFile: join(folder, 'token'), code: null, consoleAddress: `${url}/console?attempt=1`, carry: null, lastSeconds: 30, ...more,
});

async function start(mode: 'bring' | 'attend', order = orderOf()): Promise<{ child: ChildProcess; ended: Promise<number | null>; printed: () => string }> {
  const file = join(folder, 'order');
  await writeFile(file, JSON.stringify(order));
  await rm(join(order.run, 'attended'), { force: true });
  const child = spawn(process.execPath, [main, mode, file], { env: { PATH: process.env.PATH, POLYAXON_TERMINATION_LOG: join(folder, 'message') }, stdio: ['ignore', 'pipe', process.env.DEBUG ? 'inherit' : 'ignore'] });
  running.push(child);
  let printed = '';
  if (mode === 'attend') await until('it listens', () => stat(join(order.run, 'attended')).catch(() => null), 20_000);
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  return { child, ended: once(child, 'exit').then(([code]) => code as number | null), printed: () => printed };
}

const message = () => readFile(join(folder, 'message'), 'utf8');
const end = async () => JSON.parse(await message()) as PodEnd;
const print = (text: string) => appendFile(join(folder, 'run/console'), text);
const leave = (code: number) => writeFile(join(folder, 'run/exit'), `${code}\n`);
const received = (text: string) => until('all is received', () => (console.toString() === text ? true : null), 20_000);
const brought = async (order?: PodOrder) => (await start('bring', order)).ended;

async function makeArchive(files: Readonly<Record<string, string>>): Promise<void> {
  const from = join(folder, 'source');
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(from, name, '..'), { recursive: true });
    await writeFile(join(from, name), text);
  }
  await chmod(join(from, Object.keys(files)[0]!), 0o700);
  await create({ gzip: true, cwd: from, file: join(folder, 'code.tar.gz') }, ['.']);
}

describe('what a program needs', () => {
  const code = () => ({ address: `${url}/code`, revision: 'a'.repeat(64) });

  it('is there before it starts, for whoever runs it', async () => {
    await makeArchive({ 'train.py': 'print(1)', 'lib/net.py': '' });
    expect(await brought(orderOf({ code: code() }))).toBe(0);
    expect(await readFile(join(folder, 'run/code/train.py'), 'utf8')).toBe('print(1)');
    const modes = await Promise.all(['run/code', 'run/code/lib', 'run/code/train.py', 'run/console'].map(async (name) => (await stat(join(folder, name))).mode & 0o777));
    expect(modes.map((mode) => mode.toString(8))).toEqual(['777', '777', '766', '666']);
    expect(await readFile(join(folder, 'run/attempt.sh'), 'utf8')).toBe(await readFile('apps/carrier/src/pod/attempt.sh', 'utf8'));
    expect((await stat(join(folder, 'run/python/polyaxon_client/__init__.py'))).isFile()).toBe(true);
  });

  it('is there also when the gateway was away, and what fetched it was killed', async () => {
    await makeArchive({ 'train.py': 'print(1)' });
    mood = 'away';
    const first = await start('bring', orderOf({ code: code() }));
    await until('it has begun', () => stat(join(folder, 'run/python')).catch(() => null));
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await start('bring', orderOf({ code: code() }));
    mood = 'well';
    expect(await second.ended).toBe(0);
    expect(await readFile(join(folder, 'run/code/train.py'), 'utf8')).toBe('print(1)');
  });

  it('is refused with one line that says why', async () => {
    expect(await brought(orderOf({ code: { ...code(), address: `${url}/nothing` } }))).toBe(bringExitCode.lasting);
    expect(await message()).toMatch(/^its code, revision a+, could not be fetched: 127\.0\.0\.1:\d+ answers 404: there is no code$/);
    await writeFile(join(folder, 'code.tar.gz'), 'no archive');
    expect(await brought(orderOf({ code: code() }))).toBe(bringExitCode.lasting);
    expect(await message()).toMatch(/^its code, revision a+, can't be unpacked: /);
  });
});

describe('what a program prints', () => {
  it('is sent while it grows and after its end, and shown here as well', async () => {
    await brought();
    const carrier = await start('attend');
    await print('one\n');
    await received('one\n');
    await print('two\n');
    await received('one\ntwo\n');
    await print('last words');
    await leave(3);
    carrier.child.kill('SIGTERM');
    expect(await carrier.ended).toBe(0);
    expect(console.toString()).toBe('one\ntwo\nlast words');
    expect(lastTold).toBe(console.length);
    expect(carrier.printed()).toBe('one\ntwo\nlast words');
    expect(await end()).toEqual({ carried: null, isWhole: true, consoleBytes: 18, consoleSizeBytes: 18, echoedBytes: expect.any(Number), exitCode: 3, wasAsked: false });
  });

  it('is sent when the program was killed and left no exit code', async () => {
    await brought();
    const carrier = await start('attend');
    await print('going\n');
    carrier.child.kill('SIGTERM');
    expect(await carrier.ended).toBe(0);
    expect(console.toString()).toBe('going\n');
    expect(await end()).toMatchObject({ exitCode: null, consoleBytes: 6, isWhole: true });
  });

  it('is all there, once, although the carrier is killed again and again and answers get lost', async () => {
    await brought();
    const text = Array.from({ length: 300_000 }, (_, line) => `${line}\n`).join('');
    for (let n = 0; n < 8; n += 1) {
      mood = n % 2 === 0 ? 'keeps-and-breaks' : 'well';
      const before = console.length;
      const carrier = await start('attend');
      await print(text.slice((text.length / 8) * n, (text.length / 8) * (n + 1)));
      await until('more has come', () => (console.length > before ? true : null), 20_000);
      carrier.child.kill('SIGKILL');
      await carrier.ended;
    }
    mood = 'well';
    const carrier = await start('attend');
    await leave(0);
    await until('all is received', () => (console.length === text.length ? true : null), 20_000);
    carrier.child.kill('SIGTERM');
    expect(await carrier.ended).toBe(0);
    expect(console.toString() === text).toBe(true);
    expect(await end()).toMatchObject({ isWhole: true, consoleBytes: text.length });
  }, 60_000);

  it('waits for the gateway as long as it may after the end, and says how much is missing', async () => {
    await brought();
    await print('never sent\r\n');
    await leave(0);
    mood = 'away';
    const carrier = await start('attend', orderOf({ lastSeconds: 1 }));
    await until('it has said how far it is', () => end().catch(() => null));
    carrier.child.kill('SIGTERM');
    expect(await carrier.ended).toBe(0);
    expect(await end()).toMatchObject({ isWhole: false, consoleBytes: 0, consoleSizeBytes: 12, echoedBytes: 12, exitCode: 0 });
    expect(carrier.printed()).toBe('never sent\r\r\n'); // of which containerd keeps what was printed
  });

  it('is sent no more when nobody takes it', async () => {
    await brought();
    await print('late\n');
    await leave(0);
    mood = 'refuses';
    const carrier = await start('attend');
    await until('it has said how far it is', () => end().catch(() => null));
    carrier.child.kill('SIGTERM');
    expect(await carrier.ended).toBe(0);
    expect(await end()).toMatchObject({ isWhole: false, consoleBytes: 0 });
  });

  it('comes with what is wrong with a command that is not there, and with the build step that failed', async () => {
    await brought();
    await print('train: not found\n');
    await writeFile(join(folder, 'run/building'), '1 of 1 (train)');
    await leave(127);
    const carrier = await start('attend');
    await until('it has said how far it is', () => end().catch(() => null));
    carrier.child.kill('SIGTERM');
    await carrier.ended;
    expect(await end()).toMatchObject({ exitCode: 127, tail: 'train: not found\n', buildStep: '1 of 1 (train)' });
  });
});

describe('how far it is', () => {
  it('is told while it runs: its build steps, whether it has read its checkpoint; and at its end', async () => {
    const outputs = join(folder, 'outputs');
    await mkdir(outputs);
    await writeFile(join(outputs, 'step-7.pt'), 'seven');
    const order = orderOf({ reportAddress: `${url}/report?attempt=1`, isBuilding: true, checkpoint: { folder: outputs, parts: ['step-7.pt'], mayTouch: true } });
    await brought(order);
    const carrier = await start('attend', order);
    await until('it builds', () => reports.at(-1)?.is_building === true);
    expect(reports).toEqual([{ is_building: true, carrying: null, warnings: [], checkpoint: null }]);
    await writeFile(join(folder, 'run/built'), '');
    await until('it has built', () => reports.at(-1)?.is_building === false);
    await readFile(join(outputs, 'step-7.pt'));
    const read = { read: 'read', how: 'its file was read' };
    await until('it has read its checkpoint', () => reports.at(-1)?.checkpoint ?? null);
    expect(reports.slice(2)).toEqual([{ is_building: false, carrying: null, warnings: [], checkpoint: read }]);
    await leave(0);
    carrier.child.kill('SIGTERM');
    await carrier.ended;
    expect(await end()).toMatchObject({ exitCode: 0, checkpoint: read });
  });

  it('is of no importance to anything else', async () => {
    await brought();
    const carrier = await start('attend', orderOf({ reportAddress: `${url}/nowhere`, isBuilding: true }));
    await print('one\n');
    await received('one\n');
    await leave(0);
    carrier.child.kill('SIGTERM');
    expect(await carrier.ended).toBe(0);
    expect(await end()).toMatchObject({ isWhole: true, exitCode: 0 });
  });
});

withS3('outputs', (open) => {
  let s3: S3Store;
  let tree: FileTree;
  beforeAll(async () => {
    s3 = await open();
    tree = await openStorage({ kind: 's3', ...s3.settings });
  }, 60_000);
  afterAll(() => s3.stop());

  it('are brought, and carried back by whoever comes after those who were killed', async () => {
    const path = `mona/mnist/experiments/${process.pid}`;
    await tree.write(`${path}/checkpoint-1`, Buffer.from('one'));
    const outputs = join(folder, 'outputs', path);
    const order = orderOf({ carry: { store: s3.settings, path, folder: outputs, references: [], epoch: [process.pid, 1], lagSeconds: 1 } });
    const killed = await start('bring', order);
    await until('it has begun', () => stat(join(folder, 'notes/carry')).catch(() => null));
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(await brought(order)).toBe(0);
    expect(await readFile(join(outputs, 'checkpoint-1'), 'utf8')).toBe('one');
    const first = await start('attend', order);
    await writeFile(join(outputs, 'checkpoint-2'), 'two');
    await until('it is in the store', () => tree.stat(`${path}/checkpoint-2`), 20_000);
    first.child.kill('SIGKILL');
    await first.ended;
    await writeFile(join(outputs, 'checkpoint-3'), 'three');
    await leave(0);
    const second = await start('attend', order);
    await until('all is carried', () => new CarryNotes(join(folder, 'notes/carry')).done(), 20_000);
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    expect(await end()).toMatchObject({ carried: { isOk: true }, isWhole: true, exitCode: 0 });
    expect((await tree.children(path)).files.map(({ name }) => name).sort()).toEqual(['checkpoint-1', 'checkpoint-2', 'checkpoint-3']);
  }, 90_000);

  it('that cannot be had are said in one line', async () => {
    const order = orderOf({ carry: { store: { ...s3.settings, bucket: 'no-such-bucket' }, path: 'a/b/experiments/1', folder: join(folder, 'outputs'), references: [], epoch: [1, 1], lagSeconds: 1 } });
    expect(await brought(order)).toBe(bringExitCode.lasting);
    expect(await message()).toMatch(/^its outputs could not be brought here: /);
  }, 60_000);
}, ['versitygw']);
