// Does a copy within a store whose copier is killed at any point stay hidden, and does the next one finish it without doing again what is done?
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { faultyProxy, withS3, type Fate, type FaultyProxy, type S3Store } from '#testing';
import type { FileTree } from '../storage.ts';
import type { S3Settings } from './connection.ts';
import { S3Tree } from './s3-tree.ts';

const mebibyte = 1024 * 1024;
const sizes = { above: 6 * mebibyte, bytes: 5 * mebibyte };
const models = { 'model-1': 11 * mebibyte, 'model-2': 23 * mebibyte };
/** `OBJECTS=1000 KILLS=50` for more of it. */
const small = Number(process.env.OBJECTS ?? 250);
const kills = Number(process.env.KILLS ?? 6);
const seed = Number(process.env.SEED ?? 20261123);
const partsOfModels = 3 + 5;
const requestsOfCopy = small + partsOfModels;
/** Parts that are under way when a copier dies may come too late to be found. */
const inFlight = 2 * 4;

const script = `
  import { S3Tree } from './dist/libs/storage/src/s3/s3-tree.js';
  const [settings, sizes] = JSON.parse(process.argv[1]);
  await new S3Tree(settings, sizes).copyFolder('23', '31');
`;

const isCopy = ({ method, headers }: IncomingMessage): boolean => method === 'PUT' && headers['x-amz-copy-source'] !== undefined;
const isPart = (request: IncomingMessage): boolean => isCopy(request) && request.url!.includes('partNumber=');

withS3(`a killed copier (seed ${seed})`, (open) => {
  let store: S3Store;
  let proxy: FaultyProxy;
  let tree: FileTree;
  let settings: S3Settings;
  let wanted: Record<string, string>;
  let fateOf: (request: IncomingMessage) => Fate;
  const random = randomFrom(seed);
  const points = Array.from({ length: kills }, () => Math.floor(random() * requestsOfCopy)).concat(requestsOfCopy);

  beforeAll(async () => {
    store = await open();
    proxy = await faultyProxy(store.settings.endpoint, (request) => fateOf(request));
    settings = { ...store.settings, endpoint: proxy.endpoint };
    tree = new S3Tree(store.settings, sizes);
    for (let file = 0; file < small; file += 1) await tree.write(`23/${file % 2 === 0 ? 'a' : 'a/b'}/f${file}`, Buffer.from(`content ${file}`));
    for (const [name, size] of Object.entries(models)) await tree.write(`23/${name}`, Buffer.alloc(size, name));
    wanted = await sums('23');
  });
  afterAll(async () => {
    await proxy.stop();
    await store.stop();
  });

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
      if (copies >= point) child.kill('SIGKILL');
      return fate;
    };
    let isOver = false;
    void exit.then(() => (isOver = true));
    while (!isOver) await look();
    await exit;
    await look();

    fateOf = worse;
    expect(await new S3Tree(settings, sizes).copyFolder('23', '31')).toMatchObject({ files: small + 2 });
    expect(await sums('31')).toEqual(wanted);
    expect(await uploads()).toEqual([]);
    expect((await tree.children('')).folders).toEqual(['23', '31']);
    const repeated = 0.1 * requestsOfCopy; // what was answered badly, and what was under way
    expect(copies).toBeLessThanOrEqual(requestsOfCopy + repeated + 64);
    expect(parts).toBeLessThanOrEqual(partsOfModels + inFlight + 6);
  });
});

/** Mulberry32: the same numbers for the same seed. */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
