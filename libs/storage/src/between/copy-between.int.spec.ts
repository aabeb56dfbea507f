// Does a copy between two stores keep what a copy within one promises, whichever they are?
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { withS3, type S3Store } from '#testing';
import { copyBetween, openStorage, type CopyProgress, type FileTree } from '../index.ts';

const mebibyte = 1024 * 1024;
const [from, to] = ['mona/mnist/experiments/23', 'mona/mnist/experiments/31'];
const small: readonly (readonly [string, Buffer])[] = [
  ['checkpoint', Buffer.from('model-7')], ['a b/ü%2F+.txt', Buffer.from('odd')], ['empty', Buffer.alloc(0)], ['a/b/c', Buffer.alloc(70_000, 'c')], ['.hidden', Buffer.from('h')],
];
const large = randomBytes(17 * mebibyte); // three pieces
const opened: string[] = [];
let trees = 0;
afterAll(() => opened.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

type Open = () => Promise<FileTree>;
const volume: Open = () => {
  opened.push(mkdtempSync(join(tmpdir(), 'between-')));
  return openStorage({ kind: 'volume', root: opened.at(-1)! });
};
const bucketOf = (store: () => S3Store): Open => () => openStorage({ kind: 's3', ...store().settings, prefix: `between-${(trees += 1)}` });

withS3('between stores', (open, server) => {
  const stores: S3Store[] = [];
  beforeAll(async () => {
    stores.push(await open(), await open());
  }, 60_000);
  afterAll(async () => {
    for (const store of stores) await store.stop();
  });
  const [here, there] = [bucketOf(() => stores[0]!), bucketOf(() => stores[1]!)];
  between(`${server} to a volume`, here, volume);
  between(`a volume to ${server}`, volume, here);
  between(`${server} to another one`, here, there);
});

withS3('one server', (open, server) => {
  withS3('another', (openOther, other) => {
    if (server === other) return it('is another', () => expect(other).toBe(server)); // above
    let [one, two]: [S3Store | undefined, S3Store | undefined] = [undefined, undefined];
    beforeAll(async () => void ([one, two] = [await open(), await openOther()]), 60_000);
    afterAll(async () => {
      await one?.stop();
      await two?.stop();
    });
    between(`${server} to ${other}`, bucketOf(() => one!), bucketOf(() => two!));
  });
});

between('a volume to another one', volume, volume);

function between(name: string, openSource: Open, openTarget: Open): void {
  const isWithinVolumes = openSource === volume && openTarget === volume; // that is the file system's
  describe(name, () => {
    let [source, target]: [FileTree, FileTree] = [undefined as never, undefined as never];
    const copy = (options = {}, of = source) => copyBetween({ tree: of, folder: from }, { tree: target, folder: to }, options);
    beforeEach(async () => {
      [source, target] = [await openSource(), await openTarget()];
      for (const [path, content] of small) await source.write(`${from}/${path}`, content);
    });

    it('every byte of every file is there, and the same copy again is the same report', async () => {
      await source.write(`${from}/large`, large);
      const told: CopyProgress[] = [];
      const report = await copy({ onProgress: (progress: CopyProgress) => told.push(progress) });
      const bytes = small.reduce((sum, [, { length }]) => sum + length, large.length);
      expect(report).toMatchObject({ files: small.length + 1, sizeBytes: bytes, rounds: 1 });
      expect(told.at(-1)).toEqual({ filesDone: 6, files: 6, bytesDone: bytes, bytes });
      for (const [path, content] of [...small, ['large', large] as const]) expect((await contentOf(target, `${to}/${path}`)).equals(content)).toBe(true);
      expect(await pathsIn(target, to)).toEqual(await pathsIn(source, from));
      expect(await copy()).toEqual(report);
      await expect(copy({ select: { files: ['checkpoint'] } })).rejects.toMatchObject({ reason: 'target-exists' });
    });

    it('copies what is selected, and says what is not there', async () => {
      expect(await copy({ select: { folders: ['a'], files: ['checkpoint'] } })).toMatchObject({ files: 2 });
      expect(await pathsIn(target, to)).toEqual(['a/b/c', 'checkpoint']);
      await target.remove(to);
      await expect(copy({ select: { files: ['nothing'] } })).rejects.toMatchObject({ reason: 'source-missing' });
      await expect(copyBetween({ tree: source, folder: 'mona/none' }, { tree: target, folder: to })).rejects.toMatchObject({ reason: 'source-missing' });
      expect(await target.exists(to)).toBe(false);
    });

    it('shows nothing of what is cancelled, and nothing is left', async () => {
      const cancelling = new AbortController();
      const stop = () => cancelling.abort();
      await expect(isWithinVolumes ? copy({ signal: AbortSignal.abort() }) : copy({ signal: cancelling.signal }, reading(source, (count) => count === 2 && stop()))).rejects.toMatchObject({ reason: 'cancelled' });
      expect([await target.exists(to), await pathsIn(target, '')]).toEqual([false, []]);
      expect(await copy()).toMatchObject({ files: small.length });
    });
  });

  if (isWithinVolumes) return; // its copier is killed in volume/killed-copy.int.spec.ts
  describe(`${name}, broken off`, () => {
    it('goes on without sending again what is right, and sends again what has changed', async () => {
      const [source, target] = [await openSource(), await openTarget()];
      const ends = (of: FileTree) => [{ tree: of, folder: from }, { tree: target, folder: to }] as const;
      for (const [path, content] of small) await source.write(`${from}/${path}`, content);
      await source.write(`${from}/large`, large);
      const died = reading(source, (count) => {
        if (count > 4) throw new Error('the copier died');
      });
      await expect(copyBetween(...ends(died))).rejects.toThrow('the copier died');
      expect([await target.exists(to), await pathsIn(target, to)]).toEqual([false, []]);
      await source.write(`${from}/a/b/c`, Buffer.from('changed'));
      const read: string[] = [];
      expect(await copyBetween(...ends(reading(source, (_, path) => read.push(path))))).toMatchObject({ files: small.length + 1 });
      expect(read.length).toBeLessThanOrEqual(7 - 4 + 1); // pieces that are not empty, those that were there, the one that changed
      expect((await contentOf(target, `${to}/large`)).equals(large)).toBe(true);
      expect((await contentOf(target, `${to}/a/b/c`)).toString()).toBe('changed');
    });

    it('follows a source that is written, and fails for one that should be at rest', async () => {
      const [source, target] = [await openSource(), await openTarget()];
      await source.write(`${from}/step`, Buffer.from('1'));
      await source.write(`${from}/old`, Buffer.from('old'));
      const written = () => {
        let isChanged = false;
        return reading(source, async (_, path) => {
          if (isChanged || !path.endsWith('step')) return;
          isChanged = true;
          await source.write(`${from}/new`, Buffer.from(`new ${Math.random()}`));
        });
      };
      await expect(copyBetween({ tree: written(), folder: from }, { tree: target, folder: to })).rejects.toMatchObject({ reason: 'source-changed' });
      expect(await target.exists(to)).toBe(false);
      expect(await copyBetween({ tree: written(), folder: from }, { tree: target, folder: to }, { live: true })).toMatchObject({ files: 3, rounds: 2 });
    });
  });
}

/** Tells of each reading before it is done. */
function reading(tree: FileTree, onRead: (count: number, path: string) => unknown): FileTree {
  let count = 0;
  return new Proxy(tree, {
    get(of, name) {
      const value: unknown = Reflect.get(of, name, of);
      if (name === 'read')
        return async (path: string, range?: { start?: number; end?: number }): Promise<Readable> => {
          await onRead((count += 1), path);
          return of.read(path, range);
        };
      return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(of) : value;
    },
  });
}

async function pathsIn(tree: FileTree, folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path } of tree.list(folder)) paths.push(path);
  return paths;
}

async function contentOf(tree: FileTree, path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await tree.read(path)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
