// Does a copy within a store whose copier is killed at any point stay hidden, and does the next one finish it without doing again what is done?
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { faultyProxy, Random, withS3, type Fate, type FaultyProxy, type S3Store } from '#testing';
import type { FileTree } from '../storage.ts';
import type { S3Settings } from './connection.ts';
import { S3Tree } from './s3-tree.ts';

const mebibyte = 1024 * 1024;
const sizes = { above: 6 * mebibyte, bytes: 5 * mebibyte };
const models = { 'model-1': 11 * mebibyte, 'model-2': 58 * mebibyte };
/** `OBJECTS=1000 KILLS=50` for more of it. */
const small = Number(process.env.OBJECTS ?? 250);
const kills = Number(process.env.KILLS ?? 3);
const seed = Number(process.env.SEED ?? 20261123);
const partsOfModels = 3 + 12;
const requestsOfCopy = small + partsOfModels;

const script = `
  import { S3Tree } from './dist/libs/storage/src/s3/s3-tree.js';
  const [settings, sizes] = JSON.parse(process.argv[1]);
  await new S3Tree(settings, sizes).copyFolder('23', '31');
`;

const isCopy = ({ method, headers }: IncomingMessage): boolean => method === 'PUT' && headers['x-amz-copy-source'] !== undefined;
const isPart = (request: IncomingMessage): boolean => isCopy(request) && request.url!.includes('partNumber=');

withS3(`a killed copier (seed ${seed})`, (open, server) => {
  let store: S3Store;
  let proxy: FaultyProxy;
  let tree: FileTree;
  let settings: S3Settings;
  let wanted: Record<string, string>;
  let fateOf: (request: IncomingMessage) => Fate;
  /** Parts that the store has, and how often each was copied once more although the store had it, by object. */
  let had = new Set<string>();
  let repeats: Record<string, number> = {};
  const sum = { kills: 0, looks: 0, copies: 0, parts: 0, repeats: 0, mostOfOneObject: 0 };
  const random = new Random(seed).next;
  /** Anywhere; one more for every five in the middle of the large objects, which are few requests; and one after all of it. */
  const points = Array.from({ length: kills }, () => Math.floor(random() * requestsOfCopy))
    .concat(Array.from({ length: Math.ceil(kills / 5) }, () => small + 1 + Math.floor(random() * partsOfModels)))
    .concat(requestsOfCopy);

  beforeAll(async () => {
    store = await open();
    proxy = await faultyProxy(store.settings.endpoint, (request) => fateOf(request), count);
    settings = { ...store.settings, endpoint: proxy.endpoint };
    tree = new S3Tree(store.settings, sizes);
    const files = Array.from({ length: small }, (_, file) => file);
    const writeSome = async (): Promise<void> => {
      for (let file = files.pop(); file !== undefined; file = files.pop()) await tree.write(`23/${file % 2 === 0 ? 'a' : 'a/b'}/f${file}`, Buffer.from(`content ${file}`));
    };
    await Promise.all(Array.from({ length: 8 }, writeSome));
    for (const [name, size] of Object.entries(models)) await tree.write(`23/${name}`, Buffer.alloc(size, name));
    wanted = await sums('23');
  });
  afterAll(async () => {
    await proxy.stop();
    await store.stop();
    if (process.env.OBJECTS !== undefined) process.stdout.write(`${server}: ${small + 2} objects, ${JSON.stringify(sum)}\n`);
  });

  function count(request: IncomingMessage, status: number): void {
    if (!isPart(request) || status !== 200) return;
    const { pathname } = new URL(request.url!, 'http://store');
    if (had.has(request.url!)) repeats[pathname] = (repeats[pathname] ?? 0) + 1;
    had.add(request.url!);
  }
  async function sums(folder: string): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for await (const { path } of tree.list(folder)) found[path] = createHash('sha256').update(await buffer(await tree.read(`${folder}/${path}`))).digest('hex');
    return found;
  }
  async function uploads(): Promise<string[]> {
    const found: string[] = [];
    for (const below of ['', ...Object.keys(models).map((name) => `outputs/31/${name}`)]) // some stores list those of exact keys only
      for await (const { key } of store.client.listIncompleteUploads(store.settings.bucket, below, true)) found.push(key as string);
    return found;
  }
  /** A reader may look whenever it likes. */
  async function look(): Promise<void> {
    const isThere = await tree.exists('31');
    if (isThere) expect((await tree.usage('31')).files).toBe(small + 2);
    else expect((await tree.children('')).folders).toEqual(['23']);
  }

  it.each(points)('after %d requests of the copy has shown nothing or everything, and the next one finishes', async (point) => {
    await tree.remove('31');
    [had, repeats] = [new Set(), {}];
    let copies = 0;
    let parts = 0;
    const worse = (request: IncomingMessage): Fate => {
      if (isCopy(request)) copies += 1;
      if (isPart(request)) parts += 1;
      const chance = random();
      return chance < 0.01 ? 'reset' : chance < 0.02 ? 'lose' : chance < 0.05 ? 'busy' : 'pass';
    };
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, JSON.stringify([settings, sizes])], { stdio: ['ignore', 'ignore', 'inherit'] });
    const exit = once(child, 'exit');
    fateOf = (request) => {
      const fate = worse(request);
      if (copies >= point && !child.killed && child.kill('SIGKILL')) sum.kills += 1;
      return fate;
    };
    let isOver = false;
    void exit.then(() => (isOver = true));
    for (; !isOver; sum.looks += 1) await look();
    await exit;
    await look();

    fateOf = worse;
    expect(await new S3Tree(settings, sizes).copyFolder('23', '31')).toMatchObject({ files: small + 2 });
    expect(await sums('31')).toEqual(wanted);
    expect(await uploads()).toEqual([]);
    expect((await tree.children('')).folders).toEqual(['23', '31']);
    const repeated = 0.1 * requestsOfCopy; // what was answered badly, and what was under way
    expect(copies).toBeLessThanOrEqual(requestsOfCopy + repeated + 64);
    const timesOf = Object.values(repeats);
    expect(Math.max(0, ...timesOf)).toBeLessThanOrEqual(1); // of one object, and only when the store was still at it when the next one asked
    sum.copies += copies;
    sum.parts += parts;
    sum.repeats += timesOf.reduce((one, other) => one + other, 0);
    sum.mostOfOneObject = Math.max(sum.mostOfOneObject, ...timesOf);
  });
});
