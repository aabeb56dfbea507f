// Do the files of a program get into a store and out of it again, whole, in order, and by one carrier alone?
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { faultyProxy, until, withS3, type Fate, type S3Store } from '#testing';
import type { FileTree } from '../storage.ts';
import { S3Tree } from '../s3/s3-tree.ts';
import { SourceMoves } from './bring-in.ts';
import { bringReference, Carrier, type Pass } from './carrier.ts';
import { ClaimLost, type Epoch } from './claim.ts';
import type { Program } from './due.ts';

const settleMs = 300;
const large = Buffer.alloc(17 * 1024 * 1024, 'weights');

withS3('a carrier', (open) => {
  let store: S3Store;
  let tree: FileTree;
  let root: string;
  let made = 0;

  beforeAll(async () => {
    store = await open();
    tree = new S3Tree(store.settings);
    root = mkdtempSync(join(tmpdir(), 'carry-'));
  });
  afterAll(async () => {
    await store.stop();
    rmSync(root, { recursive: true, force: true });
  });

  /** Of one outputs path; `at` is the machine. */
  const carriers = () => {
    const path = `mona/iris/experiments/${(made += 1)}`;
    const folder = (at: string): string => join(root, at, path);
    const start = (epoch: Epoch, at = 'one', endpoint = store.settings.endpoint): Promise<Carrier> =>
      Carrier.open({ store: { ...store.settings, endpoint }, path, folder: folder(at), epoch, holder: `${epoch.join('.')}-${Math.random()}`, settleMs, nowMs: () => Date.now() });
    const begun = async (epoch: Epoch, at = 'one', endpoint = store.settings.endpoint): Promise<Carrier> => {
      const carrier = await start(epoch, at, endpoint);
      await carrier.bringIn();
      return carrier;
    };
    const shown = async (): Promise<Record<string, string>> => {
      const files: Record<string, string> = {};
      for await (const { path: name, sizeBytes } of tree.list(path)) files[name] = sizeBytes > 1000 ? String(sizeBytes) : await text(await tree.read(`${path}/${name}`));
      return files;
    };
    return { path, folder, start, begun, shown };
  };

  const whole = async (carrier: Carrier, program: Program = { state: 'running' }): Promise<Pass> =>
    until('all is carried', async () => {
      const pass = await carrier.carry(program);
      return pass.isComplete && pass.waiting.length === 0 && pass.files + pass.deletions === 0 ? pass : null;
    });
  const put = (folder: string, name: string, content: string | Buffer): void => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  };
  /** Made under another name, a while before it gets its own. */
  const putWhole = (folder: string, name: string, content: string | Buffer): void => {
    put(folder, `.${name}.part`, content);
    utimesSync(join(folder, `.${name}.part`), new Date(), new Date(Date.now() - 1000));
    renameSync(join(folder, `.${name}.part`), join(folder, name));
  };

  it('brings files into the store and to another machine, with their times', async () => {
    const { begun, folder, shown } = carriers();
    const first = await begun([1, 1]);
    put(folder('one'), 'deep/model.pt', large);
    put(folder('one'), 'empty', '');
    put(folder('one'), 'a file with % and ü', 'text');
    mkdirSync(join(folder('one'), 'folder', 'inner'), { recursive: true });
    await whole(first);
    expect(await shown()).toEqual({ 'deep/model.pt': String(large.length), empty: '', 'a file with % and ü': 'text' });
    await first.release();
    await begun([2, 1], 'two');
    expect(readFileSync(join(folder('two'), 'deep/model.pt')).equals(large)).toBe(true);
    expect(readdirSync(folder('two'), { recursive: true }).sort()).toEqual(['a file with % and ü', 'deep', 'deep/model.pt', 'empty', 'folder', 'folder/inner']);
    expect(Math.abs(statSync(join(folder('two'), 'deep/model.pt')).mtimeMs - statSync(join(folder('one'), 'deep/model.pt')).mtimeMs)).toBeLessThan(2);
  });

  it('takes what was renamed at once, and what is written in place when it holds still', async () => {
    const { begun, folder, shown } = carriers();
    const carrier = await begun([1, 1]);
    put(folder('one'), 'in-place', 'half');
    putWhole(folder('one'), 'renamed', 'whole');
    await carrier.carry({ state: 'running' });
    appendFileSync(join(folder('one'), 'in-place'), ' and half');
    expect(Object.keys(await shown())).toEqual([]); // it was renamed after the other was begun, and may refer to it
    await whole(carrier);
    expect(await shown()).toEqual({ 'in-place': 'half and half', renamed: 'whole' });
    putWhole(folder('one'), 'renamed', 'newer');
    await until('the rename is older than a tick of the clock', async () => (await carrier.carry({ state: 'running' })).files > 0, 2000);
    expect(await shown()).toMatchObject({ renamed: 'newer' });
  });

  it('changes, renames and deletes in the store what changed, was renamed and deleted here', async () => {
    const { begun, folder, shown } = carriers();
    const carrier = await begun([1, 1]);
    for (const name of ['a', 'b', 'dir/c', 'x']) put(folder('one'), name, name);
    await whole(carrier);
    put(folder('one'), 'a', 'changed');
    renameSync(join(folder('one'), 'dir'), join(folder('one'), 'dir-2'));
    rmSync(join(folder('one'), 'b'));
    rmSync(join(folder('one'), 'x'));
    put(folder('one'), 'x/y', 'x is a folder now');
    await whole(carrier);
    expect(await shown()).toEqual({ a: 'changed', 'dir-2/c': 'dir/c', 'x/y': 'x is a folder now' });
  });

  it('one of an earlier attempt writes no more once a later one has begun', async () => {
    const { begun, folder, shown, start } = carriers();
    const stale = await begun([1, 1]);
    put(folder('one'), 'model', 'old');
    await whole(stale);
    const next = await begun([2, 1], 'two');
    put(folder('one'), 'model', 'stale');
    rmSync(join(folder('one'), 'model'));
    put(folder('one'), 'other', 'stale');
    const forEver = async (): Promise<never> => {
      for (;;) await stale.carry({ state: 'running' });
    };
    await expect(forEver()).rejects.toThrow(ClaimLost);
    await expect(start([1, 2])).rejects.toThrow(ClaimLost);
    put(folder('two'), 'model', 'new');
    await whole(next);
    expect(await shown()).toEqual({ model: 'new' });
  });

  it('one that was killed between writing changes down and showing them has them shown by the next', async () => {
    const { begun, folder, shown, path } = carriers();
    let fate: (method: string, url: string) => Fate = () => 'pass';
    const proxy = await faultyProxy(store.settings.endpoint, ({ method = '', url = '' }) => fate(method, url));
    const carrier = await begun([1, 1], 'one', proxy.endpoint);
    put(folder('one'), 'model-1', large);
    put(folder('one'), 'checkpoint', 'model-1');
    await whole(carrier);
    putWhole(folder('one'), 'model-2', large);
    putWhole(folder('one'), 'checkpoint', 'model-2');
    rmSync(join(folder('one'), 'model-1'));
    await until('the renames are older than a tick of the clock', () => Date.now() > statSync(join(folder('one'), 'checkpoint')).ctimeMs + 50);
    let cut = false;
    fate = (method, url) => ((cut ||= method === 'POST' && url.includes('uploadId')) ? 'reset' : 'pass');
    carrier.carry({ state: 'running' }).catch(() => undefined); // it never hears that it has failed
    await until('it is about to show them', () => cut, 10_000);
    expect(await shown()).toEqual({ 'model-1': String(large.length), checkpoint: 'model-1' });
    await begun([2, 1], 'two');
    expect(await shown()).toEqual({ 'model-1': String(large.length), 'model-2': String(large.length), checkpoint: 'model-2' });
    expect(readFileSync(join(folder('two'), 'checkpoint'), 'utf8')).toBe('model-2');
    expect(existsSync(join(folder('two'), 'model-2'))).toBe(true);
    await proxy.stop();
    await tree.remove(path);
  });

  it('the next one of the same attempt goes on without carrying again what is there', async () => {
    const { begun, start, folder, shown } = carriers();
    const first = await begun([1, 1]);
    put(folder('one'), 'model', large);
    await whole(first);
    const second = await start([1, 1]);
    await second.adopt();
    put(folder('one'), 'other', 'more');
    const { sizeBytes } = await until('it has carried', async () => {
      const pass = await second.carry({ state: 'running' });
      return pass.files > 0 ? pass : null;
    });
    expect(sizeBytes).toBe(4);
    expect(await shown()).toEqual({ model: String(large.length), other: 'more' });
  });

  it('what a killed attempt left on this machine is carried before the next one starts, but for what it was just writing', async () => {
    const { begun, folder, shown } = carriers();
    const killed = await begun([1, 1]);
    put(folder('one'), 'model', 'first');
    await whole(killed);
    putWhole(folder('one'), 'later', 'saved after the last carry');
    await until('it is another moment', () => Date.now() > statSync(join(folder('one'), 'later')).ctimeMs + settleMs + 50);
    put(folder('one'), 'model', 'ha');
    await begun([2, 1]);
    expect(await shown()).toEqual({ model: 'first', later: 'saved after the last carry' });
    expect(readFileSync(join(folder('one'), 'model'), 'utf8')).toBe('first');
  });

  describe('where somebody writes while it is brought', () => {
    /** The model of a step and what names it, as by one who saves again and again; `rotatesMax` times while they are read. */
    const rotating = async (rotatesMax: number) => {
      const { path, folder } = carriers();
      let step = 1;
      const saved = async (): Promise<void> => {
        for (const name of [`model-${step}`, 'latest']) await tree.write(`${path}/${name}`, Buffer.from(`of ${step}`));
      };
      await saved();
      const proxy = await faultyProxy(store.settings.endpoint, async ({ method, url = '' }): Promise<Fate> => {
        if (method === 'GET' && url.includes('/model-') && step <= rotatesMax) {
          const former = `${path}/model-${step}`;
          step += 1;
          await saved();
          await tree.move(former, `gone/${former}`);
        }
        return 'pass';
      });
      const bring = () => bringReference({ ...store.settings, endpoint: proxy.endpoint }, path, folder('other'), () => Date.now()).finally(() => proxy.stop());
      const files = () => Object.fromEntries(readdirSync(folder('other')).map((name) => [name, readFileSync(join(folder('other'), name), 'utf8')]));
      return { bring, files };
    };

    it('it is all as it was at one moment', async () => {
      const { bring, files } = await rotating(3);
      await bring();
      expect(files()).toEqual({ 'model-4': 'of 4', latest: 'of 4' });
    });

    it('and never stops, it says so', async () => {
      const { bring } = await rotating(Infinity);
      await expect(bring()).rejects.toThrow(SourceMoves);
    });
  });

  it('what lies in its folder and came from nowhere is left alone', async () => {
    const { start, folder } = carriers();
    put(folder('one'), 'precious', 'mine');
    const carrier = await start([1, 1]);
    await expect(carrier.bringIn()).rejects.toMatchObject({ name: 'FolderTaken' });
    expect(readFileSync(join(folder('one'), 'precious'), 'utf8')).toBe('mine');
  });

  it('a folder that vanishes empties nothing', async () => {
    const { begun, folder, shown } = carriers();
    const carrier = await begun([1, 1]);
    put(folder('one'), 'model', 'trained');
    await whole(carrier);
    rmSync(folder('one'), { recursive: true });
    await expect(carrier.carry({ state: 'running' })).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await shown()).toEqual({ model: 'trained' });
  });
});
