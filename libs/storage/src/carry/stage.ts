// How does the content of files get into the store before any of it shows?
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bucket } from '../s3/bucket.ts';
import { allOrFirstError, uploadPartBytes } from '../s3/parts.ts';
import { openInside } from '../volume/inside.ts';
import { modifiedHeader, type StagedParts, type StagedText } from './commit.ts';
import { localFileOf, type LocalFile } from './local-files.ts';

export type Staged = StagedParts | StagedText;

const textBytesMax = 128 * 1024;
const textsBytesMax = 8 * 1024 * 1024;
const partsMax = 10_000;
const filesOpen = 256;
const filesAtOnce = 4;

/** An open file stays what it was, also when its name goes to another one meanwhile: what is read is the version that was looked at. */
interface Pinned {
  readonly file: LocalFile;
  /** Undefined: an empty folder. */
  readonly handle: FileHandle | undefined;
}

export interface Staging {
  readonly bucket: Bucket;
  readonly folder: string;
  /** Of all keys. */
  readonly from: string;
  readonly etagOf: (path: string) => string | null;
  readonly signal?: AbortSignal | undefined;
}

export interface Outcome {
  readonly staged: readonly { readonly file: LocalFile; readonly staged: Staged }[];
  /** False: what comes after them is another version by now; it is looked at again. */
  readonly isWhole: boolean;
}

/** As many of `files`, in their order, as are still what they were when they were looked at. */
export async function stage(staging: Staging, files: readonly LocalFile[], open: Handles): Promise<Outcome> {
  const pinned = await pin(staging.folder, files.slice(0, filesOpen), open);
  const results: (Staged | undefined)[] = Array.from({ length: pinned.length }, () => undefined);
  try {
    let next = 0;
    let end = pinned.length;
    let texts = 0;
    const stageSome = async (): Promise<void> => {
      while (next < end) {
        const index = next++;
        const one = pinned[index]!;
        const isText = one.file.sizeBytes <= textBytesMax && texts + one.file.sizeBytes <= textsBytesMax;
        if (isText) texts += one.file.sizeBytes;
        results[index] = await (isText ? stageText(staging, one) : stageParts(staging, one));
        if (results[index] === undefined) end = Math.min(end, index);
      }
    };
    await allOrFirstError(Array.from({ length: filesAtOnce }, stageSome));
    const staged = results.slice(0, end).map((one, index) => ({ file: pinned[index]!.file, staged: one! }));
    await giveUp(staging, results.slice(end));
    return { staged, isWhole: staged.length === files.length };
  } catch (error) {
    await giveUp(staging, results);
    throw error;
  } finally {
    for (const { file, handle } of pinned) if (!open.has(file.path)) await handle?.close();
  }
}

/** Open files, as they were when they were looked at; one that was another by the time it was opened is not among them. */
export type Handles = ReadonlyMap<string, FileHandle>;

export async function openAll(folder: string, files: readonly LocalFile[]): Promise<Handles> {
  const open = new Map<string, FileHandle>();
  for (const file of files.slice(0, filesOpen)) {
    const handle = file.version === 'folder' ? undefined : await openInside(join(folder, file.path));
    if (handle && (await isStill(handle, file))) open.set(file.path, handle);
    else await handle?.close();
  }
  return open;
}

/** Those in which nothing has changed since. */
export async function unchanged(open: Handles, files: readonly LocalFile[]): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  for (const file of files) {
    const handle = open.get(file.path);
    if (handle && (await isStill(handle, file))) held.add(file.path);
  }
  return held;
}

async function pin(folder: string, files: readonly LocalFile[], open: Handles): Promise<Pinned[]> {
  const pinned: Pinned[] = [];
  for (const file of files) {
    const handle = file.version === 'folder' ? undefined : (open.get(file.path) ?? (await openInside(join(folder, file.path))));
    if (file.version !== 'folder' && (handle === undefined || !(await isStill(handle, file)))) {
      if (!open.has(file.path)) await handle?.close();
      break;
    }
    pinned.push({ file, handle });
  }
  return pinned;
}

/** Its name may be gone (that changes a time, too), but not a byte of it. One that is only appended to may have become longer. */
async function isStill(handle: FileHandle, file: LocalFile): Promise<boolean> {
  const now = localFileOf(file.path, await handle.stat({ bigint: true }));
  return now.inode === file.inode && (file.isGrowing === true ? now.sizeBytes >= file.sizeBytes : now.sizeBytes === file.sizeBytes && now.modified === file.modified);
}

async function stageText({ etagOf }: Staging, { file, handle }: Pinned): Promise<StagedText | undefined> {
  const about = { path: file.path, modified: secondsOf(file.modified), over: etagOf(file.path) };
  if (handle === undefined) return { ...about, base64: '' };
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(file.sizeBytes), 0, file.sizeBytes, 0);
  if (bytesRead !== file.sizeBytes || !(await isStill(handle, file))) return undefined;
  return { ...about, base64: buffer.toString('base64') };
}

async function stageParts({ bucket, from, signal }: Staging, { file, handle }: Pinned): Promise<StagedParts | undefined> {
  const { path, sizeBytes } = file;
  const partBytes = Math.max(uploadPartBytes, Math.ceil(sizeBytes / partsMax));
  const uploadId = await bucket.beginUpload(from + path, { [modifiedHeader]: secondsOf(file.modified) });
  const etags: string[] = [];
  const buffer = Buffer.allocUnsafe(Math.min(partBytes, sizeBytes));
  let isWhole = true;
  try {
    for (let start = 0; start < sizeBytes && isWhole; start += partBytes) {
      signal?.throwIfAborted();
      const length = Math.min(partBytes, sizeBytes - start);
      const { bytesRead } = await handle!.read(buffer, 0, length, start);
      isWhole = bytesRead === length && (await isStill(handle!, file));
      if (!isWhole) break;
      etags.push(await bucket.putPart(from + path, uploadId, etags.length + 1, buffer.subarray(0, length)));
    }
    if (isWhole) return { path, sizeBytes, uploadId, etags };
  } catch (error) {
    await bucket.abortUpload(from + path, uploadId).catch(() => undefined); // then the janitor's
    throw error;
  }
  await bucket.abortUpload(from + path, uploadId);
  return undefined;
}

export async function giveUp({ bucket, from }: Pick<Staging, 'bucket' | 'from'>, staged: readonly (Staged | undefined)[]): Promise<void> {
  for (const one of staged) if (one && 'uploadId' in one) await bucket.abortUpload(from + one.path, one.uploadId).catch(() => undefined); // then the janitor's
}

/** As other tools keep it with an object. */
function secondsOf(nanoseconds: bigint): string {
  return `${nanoseconds / 1_000_000_000n}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}`;
}
