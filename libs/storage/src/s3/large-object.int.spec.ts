// Is an object that is too large for one request copied as it is?
import { createHash, randomBytes } from 'node:crypto';
import { CopyDestinationOptions, CopySourceOptions } from 'minio';
import { withS3, type S3Store } from '#testing';
import type { CopyProgress } from '../storage.ts';
import { partSizesDefault } from './parts.ts';
import { S3Tree } from './s3-tree.ts';

const mebibyte = 1024 * 1024;
/** `OBJECT_BYTES=5476083303` (5.1 GiB) is above what stores copy in one request, and is copied with the sizes of parts that are used; less goes the same way in smaller ones. */
const sizeBytes = Number(process.env.OBJECT_BYTES ?? 37 * mebibyte + 7);
const isFull = process.env.OBJECT_BYTES !== undefined;
const sizes = isFull ? partSizesDefault : { above: 6 * mebibyte, bytes: 5 * mebibyte };
const blockBytes = isFull ? 64 * mebibyte : 6 * mebibyte;
const timeoutMs = isFull ? 1_800_000 : 120_000;

withS3('an object that is copied in parts', (open, server) => {
  let store: S3Store;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(async () => store.stop());

  /** Of two blocks in an order that no shift or exchange leaves as it is, and a rest; the store puts it together. */
  async function make(key: string): Promise<string> {
    const { client, settings: { bucket, prefix } } = store;
    const count = Math.floor(sizeBytes / blockBytes);
    const blocks = { a: randomBytes(blockBytes), b: randomBytes(blockBytes), rest: randomBytes(sizeBytes - count * blockBytes) };
    for (const [name, content] of Object.entries(blocks)) await client.putObject(bucket, `${prefix}/blocks/${name}`, content);
    const order: (keyof typeof blocks)[] = Array.from({ length: count }, (_, index) => (index.toString(2).replaceAll('0', '').length % 2 === 0 ? 'a' : 'b'));
    order.push('rest');
    const sources = order.map((name) => new CopySourceOptions({ Bucket: bucket, Object: `${prefix}/blocks/${name}` }));
    await client.composeObject(new CopyDestinationOptions({ Bucket: bucket, Object: `${prefix}/${key}` }), sources);
    const hash = createHash('sha256');
    for (const name of order) hash.update(blocks[name]);
    return hash.digest('hex');
  }

  it(`has all of its ${sizeBytes} bytes, and leaves no upload`, async () => {
    const { client, settings } = store;
    const wanted = await make('23/model');
    const tree = new S3Tree(settings, sizes);
    let last: CopyProgress | undefined;
    const rssBefore = process.memoryUsage.rss();
    let rssMost = rssBefore;
    const begun = performance.now();
    const onProgress = (progress: CopyProgress): void => {
      last = progress;
      rssMost = Math.max(rssMost, process.memoryUsage.rss());
    };
    const report = await tree.copyFolder('23', '31', { onProgress });
    const seconds = (performance.now() - begun) / 1000;
    expect(report).toMatchObject({ files: 1, sizeBytes });
    expect(last).toEqual({ files: 1, filesDone: 1, bytes: sizeBytes, bytesDone: sizeBytes });
    const { size, etag } = await client.statObject(settings.bucket, `${settings.prefix}/31/model`);
    const parts = Math.ceil(sizeBytes / sizes.bytes);
    expect([size, etag.endsWith(`-${parts}`)]).toEqual([sizeBytes, true]);
    const hash = createHash('sha256');
    for await (const chunk of await tree.read('31/model')) hash.update(chunk as Buffer);
    expect(hash.digest('hex')).toBe(wanted);
    for (const below of ['', `${settings.prefix}/31/model`]) for await (const upload of client.listIncompleteUploads(settings.bucket, below, true)) throw new Error(`an upload is left: ${upload.key}`);
    if (isFull) process.stdout.write(`${server}: ${sizeBytes} bytes in ${parts} parts in ${seconds.toFixed(1)} s, resident memory ${Math.round((rssMost - rssBefore) / mebibyte)} MiB more\n`);
  }, timeoutMs);
});
