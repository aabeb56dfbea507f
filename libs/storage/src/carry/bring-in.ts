// How does a folder of a store come to be on this machine, as it is there?
import { createWriteStream } from 'node:fs';
import { lstat, mkdir, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { unholdable } from '../holdable.ts';
import { checkPath, unfinishedName } from '../paths.ts';
import type { StoredObject } from '../s3/answers.ts';
import { isPreconditionFailed, type Bucket } from '../s3/bucket.ts';
import { isPassing } from '../s3/connection.ts';
import { allOrFirstError } from '../s3/parts.ts';
import { isWithinOurs } from '../s3/places.ts';
import { isReal } from '../volume/inside.ts';
import { removeTree } from '../volume/remove-tree.ts';
import type { Epoch } from './claim.ts';
import { modifiedHeader } from './commit.ts';
import { localFileOf, lookAt, type LocalFile } from './local-files.ts';
import type { CarryRecord } from './record.ts';

const filesAtOnce = 4;
const triesMax = 5;
/** Each one only fetches what has come since the one before. */
const looksMax = 20;

export interface BroughtIn {
  readonly files: number;
  readonly sizeBytes: number;
}

export interface Bringing {
  readonly bucket: Bucket;
  readonly from: string;
  readonly folder: string;
  readonly nowMs: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** Whoever writes there, such as the first of several replicas that has begun before the others, was always a little faster. It passes. */
export class SourceMoves extends Error {
  override readonly name = 'SourceMoves';
}

/** One of its files is not there any more as it was. */
class FileMoved extends Error {}

/**
 * What is there already in the same version stays, what is not in the store goes. Files have the times that they had where they were written. All of them are of one look at the store: where somebody writes
 * meanwhile, it is looked at again.
 */
export async function bringIn(bringing: Bringing, record: CarryRecord, epoch: Epoch): Promise<BroughtIn> {
  await mkdir(bringing.folder, { recursive: true });
  await record.beginIncoming();
  let sizeBytes = 0;
  for (let looks = 1; ; looks += 1) {
    const seen = await bringSeen(bringing, record);
    sizeBytes += seen.sizeBytes;
    if (!seen.moved) {
      await record.whole(epoch);
      return { files: seen.files, sizeBytes };
    }
    if (looks === looksMax) throw new SourceMoves(`${seen.moved.message}, and so did others, ${looksMax} times: somebody writes there faster than it can be read`);
  }
}

/** `moved`: not all of it could be had. */
async function bringSeen(bringing: Bringing, record: CarryRecord): Promise<BroughtIn & { readonly moved: FileMoved | undefined }> {
  const { bucket, from, folder, nowMs, signal } = bringing;
  const wanted = await objectsOf(bucket, from);
  const homeless = unholdable(new Set(wanted.keys()));
  if (homeless !== undefined) throw new Error(`the store has ${JSON.stringify(homeless.path)} beside a file ${JSON.stringify(homeless.file)}, of which a machine holds one: rename the other`);
  const there = new Map((await lookAt(folder, nowMs())).files.map((file) => [file.path, file]));
  const isThere = (path: string, etag: string): boolean => there.get(path)?.version === record.entries.get(path)?.version && record.entries.get(path)?.etag === etag;
  for (const path of there.keys()) if (!wanted.has(path)) await removeTree(join(folder, path));
  for (const path of record.entries.keys()) if (!wanted.has(path)) record.forget(path);
  const missing = [...wanted].filter(([path, { etag }]) => !isThere(path, etag));
  let sizeBytes = 0;
  let moved: FileMoved | undefined;
  const fetchSome = async (): Promise<void> => {
    for (let next = missing.shift(); next !== undefined && !moved; next = missing.shift()) {
      signal?.throwIfAborted();
      const [path, object] = next;
      const file = await fetchOne(bringing, path, object).catch((error: unknown) => {
        if (!(error instanceof FileMoved)) throw error;
        moved = error;
      });
      if (!file) return;
      sizeBytes += file.sizeBytes;
      await record.add([[path, { version: file.version, inode: file.inode, sizeBytes: file.sizeBytes, etag: object.etag, carriedAt: nowMs() }]]);
    }
  };
  await allOrFirstError(Array.from({ length: filesAtOnce }, fetchSome));
  return { files: wanted.size, sizeBytes, moved };
}

/** By path, without the tree's own and without the folder itself. */
export async function objectsOf(bucket: Bucket, from: string): Promise<Map<string, StoredObject>> {
  const objects = new Map<string, StoredObject>();
  for await (const object of bucket.objects(from)) {
    const path = object.key.slice(from.length);
    if (path !== '' && !isWithinOurs(path)) objects.set(path, object);
  }
  return objects;
}

async function fetchOne({ bucket, from, folder, signal }: Bringing, path: string, { etag }: StoredObject): Promise<LocalFile> {
  const target = join(folder, checkPath(path.replace(/\/$/, ''), 'file'));
  if (path.endsWith('/')) {
    await mkdir(target, { recursive: true });
    return { ...localFileOf(path, await lstat(target, { bigint: true })), sizeBytes: 0, version: 'folder' };
  }
  await mkdir(dirname(target), { recursive: true });
  if (!(await isReal(target))) throw new Error(`${path} leads through a link`);
  const unfinished = join(dirname(target), unfinishedName(`${process.pid}-${path.split('/').at(-1)!.slice(-80)}`));
  for (let tries = 1; ; tries += 1) {
    try {
      const content = await bucket.get(from + path, undefined, etag).catch((error: unknown) => {
        if (isPreconditionFailed(error)) throw new FileMoved(`${path} was written again while it was brought in`, { cause: error });
        throw error;
      });
      if (content === undefined) throw new FileMoved(`${path} went away while it was brought in`);
      await pipeline(content, createWriteStream(unfinished, { mode: 0o644 }), { ...(signal && { signal }) });
      const modified = timeOf(content.headers[modifiedHeader], content.headers['last-modified']);
      if (modified !== undefined) await utimes(unfinished, modified, modified);
      await rename(unfinished, target);
      return localFileOf(path, await lstat(target, { bigint: true }));
    } catch (error) {
      await rm(unfinished, { force: true });
      if (!isPassing(error) || tries === triesMax || signal?.aborted === true) throw error;
    }
  }
}

function timeOf(kept: string | string[] | undefined, stored: string | undefined): number | undefined {
  const seconds = typeof kept === 'string' && /^\d+(\.\d+)?$/.test(kept) ? Number(kept) : Date.parse(stored ?? '') / 1000;
  return Number.isFinite(seconds) ? seconds : undefined;
}
