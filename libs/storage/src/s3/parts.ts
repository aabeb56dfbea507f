// How does a large object travel in parts?
import type { Readable } from 'node:stream';
import { isAbsent, type Bucket, type Source } from './bucket.ts';

const mebibyte = 1024 * 1024;
const partsMax = 10_000;
const partsAtOnce = 4;

export interface PartSizes {
  /** Objects that are larger are copied in parts. */
  readonly above: number;
  /** Larger than that, where joining parts costs as much as copying does. */
  readonly aboveIfCostly?: number;
  readonly bytes: number;
}

export const partSizesDefault: PartSizes = { above: 64 * mebibyte, aboveIfCostly: 1024 * mebibyte, bytes: 64 * mebibyte };
export const uploadPartBytes = 16 * mebibyte;

export interface InParts {
  readonly sizes: PartSizes;
  /** By which a former copier has begun with this very content. */
  readonly earlier: string | undefined;
  /** Told before the first part. */
  readonly onBegun: (uploadId: string) => Promise<void>;
  readonly onPart: (bytes: number) => void;
  readonly stopIfCancelled: () => void;
  readonly signal?: AbortSignal | undefined;
}

/** What is left of it is gone on with by the next copier: an upload is only given up by whoever clears the whole copy away. */
export async function copyInParts(bucket: Bucket, source: Source & { readonly sizeBytes: number }, key: string, { sizes, earlier, onBegun, onPart, stopIfCancelled, signal }: InParts): Promise<void> {
  const partBytes = Math.max(sizes.bytes, Math.ceil(source.sizeBytes / partsMax / mebibyte) * mebibyte);
  const count = Math.ceil(source.sizeBytes / partBytes);
  const sizeOf = (number: number): number => Math.min(partBytes, source.sizeBytes - (number - 1) * partBytes);
  const there = earlier === undefined ? undefined : await bucket.parts(key, earlier);
  const isOld = earlier !== undefined && there !== undefined;
  const uploadId = isOld ? earlier : await bucket.beginUpload(key, await aboutOf(bucket, source));
  if (!isOld) await onBegun(uploadId);
  const etags: string[] = Array.from({ length: count }, () => '');
  for (const { number, sizeBytes, etag } of there ?? []) {
    if (number > count || sizeBytes !== sizeOf(number)) continue;
    etags[number - 1] = etag;
    onPart(sizeBytes);
  }
  const missing = etags.flatMap((etag, index) => (etag === '' ? [index + 1] : []));
  const copySome = async (): Promise<void> => {
    for (let number = missing.shift(); number !== undefined; number = missing.shift()) {
      stopIfCancelled();
      const start = (number - 1) * partBytes;
      etags[number - 1] = await bucket.copyPart(source, { key, uploadId, number, start, end: start + sizeOf(number) - 1, isDoubtful: isOld }, signal);
      onPart(sizeOf(number));
    }
  };
  const begun = performance.now();
  const isWhole = missing.length === count;
  await allOrFirstError(Array.from({ length: partsAtOnce }, copySome));
  const copied = performance.now();
  await complete(bucket, key, uploadId, etags, source.sizeBytes);
  if (isWhole) bucket.joining.saw(copied - begun, performance.now() - copied);
}

/** What is of this size may go in parts, or have gone so before it was known what that costs. */
export function mayBeInParts({ above }: PartSizes, sizeBytes: number): boolean {
  return sizeBytes > above;
}

export function goesInParts({ above, aboveIfCostly = above }: PartSizes, sizeBytes: number, { joining }: Bucket): boolean {
  return sizeBytes > (joining.isCostly ? aboveIfCostly : above);
}

/** Of any length, with no more than one part in memory; nothing shows before all of it is there, or when it breaks. */
export async function upload(bucket: Bucket, key: string, content: Readable): Promise<void> {
  let uploadId: string | undefined;
  const etags: string[] = [];
  let sizeBytes = 0;
  try {
    for await (const [part, isLast] of partsOf(content)) {
      sizeBytes += part.length;
      if (isLast && uploadId === undefined) return await bucket.put(key, part);
      uploadId ??= await bucket.beginUpload(key);
      etags.push(await bucket.putPart(key, uploadId, etags.length + 1, part));
    }
    await complete(bucket, key, uploadId!, etags, sizeBytes);
  } catch (error) {
    if (uploadId !== undefined) await bucket.abortUpload(key, uploadId).catch(() => undefined); // then the janitor's
    throw error;
  }
}

/** When the answer to the first try was lost, the second one finds no upload any more. The ETag of the whole. */
export async function complete(bucket: Bucket, key: string, uploadId: string, etags: readonly string[], sizeBytes: number): Promise<string> {
  return bucket.completeUpload(key, uploadId, etags).catch(async (error: unknown) => {
    if (!isAbsent(error)) throw error;
    const there = await bucket.head(key);
    if (there?.sizeBytes !== sizeBytes) throw error;
    return there.etag;
  });
}

/** A copy in one request takes this along by itself. */
async function aboutOf(bucket: Bucket, { key }: Source): Promise<Record<string, string>> {
  const headers = (await bucket.head(key))?.headers ?? {};
  const kept = ['content-type', 'content-encoding', 'content-disposition', 'content-language', 'cache-control'];
  const isKept = (name: string): boolean => kept.includes(name) || name.startsWith('x-amz-meta-');
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (isKept(name) && typeof value === 'string' ? [[name, value]] : [])));
}

async function* partsOf(content: Readable): AsyncGenerator<[part: Buffer, isLast: boolean]> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as Uint8Array);
    chunks.push(bytes);
    size += bytes.length;
    while (size > uploadPartBytes) {
      const all = Buffer.concat(chunks);
      yield [all.subarray(0, uploadPartBytes), false];
      chunks = [all.subarray(uploadPartBytes)];
      size -= uploadPartBytes;
    }
  }
  yield [Buffer.concat(chunks), true];
}

/** All have ended before the error is told, so that nothing goes on behind the caller's back. */
export async function allOrFirstError(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
