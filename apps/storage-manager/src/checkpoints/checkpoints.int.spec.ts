// Is every kind of checkpoint recognised, and is one that was cut off told from one that is whole?
import { appendFile, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { openStorage, type FileTree } from '#storage';
import { crc32c, masked } from './checksums.ts';
import { findCheckpoints } from './find-checkpoints.ts';

const folder = 'mona/mnist/experiments/23';
let root: string;
let tree: FileTree;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'polyaxon-checkpoints-'));
  tree = await openStorage({ kind: 'volume', root });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const place = (path: string) => join(root, folder, path);
async function put(path: string, content: Buffer | string): Promise<void> {
  await mkdir(dirname(place(path)), { recursive: true });
  await writeFile(place(path), content);
}
async function find() {
  const { checkpoints } = await findCheckpoints(tree, folder);
  return checkpoints.map(({ path, framework, step, complete, problem }) => ({ path, framework, step, complete, problem }));
}
const whole = (path: string, framework: string, step: number | null) => ({ path, framework, step, complete: true, problem: null });
const damaged = (path: string, framework: string, step: number | null, problem: unknown) => ({ path, framework, step, complete: false, problem });

const u16 = (value: number) => Buffer.from([value & 255, value >> 8]);
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};

/** Stored, not compressed, as `torch.save` does. */
function zip(files: Record<string, Buffer>): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(files)) {
    const sizes = Buffer.concat([u32(crc32(content)), u32(content.length), u32(content.length), u16(name.length), u16(0)]);
    const body = Buffer.concat([Buffer.from('PK\x03\x04\0\0\0\0\0\0\0\0\0\0', 'latin1'), sizes, Buffer.from(name), content]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\0\0\0\0\0\0\0\0\0\0\0\0', 'latin1'), sizes, Buffer.alloc(10), u32(at), Buffer.from(name)]));
    bodies.push(body);
    at += body.length;
  }
  const listing = Buffer.concat(directory);
  const count = u16(directory.length);
  return Buffer.concat([...bodies, listing, Buffer.from('PK\x05\x06\0\0\0\0', 'latin1'), count, count, u32(listing.length), u32(at), u16(0)]);
}

function hdf5(version: 0 | 2, bytes: number): Buffer {
  const content = Buffer.alloc(bytes, 7);
  const rest = version === 0
    ? Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 8, 8, 0, 4, 0, 16, 0, 0, 0, 0, 0]), u64(0), Buffer.alloc(8, 255), u64(bytes)])
    : Buffer.concat([Buffer.from([2, 8, 8, 0]), u64(0), Buffer.alloc(8, 255), u64(bytes)]);
  Buffer.concat([Buffer.from('894844460d0a1a0a', 'hex'), rest]).copy(content);
  if (version === 0) Buffer.concat([u64(0), u64(200)]).copy(content, 56); // the root group
  Buffer.concat([Buffer.from([1, 0]), Buffer.alloc(14)]).copy(content, 200); // an object of which nothing is said
  return content;
}

function safetensors(metadata: Record<string, string>): Buffer {
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, a: { dtype: 'F32', shape: [4], data_offsets: [0, 16] }, b: { dtype: 'F32', shape: [2], data_offsets: [16, 24] } }));
  return Buffer.concat([u64(header.length), header, Buffer.alloc(24, 1)]);
}

/** A LevelDB table of one block, as TensorFlow's BundleWriter makes it: `sizes[i]` is how far the tensors reach in shard i. */
function tensorIndex(sizes: readonly number[]): Buffer {
  const number = (value: number): number[] => (value < 128 ? [value] : [(value % 128) + 128, ...number(Math.floor(value / 128))]);
  const block = (entries: [string, number[]][]) => {
    const content = Buffer.concat([...entries.map(([key, value]) => Buffer.from([0, ...number(key.length), ...number(value.length), ...Buffer.from(key), ...value])), u32(0), u32(1), Buffer.alloc(1)]);
    return Buffer.concat([content, u32(masked(crc32c(content)))]);
  };
  const tensors = sizes.map((size, shard): [string, number[]] => [`tensor${shard}`, [8, 1, 18, 0, 24, ...number(shard), 32, ...number(8), 40, ...number(size - 8), 53, ...u32(masked(crc32c(Buffer.alloc(size - 8, 1))))]]);
  const data = block([['', [8, sizes.length]], ...tensors]);
  const metadata = block([]);
  const listing = block([['u', [...number(0), ...number(data.length - 5)]]]);
  const handles = Buffer.from([...number(data.length), ...number(metadata.length - 5), ...number(data.length + metadata.length), ...number(listing.length - 5)]);
  return Buffer.concat([data, metadata, listing, handles, Buffer.alloc(40 - handles.length), Buffer.from('57fb808b247547db', 'hex')]);
}

const torch = zip({ 'archive/data.pkl': Buffer.from([0x80, 2, 0x2e]), 'archive/data/0': Buffer.alloc(100_000, 3), 'archive/version': Buffer.from('3\n') });

describe('one file is one checkpoint', () => {
  const keras = zip({ 'metadata.json': Buffer.from('{}'), 'config.json': Buffer.from('{}'), 'model.weights.h5': hdf5(0, 4096) });
  it.each<[string, string, number | null, Buffer]>([
    ['checkpoint20.pth', 'pytorch', 20, torch],
    ['epoch=3-step=400.ckpt', 'pytorch', 400, torch],
    ['checkpoint-500/pytorch_model.bin', 'pytorch', 500, torch],
    ['weights.05-0.32.hdf5', 'keras', 5, hdf5(0, 9000)],
    ['cp-0007.weights.h5', 'keras', 7, hdf5(2, 9000)],
    ['model.keras', 'keras', null, keras],
    ['model.safetensors', 'safetensors', 120, safetensors({ global_step: '120' })],
    ['checkpoint.json', 'json', 12, Buffer.from('{"epoch": 12, "loss": NaN, "weights": [[0.1, -Infinity]]}')],
    ['checkpoints/epoch-00004.json', 'json', 4, Buffer.from('{"weights": [1]}')],
    ['model.ckpt.json', 'json', 9, Buffer.from('{"step": 9}')],
  ])('%s', async (path, framework, step, content) => {
    await put(path, content);
    expect(await find()).toEqual([whole(path, framework, step)]);
    for (const bytes of [content.length - 1, Math.ceil(content.length / 2), 0]) {
      await put(path, content.subarray(0, bytes));
      const isNothing = bytes === 0 && path.endsWith('.bin'); // an empty file of any program
      const expected = { path, framework, complete: false, problem: expect.any(String) };
      expect(await find()).toMatchObject(isNothing ? [] : [expected]); // the step may have been told by what is cut off
    }
  });

  it('contents that never reached the disk', async () => {
    await put('checkpoint1.pth', Buffer.alloc(5000));
    expect(await find()).toEqual([damaged('checkpoint1.pth', 'pytorch', 1, 'it holds zeros: its contents never reached the disk')]);
  });

  it('a zip archive with more behind its end is damaged, one with a comment is not', async () => {
    const withComment = Buffer.concat([torch.subarray(0, -2), u16(5), Buffer.from('hello')]);
    await put('step1.pt', withComment);
    expect(await find()).toEqual([whole('step1.pt', 'pytorch', 1)]);
    await appendFile(place('step1.pt'), 'rest');
    expect(await find()).toEqual([damaged('step1.pt', 'pytorch', 1, expect.stringContaining('without the directory'))]);
  });

  it('other programs\' files under such names are none', async () => {
    await put('dataset.bin', Buffer.from('hello, I am data'));
    await put('foo.ckpt', Buffer.from('something else'));
    await put('faiss.index', Buffer.from('IxFI and so on, much longer than the footer of a table would be, really'));
    await put('checkpoint-settings.json', '{"keep": 3}');
    await put('checkpoint', 'just a note');
    await put('notes.json', '{"step": 3}');
    expect(await find()).toEqual([]);
  });

  it('nor is what a program is still writing, nor what a link leads to', async () => {
    await put('.checkpoint.json.tmp', '{"step');
    await put('.hidden/checkpoint.json', '{"step');
    await put('checkpoint1.pth.tmp', '');
    await put('model.tmp/checkpoint1.pth', '');
    await writeFile(join(root, 'outside.pth'), torch);
    await symlink(join(root, 'outside.pth'), place('checkpoint2.pth'));
    expect(await find()).toEqual([]);
  });
});

describe('TensorFlow', () => {
  const sizes = [5000, 3000];
  const save = async (prefix: string, cut = 0) => {
    for (const [shard, size] of sizes.entries()) await put(`${prefix}.data-0000${shard}-of-0000${sizes.length}`, Buffer.alloc(size - cut, 1));
    await put(`${prefix}.index`, tensorIndex(sizes));
  };

  it('is whole with its index and all shards', async () => {
    await save('model.ckpt-100');
    await put('model.ckpt-100.meta', 'graph');
    await put('checkpoint', 'model_checkpoint_path: "model.ckpt-100"\nall_model_checkpoint_paths: "model.ckpt-100"\n');
    expect(await find()).toEqual([whole('model.ckpt-100', 'tensorflow', 100)]);
    const { checkpoints } = await findCheckpoints(tree, folder);
    expect(checkpoints[0]?.sizeBytes).toBe(8000 + tensorIndex(sizes).length);
  });

  it('lacks a shard, its index, or the end of one of them', async () => {
    const path = 'export/model.ckpt-7';
    await save(path);
    await rm(place(`${path}.data-00001-of-00002`));
    expect(await find()).toEqual([damaged(path, 'tensorflow', 7, '1 of its 2 .data files are missing')]);
    await save(path, 1);
    expect(await find()).toEqual([damaged(path, 'tensorflow', 7, 'model.ckpt-7.data-00000-of-00002 is cut off: it holds 4999 of 5000 bytes')]);
    await save(path);
    await put(`${path}.index`, tensorIndex(sizes).subarray(0, -1));
    expect(await find()).toEqual([damaged(path, 'tensorflow', 7, expect.stringContaining('its .index is cut off'))]);
    await rm(place(`${path}.index`));
    expect(await find()).toEqual([damaged(path, 'tensorflow', 7, 'its .index is missing')]);
  });

  it('points to one that is gone', async () => {
    await put('checkpoint', 'model_checkpoint_path: "model.ckpt-300"\n');
    expect(await find()).toEqual([damaged('checkpoint', 'tensorflow', 300, 'it names model.ckpt-300, which is not there')]);
  });
});

describe('a whole folder', () => {
  it('is listed newest first, and only its newest 200 are opened', async () => {
    for (let step = 1; step <= 205; step += 1) {
      await put(`checkpoints/step-${step}.json`, JSON.stringify({ step }));
      await utimes(place(`checkpoints/step-${step}.json`), step, step);
    }
    await put('metrics.csv', 'a,b\n');
    const { files, sizeBytes, checkpoints } = await findCheckpoints(tree, folder);
    expect(files).toBe(206);
    expect(sizeBytes).toBeGreaterThan(205 * 10);
    expect(checkpoints.map(({ step }) => step)).toEqual(Array.from({ length: 200 }, (_, index) => 205 - index));
    expect(checkpoints[0]).toMatchObject({ framework: 'json', path: 'checkpoints/step-205.json', modifiedAt: '1970-01-01T00:03:25.000Z' });
  });

  it('that isn\'t there holds nothing', async () => expect(await findCheckpoints(tree, 'mona/mnist/experiments/99')).toEqual({ files: 0, sizeBytes: 0, checkpoints: [] }));
});
