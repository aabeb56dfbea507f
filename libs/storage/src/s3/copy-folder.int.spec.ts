// Is a copy within a store exact, hidden until it is complete, and gone without a trace when it isn't wanted?
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { faultyProxy, until, withS3, type Fate, type FaultyProxy, type S3Store } from '#testing';
import type { CopyProgress, FileTree } from '../storage.ts';
import { S3Tree } from './s3-tree.ts';

const mebibyte = 1024 * 1024;
/** The smallest that stores allow. */
const sizes = { above: 6 * mebibyte, bytes: 5 * mebibyte };
const isCopy = ({ method, headers }: IncomingMessage): boolean => method === 'PUT' && headers['x-amz-copy-source'] !== undefined;

withS3('a copy within a store', (open, server) => {
  let store: S3Store;
  let proxy: FaultyProxy;
  let tree: FileTree;
  let direct: FileTree;
  let prefix: string;
  let number = 0;
  /** What happens to the requests of `tree`; those of `direct` always pass. */
  let fateOf: (request: IncomingMessage) => Fate | Promise<Fate>;
  beforeAll(async () => {
    store = await open();
    proxy = await faultyProxy(store.settings.endpoint, (request) => fateOf(request));
  });
  beforeEach(() => {
    number += 1;
    fateOf = () => 'pass';
    prefix = `copies-${number}`;
    tree = new S3Tree({ ...store.settings, endpoint: proxy.endpoint, prefix }, sizes);
    direct = new S3Tree({ ...store.settings, prefix }, sizes);
  });
  afterAll(async () => {
    await proxy.stop();
    await store.stop();
  });

  const put = (key: string, content: Buffer, about = {}) => store.client.putObject(store.settings.bucket, `${prefix}/${key}`, content, content.length, about);
  async function keys(below = ''): Promise<string[]> {
    const found: string[] = [];
    const from = `${prefix}/${below}`;
    for await (const { name } of store.client.listObjectsV2(store.settings.bucket, from, true)) found.push((name as string).slice(from.length));
    return found;
  }
  /** Some stores list those of exact keys only. */
  async function uploads(): Promise<number> {
    const found = new Set<string>();
    for (const below of ['', '23/model', '31/model'])
      for await (const { uploadId } of store.client.listIncompleteUploads(store.settings.bucket, `${prefix}/${below}`, true)) found.add(uploadId as string);
    return found.size;
  }
  async function text(path: string): Promise<string> {
    return (await buffer(await direct.read(path))).toString();
  }
  async function fill(count: number): Promise<void> {
    for (let file = 0; file < count; file += 1) await put(`23/f${file}`, Buffer.from(`content ${file}`));
  }

  it('has every name as it is, and the folders that are kept without a file', async () => {
    const names = ['with space', ' lead', 'ünï/模型', 'e\u0301', '100% 2F', 'a+b', 'q?x=1&y', "it's (1)!*", '<x>', '#', 'back\\slash', '.hidden/.deep', `${'l'.repeat(200)}/${'m'.repeat(200)}/${'n'.repeat(200)}`];
    const segments = `${'x'.repeat(240)}/`.repeat(4);
    names.push('a%2Fb', segments + 'y'.repeat(1024 - `${prefix}/23/${segments}`.length)); // the longest there can be
    for (const name of names) await put(`23/${name}`, Buffer.from(name));
    await put('23/empty/', Buffer.alloc(0));
    await tree.copyFolder('23', '31');
    for (const name of names) expect([name, await store.client.getObject(store.settings.bucket, `${prefix}/31/${name}`).then(buffer).then(String)]).toEqual([name, name]);
    expect(await keys('31/empty/')).toEqual(['']);
  });

  it('has all that the store lists of a file beside a folder of the same name', async () => {
    await put('23/a', Buffer.from('file'));
    const holdsBoth = await put('23/a/b', Buffer.from('in the folder')).then(() => true, (error: { code: string }) => (expect(error.code).toMatch(/Parent|Directory/), false));
    expect(holdsBoth).toBe(server === 'minio'); // the other one keeps objects as files, and refuses the second; MinIO takes it, and never lists it
    const { files } = await tree.copyFolder('23', '31');
    expect([files, await keys('31/')]).toEqual([(await keys('23/')).length, await keys('23/')]);
  });

  it('is refused by name when a name ends with a slash and there is something in it, and copies nothing then', async () => {
    const isHeld = await put('23/model/', Buffer.from('weights')).then(() => true, () => false);
    expect(isHeld).toBe(server === 'minio');
    if (!isHeld) return;
    let copies = 0;
    fateOf = (request) => (isCopy(request) ? ((copies += 1), 'pass') : 'pass');
    await expect(tree.copyFolder('23', '31')).rejects.toMatchObject({ reason: 'name-invalid', message: expect.stringContaining('"model/"') });
    expect([copies, await keys()]).toEqual([0, ['23/model/']]);
  });

  it('is refused by name when a name would be too long, and copies nothing then', async () => {
    await put(`s/${'d/'.repeat(400)}x`, Buffer.from('x'));
    let copies = 0;
    fateOf = (request) => (isCopy(request) ? ((copies += 1), 'pass') : 'pass');
    await expect(tree.copyFolder('s', 't'.repeat(230))).rejects.toMatchObject({ reason: 'name-invalid', message: expect.stringContaining('d/d/') });
    expect([copies, (await keys()).length]).toEqual([0, 1]);
  });

  it('is seen by nobody before it is complete', async () => {
    await fill(30);
    const seen: unknown[] = [];
    fateOf = async (request): Promise<Fate> => {
      if (isCopy(request) && seen.length < 20) {
        const { folders } = await direct.children('');
        const read = await direct.read('31/f0').then(() => 'read', (error: { code: string }) => error.code);
        seen.push([folders, await direct.exists('31'), await direct.stat('31/f0'), (await direct.usage('31')).files, (await direct.usage('')).files, read]);
      }
      return 'pass';
    };
    await tree.copyFolder('23', '31');
    expect(new Set(seen.map((one) => JSON.stringify(one)))).toEqual(new Set([JSON.stringify([['23'], false, null, 0, 30, 'path-not-found'])]));
    expect((await direct.usage('31')).files).toBe(30);
  });

  it('copies large objects in parts, with what else is kept about them', async () => {
    const content = Buffer.alloc(17 * mebibyte + 5, 'weights');
    await put('23/model', content, { 'content-type': 'application/x-weights', 'x-amz-meta-step': '300' });
    const told: CopyProgress[] = [];
    await tree.copyFolder('23', '31', { onProgress: (progress) => told.push(progress) });
    expect((await buffer(await direct.read('31/model'))).equals(content)).toBe(true);
    expect((await store.client.statObject(store.settings.bucket, `${prefix}/31/model`)).metaData).toMatchObject({ 'content-type': 'application/x-weights', step: '300' });
    expect(told.at(-1)).toEqual({ filesDone: 1, files: 1, bytesDone: content.length, bytes: content.length });
    expect(await uploads()).toBe(0);
  });

  it('notices that its source changed', async () => {
    await fill(5);
    fateOf = async (request): Promise<Fate> => {
      if (isCopy(request) && request.url!.endsWith('/f3')) await put('23/f3', Buffer.from('trained on'));
      return 'pass';
    };
    await expect(tree.copyFolder('23', '31')).rejects.toMatchObject({ reason: 'source-changed', message: expect.stringContaining('f3') });
    expect(await keys('31/')).toEqual([]);
  });

  it('of a live source follows it: what is new, other, or gone', async () => {
    await fill(5);
    let hasMoved = false;
    fateOf = async (request): Promise<Fate> => {
      if (isCopy(request) && !hasMoved) {
        hasMoved = true;
        await put('23/f3', Buffer.from('trained on'));
        await put('23/later', Buffer.from('new'));
        await store.client.removeObject(store.settings.bucket, `${prefix}/23/f0`);
      }
      return 'pass';
    };
    const { rounds, files } = await tree.copyFolder('23', '31', { live: true });
    expect([rounds > 1, files]).toEqual([true, 5]);
    expect([await text('31/f3'), await text('31/later'), await direct.stat('31/f0')]).toEqual(['trained on', 'new', null]);
  });

  it('bears a store that asks for patience, breaks connections, and loses answers', async () => {
    await fill(40);
    await put('23/model', Buffer.alloc(11 * mebibyte, 'weights'));
    let requests = 0;
    fateOf = () => (['pass', 'busy', 'pass', 'reset', 'pass', 'lose', 'pass'] as const)[(requests += 1) % 7]!;
    expect(await tree.copyFolder('23', '31')).toMatchObject({ files: 41 });
    expect((await direct.usage('31')).files).toBe(41);
    expect(await uploads()).toBe(0);
  });

  it('leaves nothing when it is cancelled in the middle', async () => {
    await fill(20);
    await put('23/model', Buffer.alloc(11 * mebibyte, 'weights'));
    const before = await keys();
    const cancellation = new AbortController();
    let copies = 0;
    fateOf = (request) => {
      if (isCopy(request) && (copies += 1) === 10) cancellation.abort();
      return 'pass';
    };
    await expect(tree.copyFolder('23', '31', { signal: cancellation.signal })).rejects.toMatchObject({ reason: 'cancelled' });
    expect([await keys(), await uploads()]).toEqual([before, 0]);
  });

  it('whose copier died right after its receipt is there as soon as it is asked for again', async () => {
    await fill(3);
    const report = await tree.copyFolder('23', '31');
    await put('.copies.polyaxon.tmp/31/.request.polyaxon.tmp', Buffer.from(JSON.stringify(['23', null]))); // what it had not come to remove
    expect(await direct.exists('31')).toBe(false);
    let copies = 0;
    fateOf = (request) => (isCopy(request) ? ((copies += 1), 'pass') : 'pass');
    expect(await tree.copyFolder('23', '31')).toEqual(report);
    expect([await direct.exists('31'), copies]).toEqual([true, 0]);
  });

  it('of something else that nobody goes on with makes room', async () => {
    await fill(3);
    await put('24/other', Buffer.from('other'));
    await put('.copies.polyaxon.tmp/31/.request.polyaxon.tmp', Buffer.from(JSON.stringify(['24', null])));
    await put('31/other', Buffer.from('other'));
    expect(await tree.copyFolder('23', '31')).toMatchObject({ files: 3 });
    expect(await keys('31/')).toEqual(['f0', 'f1', 'f2']);
  });

  it('that nobody wants any more goes with its target', async () => {
    await fill(10);
    const before = await keys();
    const cancellation = new AbortController();
    const isOver = new Promise<Fate>((resolve) => cancellation.signal.addEventListener('abort', () => resolve('reset')));
    fateOf = (request) => (isCopy(request) && request.url!.endsWith('/f7') ? isOver : 'pass');
    const copying = expect(tree.copyFolder('23', '31', { signal: cancellation.signal })).rejects.toMatchObject({ reason: 'cancelled' });
    await until('nine objects are there', async () => (await keys('31/')).length === 9);
    expect(await direct.exists('31')).toBe(false);
    await direct.remove('31');
    expect(await keys()).toEqual(before);
    cancellation.abort();
    await copying;
  });

  it('what uploads occupy that nobody finishes is given back when they are old', async () => {
    await store.client.initiateNewMultipartUpload(store.settings.bucket, `${prefix}/23/model`, {});
    expect([await direct.tidy('2020-01-01T00:00:00Z'), await uploads()]).toEqual([0, 1]);
    expect([await direct.tidy('2099-01-01T00:00:00Z'), await uploads()]).toEqual([1, 0]);
  });

  it('uploads of another tree in the bucket are left alone', async () => {
    const other = await store.client.initiateNewMultipartUpload(store.settings.bucket, `${prefix}-of-others/23/model`, {});
    expect([await direct.tidy('2099-01-01T00:00:00Z'), await uploads()]).toEqual([0, 0]);
    await store.client.abortMultipartUpload(store.settings.bucket, `${prefix}-of-others/23/model`, other); // it was there
  });

  it('whose copier died in a large object leaves no upload when nobody wants it any more, also where uploads may not be listed', async () => {
    const etag = await put('23/model', Buffer.alloc(7 * mebibyte, 'weights')).then((made) => (made as { etag: string }).etag);
    const notes = '.copies.polyaxon.tmp/31';
    const uploadId = await store.client.initiateNewMultipartUpload(store.settings.bucket, `${prefix}/31/model`, {});
    await put(`${notes}/.request.polyaxon.tmp`, Buffer.from(JSON.stringify(['23', null])));
    await put(`${notes}/.page-00000001.polyaxon.tmp`, Buffer.from(JSON.stringify([['model', 7 * mebibyte, etag]])));
    await put(`${notes}/.upload-0.polyaxon.tmp`, Buffer.from(JSON.stringify({ path: 'model', etag, uploadId })));
    fateOf = ({ method, url }) => (method === 'GET' && /[?&]uploads/.test(url!) ? 'deny' : 'pass');
    expect(await uploads()).toBe(1);
    await tree.remove('31');
    expect([await uploads(), await keys()]).toEqual([0, ['23/model']]);
  });

  it('begins an upload again that somebody gave up meanwhile', async () => {
    const content = Buffer.alloc(17 * mebibyte, 'weights');
    await put('23/model', content);
    let parts = 0;
    fateOf = async (request): Promise<Fate> => {
      if (isCopy(request) && (parts += 1) === 3) await direct.tidy('2099-01-01T00:00:00Z');
      return 'pass';
    };
    await expect(tree.copyFolder('23', '31')).rejects.toMatchObject({ code: expect.stringMatching(/NoSuchUpload|InvalidPart/) }); // the worker tries again
    expect(await tree.copyFolder('23', '31')).toMatchObject({ files: 1 });
    expect((await buffer(await direct.read('31/model'))).equals(content)).toBe(true);
    expect(await uploads()).toBe(0);
  });

  it('a file larger than a part is written from a stream', async () => {
    const content = Buffer.alloc(37 * mebibyte, 'a checkpoint of some length ');
    const chunks = Array.from({ length: 37 }, (_, index) => content.subarray(index * mebibyte, (index + 1) * mebibyte));
    await tree.write('23/model', Readable.from(chunks));
    expect((await buffer(await tree.read('23/model'))).equals(content)).toBe(true);
    expect(await uploads()).toBe(0);
  });
});
