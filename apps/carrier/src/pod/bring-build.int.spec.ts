// Does a builder find the code and the Dockerfile that it is to build of, and does whoever sent other code hear what is wrong with it?
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create } from 'tar';
import { CodeUnusable, type BuildOrder } from '#storage';
import { bringBuild } from './bring-build.ts';

let folder: string;
let server: Server;
let asked: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bring-build-'));
  await writeFile(join(folder, 'token'), 'the-token\n');
  asked = 0;
  server = createServer((request, response) => {
    asked += 1;
    if (request.headers.authorization !== 'Token the-token') return void response.writeHead(401).end('{}');
    createReadStream(join(folder, 'code.tar.gz')).pipe(response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/code`;
const inPod = (...path: string[]) => join(folder, 'run', ...path);
const orderOf = (more: Partial<BuildOrder> = {}): BuildOrder => ({
  run: inPod(), notes: join(folder, 'notes'), tokenFile: join(folder, 'token'), code: { address: address(), revision: 'r1' }, base: { dockerfile: 'Dockerfile' }, context: '.', lines: [], files: {}, ...more,
});
async function codeIs(files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}): Promise<void> {
  const code = join(folder, 'code');
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(code, name)), { recursive: true });
    await writeFile(join(code, name), text);
  }
  for (const [name, target] of Object.entries(links)) await symlink(target, join(code, name));
  await create({ gzip: true, cwd: code, file: join(folder, 'code.tar.gz') }, ['.']);
}
async function refusal(order: BuildOrder): Promise<string> {
  const error = await bringBuild(order).then(() => 'nothing', (failure: unknown) => failure);
  expect(error).toBeInstanceOf(CodeUnusable);
  return (error as Error).message;
}

it('is the Dockerfile of the code, with the steps behind it, and files for the builder beside it', async () => {
  await codeIs({ 'docker/Dockerfile': 'FROM python:3\nCOPY . /app', 'train.py': 'print()' });
  await bringBuild(orderOf({ base: { dockerfile: 'docker/Dockerfile' }, lines: ['RUN make', 'RUN make install'], files: { 'buildkitd.toml': 'http = true\n' } }));
  expect(await readFile(inPod('docker/Dockerfile'), 'utf8')).toBe('FROM python:3\nCOPY . /app\nRUN make\nRUN make install\n');
  expect(await readFile(inPod('docker/buildkitd.toml'), 'utf8')).toBe('http = true\n');
  expect(await readFile(inPod('code/train.py'), 'utf8')).toBe('print()');
  expect((await stat(inPod('code/train.py'))).mode & 0o004).toBe(0o004); // the builder is another user
});

it('is of an image, and without any code: an empty folder', async () => {
  await bringBuild(orderOf({ code: null, base: { image: 'registry.lab:5000/python:3' }, lines: ['WORKDIR /polyaxon/code'] }));
  expect(await readFile(inPod('docker/Dockerfile'), 'utf8')).toBe('FROM registry.lab:5000/python:3\nWORKDIR /polyaxon/code\n');
  expect([await readdir(inPod('code')), asked]).toEqual([[], 0]);
});

it('does what is not done when it is repeated after a kill', async () => {
  await codeIs({ Dockerfile: 'FROM a' });
  await mkdir(inPod('docker'), { recursive: true });
  await writeFile(inPod('docker/Dockerfile.part'), 'FRO');
  await bringBuild(orderOf());
  await bringBuild(orderOf());
  expect([await readdir(inPod('docker')), await readFile(inPod('docker/Dockerfile'), 'utf8')]).toEqual([['Dockerfile'], 'FROM a\n']);
});

describe('what is wrong with the code fails whoever is to be built of it', () => {
  const many = Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`f${String(n).padStart(2, '0')}`, '']));

  it.each<[string, Readonly<Record<string, string>>, Partial<BuildOrder>, RegExp]>([
    ['no Dockerfile', { 'train.py': '', 'docker/x': '' }, {}, /^build\.dockerfile: there is no file Dockerfile in the code; at its top are docker, train\.py; name it from there, or send the code that has it/],
    ['a folder for one', { 'Dockerfile/x': '' }, {}, /^build\.dockerfile: there is no file Dockerfile in the code/],
    ['one of another case among many', many, { base: { dockerfile: 'dockerfile' } }, /at its top are f00, .*f19 \.\.\.;/],
    ['one that is too large', { Dockerfile: '#'.repeat(1024 * 1024 + 1) }, {}, /^build\.dockerfile: Dockerfile is larger than 1 MiB/],
    ['no context', { Dockerfile: 'FROM a' }, { context: 'app' }, /^build\.context: there is no folder app in the code/],
    ['a file for one', { Dockerfile: 'FROM a', app: '' }, { context: 'app' }, /^build\.context: there is no folder app in the code/],
  ])('%s', async (_, files, more, says) => {
    await codeIs(files);
    expect(await refusal(orderOf(more))).toMatch(says);
  });

  it.each(['/etc/passwd', 'docker/gpu'])('a link, wherever it leads: %s', async (target) => {
    await codeIs({ 'docker/gpu': 'FROM gpu' }, { Dockerfile: target });
    expect(await refusal(orderOf())).toMatch(/^its code, revision r1, holds \.\/Dockerfile, which is neither a file nor a folder/);
    await expect(stat(inPod('docker/Dockerfile'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('code that its gateway refuses', async () => {
    await codeIs({ Dockerfile: 'FROM a' });
    await writeFile(join(folder, 'token'), 'another');
    expect(await refusal(orderOf())).toMatch(/^its code, revision r1, could not be fetched: .*401/);
  });
});
