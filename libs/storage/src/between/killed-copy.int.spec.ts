// Does a copy between two stores whose copier is killed at any point stay hidden, and does the next one finish it without bringing again what is there?
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { faultyProxy, Random, withS3, type FaultyProxy, type S3Store } from '#testing';
import { copyBetween, openStorage, type FileTree, type StorageConfiguration } from '../index.ts';

const mebibyte = 1024 * 1024;
const small = 40;
/** Of three pieces each. */
const models = ['model-1', 'model-2'];
/** `KILLS=50` for more of it. */
const kills = Number(process.env.KILLS ?? 3);
const seed = Number(process.env.SEED ?? 20261127);
/** Where every one of them is asked for once. */
const requestsOfCopy = small + 3 * models.length;

const script = `
  import { copyBetween, openStorage } from '#storage';
  const [source, target] = await Promise.all(JSON.parse(process.argv[1]).map(openStorage));
  await copyBetween({ tree: source, folder: '23' }, { tree: target, folder: '31' });
`;

withS3(`a killed copier between two stores (seed ${seed})`, (open) => {
  let store: S3Store;
  let proxy: FaultyProxy;
  let carried = 0;
  let onRequest: () => void = () => undefined;
  const folders: string[] = [];

  beforeAll(async () => {
    store = await open();
    proxy = await faultyProxy(store.settings.endpoint, ({ method, url }) => {
      if ((method === 'PUT' || method === 'GET') && /\/(23|31)\//.test(url!) && !url!.includes('.polyaxon.')) {
        carried += 1;
        onRequest();
      }
      return 'pass';
    });
  });
  afterAll(async () => {
    await proxy.stop();
    await store.stop();
    folders.forEach((folder) => rmSync(folder, { recursive: true, force: true }));
  });

  const volume = (): StorageConfiguration => ({ kind: 'volume', root: folders[folders.push(mkdtempSync(join(tmpdir(), 'killed-between-'))) - 1]! });
  let buckets = 0;
  const bucket = (): StorageConfiguration => ({ kind: 's3', ...store.settings, endpoint: proxy.endpoint, prefix: `killed-${(buckets += 1)}` });

  describe.each([
    ['a volume to the store', volume, bucket, 1],
    ['the store to a volume', bucket, volume, 1],
    ['one store to another', bucket, bucket, 2],
  ] as const)('from %s', (_, from, to, sides) => {
    let origin: StorageConfiguration;
    let source: FileTree;
    let wanted: ReadonlyMap<string, string>;
    beforeAll(async () => {
      origin = from();
      source = await openStorage(origin);
      for (let file = 0; file < small; file += 1) await source.write(`23/${file % 2 === 0 ? 'a' : 'a/b'}/f${file}`, Buffer.from(`content ${file}`));
      for (const name of models) await source.write(`23/${name}`, Buffer.alloc(17 * mebibyte, name));
      wanted = await contents(source, '23');
    });

    const random = new Random(seed);
    it.each(Array.from({ length: kills }, () => 1 + random.below(requestsOfCopy * sides)).concat(requestsOfCopy * sides))('killed after %d of its requests', async (point) => {
      const configuration = to();
      const target = await openStorage(configuration);
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, JSON.stringify([origin, configuration])], { stdio: ['ignore', 'ignore', 'inherit'] });
      carried = 0;
      onRequest = () => void (carried >= point && child.kill('SIGKILL'));
      await once(child, 'exit');
      onRequest = () => undefined;
      const isThere = await target.exists('31');
      expect(await target.usage('31')).toMatchObject({ files: isThere ? wanted.size : 0 });

      carried = 0;
      expect(await copyBetween({ tree: source, folder: '23' }, { tree: target, folder: '31' })).toMatchObject({ files: wanted.size });
      expect(carried).toBeLessThanOrEqual(requestsOfCopy * sides); // and no more, whatever was there
      expect(await contents(target, '31')).toEqual(wanted);
      expect((await target.children('')).folders).toContain('31');
      for await (const upload of store.client.listIncompleteUploads(store.settings.bucket, '', true)) throw new Error(`an upload is left: ${upload.key}`);
    }, 120_000);
  });
}, ['versitygw']);

async function contents(tree: FileTree, folder: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for await (const { path } of tree.list(folder)) found.set(path, createHash('sha256').update(await buffer(await tree.read(`${folder}/${path}`))).digest('hex'));
  return found;
}
