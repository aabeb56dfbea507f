// Do the other services get to read what is in an outputs path, and nothing else?
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar';
import { readConfiguration, startService, type RunningService } from '#service-host';
import { openTestStore, until, type TestStore } from '#testing';
import { variables } from '../configuration.ts';
import { storageManager } from '../storage-manager.module.ts';

const path = 'mona/mnist/experiments/23';
const token = 'between us';
let database: TestStore;
let root: string;
let service: RunningService;

beforeAll(async () => {
  database = await openTestStore();
  root = await mkdtemp(join(tmpdir(), 'polyaxon-outputs-'));
  const configuration = readConfiguration(variables, {
    POLYAXON_DATABASE_URL: database.url, POLYAXON_INTERNAL_TOKEN: token, POLYAXON_HOST: '127.0.0.1', POLYAXON_LOG_LEVEL: 'fatal', POLYAXON_OUTPUTS_ROOT: root,
  });
  service = await startService('storage-manager', { databaseUrl: database.url, host: '127.0.0.1', port: 0, logLevel: 'fatal' }, (foundation) => storageManager(configuration, foundation));
  await mkdir(join(root, path, 'checkpoints/sub'), { recursive: true });
  await writeFile(join(root, path, 'checkpoint.json'), '{"step": 12}');
  await writeFile(join(root, path, 'checkpoints/epoch-3.json'), '{"step');
  await writeFile(join(root, path, 'empty.txt'), '');
  await writeFile(join(root, path, 'model.bin'), '0123456789');
  await writeFile(join(root, 'mona/secret.txt'), 'not yours');
  await symlink(join(root, 'mona'), join(root, path, 'up'));
});
afterAll(async () => {
  await service.stop();
  await database.close();
  await rm(root, { recursive: true, force: true });
});

function get(route: string, query: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
  const url = `http://127.0.0.1:${service.port}/internal/outputs/${route}?${String(new URLSearchParams(query))}`;
  return fetch(url, { headers: { 'x-polyaxon-internal-token': token, ...headers } });
}

it('a summary counts files and tells checkpoints', async () => {
  const answer = await get('summary', { path });
  expect(await answer.json()).toMatchObject({
    exists: true,
    files: 4,
    sizeBytes: 28,
    checkpoints: expect.arrayContaining([
      { path: 'checkpoint.json', framework: 'json', step: 12, sizeBytes: 12, modifiedAt: expect.any(String), complete: true, problem: null, compared: false },
      { path: 'checkpoints/epoch-3.json', framework: 'json', step: 3, sizeBytes: 6, modifiedAt: expect.any(String), complete: false, problem: 'its 6 bytes are not one JSON object', compared: false },
    ]),
  });
  expect(await (await get('summary', { path: 'mona/mnist/experiments/99' })).json()).toEqual({
    exists: false, files: 0, sizeBytes: 0, checkpoints: [], choice: { offered: null, setAside: [], problem: null, alternatives: [] },
  });
});

it('a tree is listed level by level', async () => {
  expect(await (await get('tree', { path })).json()).toEqual({ files: [['checkpoint.json', 12], ['empty.txt', 0], ['model.bin', 10]], dirs: ['checkpoints'] });
  expect(await (await get('tree', { path, folder: 'checkpoints' })).json()).toEqual({ files: [['epoch-3.json', 6]], dirs: ['sub'] });
  expect((await get('tree', { path, folder: 'nowhere' })).status).toBe(404);
  expect(await (await get('tree', { path: 'mona/mnist/experiments/99' })).json()).toEqual({ files: [], dirs: [] });
});

it('a file comes whole, or the part of it that is asked for', async () => {
  const all = await get('file', { path, file: 'model.bin' });
  expect([all.status, all.headers.get('content-length'), await all.text()]).toEqual([200, '10', '0123456789']);
  const part = await get('file', { path, file: 'model.bin' }, { range: 'bytes=2-4' });
  expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-4/10', '234']);
  const end = await get('file', { path, file: 'model.bin' }, { range: 'bytes=-3' });
  expect([end.status, await end.text()]).toEqual([206, '789']);
  const beyond = await get('file', { path, file: 'model.bin' }, { range: 'bytes=10-' });
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10']);
  const empty = await get('file', { path, file: 'empty.txt' });
  expect([empty.status, empty.headers.get('content-length'), await empty.text()]).toEqual([200, '0', '']);
});

it('a part is given only of the content that is meant', async () => {
  const all = await get('file', { path, file: 'model.bin' });
  const etag = all.headers.get('etag') ?? '';
  const part = await get('file', { path, file: 'model.bin' }, { range: 'bytes=8-', 'if-range': etag });
  expect([part.status, part.headers.get('etag'), await part.text()]).toEqual([206, etag, '89']);
  const other = await get('file', { path, file: 'model.bin' }, { range: 'bytes=8-', 'if-range': '"another"' });
  expect([other.status, await other.text()]).toEqual([200, '0123456789']);
  expect(all.headers.get('repr-digest')).toBe(`sha-256=:${createHash('sha256').update('0123456789').digest('base64')}:`);
});

it('every file is listed, or the one that is named', async () => {
  const lines = async (folder: string) => (await (await get('list', { path, folder })).text()).split('\n').filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>);
  expect((await lines('')).map(({ path: name }) => name)).toEqual(['checkpoint.json', 'checkpoints/epoch-3.json', 'empty.txt', 'model.bin']);
  expect(await lines('checkpoints')).toEqual([{ path: 'checkpoints/epoch-3.json', size_bytes: 6, modified_at: expect.any(String), version: expect.any(String) }]);
  expect(await lines('model.bin')).toMatchObject([{ path: 'model.bin', version: (await get('file', { path, file: 'model.bin' })).headers.get('etag')?.replaceAll('"', '') }]);
  expect((await get('list', { path, folder: 'nowhere' })).status).toBe(404);
});

it('a large file comes byte for byte', async () => {
  const content = Buffer.alloc(20_000_000, 'polyaxon');
  await writeFile(join(root, path, 'checkpoints/sub/large'), content);
  const answer = await get('file', { path, file: 'checkpoints/sub/large' });
  const digest = createHash('sha256').update(Buffer.from(await answer.arrayBuffer())).digest('hex');
  expect(digest).toBe(createHash('sha256').update(content).digest('hex'));
  const told = async () => (await get('digest', { path, file: 'checkpoints/sub/large' })).json();
  expect(await told()).toEqual({ path: 'checkpoints/sub/large', size_bytes: content.length, version: answer.headers.get('etag')?.replaceAll('"', ''), sha256: digest });
  await writeFile(join(root, path, 'checkpoints/sub/large'), content.fill('other'));
  expect(await told()).toMatchObject({ sha256: createHash('sha256').update(content).digest('hex') });
});

it('a file that is cut while it is sent breaks off, and never looks complete', async () => {
  const large = join(root, path, 'checkpoints/sub/cut');
  await writeFile(large, Buffer.alloc(64_000_000));
  const socket = connect(service.port, '127.0.0.1');
  const query = String(new URLSearchParams({ path, file: 'checkpoints/sub/cut' }));
  socket.write(`GET /internal/outputs/file?${query} HTTP/1.1\r\nhost: x\r\nx-polyaxon-internal-token: ${token}\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  await truncate(large, 1000);
  let received = 0;
  socket.on('data', (chunk: Buffer) => (received += chunk.length)).on('error', () => undefined).resume();
  await until('the connection is broken off', () => socket.destroyed || socket.closed || socket.readableEnded);
  expect(received).toBeLessThan(64_000_000);
});

it('an archive holds everything but links', async () => {
  const answer = await get('archive', { path });
  expect(answer.headers.get('content-type')).toBe('application/gzip');
  const folder = await mkdtemp(join(tmpdir(), 'polyaxon-archive-'));
  const names: string[] = [];
  await pipeline(Readable.fromWeb(answer.body as never), extract({ cwd: folder, onReadEntry: (entry) => names.push(entry.path) }));
  await rm(folder, { recursive: true });
  expect(names).toEqual(expect.arrayContaining(['checkpoint.json', 'checkpoints/epoch-3.json', 'empty.txt', 'model.bin']));
  expect(names).not.toContain('up');
  expect((await get('archive', { path: 'mona/mnist/experiments/99' })).status).toBe(404);
});

it.each([
  ['../secret.txt', 400],
  ['../../../../etc/passwd', 400],
  ['/etc/passwd', 400],
  ['up/secret.txt', 400],
  ['up', 400],
  ['checkpoints', 404],
  ['nowhere', 404],
  ['', 404],
  ['a\0b', 400],
])('the file %j is not given', async (file, status) => {
  const answer = await get('file', { path, file });
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ code: status === 404 ? 'path-not-found' : 'path-invalid' });
});

it.each(['', 'mona', 'mona/mnist', 'mona/mnist/experiments', '../x/experiments/1', 'mona/mnist/experiments/23/checkpoints', 'mona/mnist/experiments/0'])('the path %j is nobody\'s', async (wrong) => {
  for (const route of ['summary', 'tree', 'archive']) {
    const answer = await get(route, { path: wrong });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, 'path-invalid']);
  }
});

it('nobody else may ask', async () => {
  for (const headers of [{ 'x-polyaxon-internal-token': 'guess' }, { 'x-polyaxon-internal-token': '' }]) expect((await get('summary', { path }, headers)).status).toBe(401);
});

it('there is no progress where nothing is copied', async () => {
  for (const experimentId of ['23', 'x', '', '-1']) expect((await get('copy_progress', { experimentId })).status).toBe(404);
});

it('metrics of copies are there before the first one', async () => {
  const metrics = await (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text();
  for (const line of ['polyaxon_copies_running 0', 'polyaxon_copy_bytes_total 0', 'polyaxon_copy_failures_total{reason="disk-full"} 0']) expect(metrics).toContain(line);
});
