// How does a folder of a store come to be on this machine, as it is there?
import { createWriteStream } from 'node:fs';
import { lstat, mkdir, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { unholdable } from '../holdable.ts';
import { checkPath, unfinishedName } from '../paths.ts';
import type { StoredObject } from '../s3/answers.ts';
import type { Bucket } from '../s3/bucket.ts';
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

/** What is there already in the same version stays, what is not in the store goes. Files have the times that they had where they were written. */
export async function bringIn(bringing: Bringing, record: CarryRecord, epoch: Epoch): Promise<BroughtIn> {
  const { bucket, from, folder, nowMs, signal } = bringing;
  await mkdir(folder, { recursive: true });
  await record.beginIncoming();
  const wanted = await objectsOf(bucket, from);
  const homeless = unholdable(new Set(wanted.keys()));
  if (homeless !== undefined) throw new Error(`the store has ${JSON.stringify(homeless.path)} beside a file ${JSON.stringify(homeless.file)}, of which a machine holds one: rename the other`);
  const there = new Map((await lookAt(folder, nowMs())).files.map((file) => [file.path, file]));
  const isThere = (path: string, etag: string): boolean => there.get(path)?.version === record.entries.get(path)?.version && record.entries.get(path)?.etag === etag;
  for (const path of there.keys()) if (!wanted.has(path)) await removeTree(join(folder, path));
  for (const path of record.entries.keys()) if (!wanted.has(path)) record.forget(path);
  const missing = [...wanted].filter(([path, { etag }]) => !isThere(path, etag));
  let sizeBytes = 0;
  const fetchSome = async (): Promise<void> => {
    for (let next = missing.shift(); next !== undefined; next = missing.shift()) {
      signal?.throwIfAborted();
      const [path, object] = next;
      const file = await fetchOne(bringing, path, object);
      sizeBytes += file.sizeBytes;
      await record.add([[path, { version: file.version, inode: file.inode, sizeBytes: file.sizeBytes, etag: object.etag, carriedAt: nowMs() }]]);
    }
  };
  await allOrFirstError(Array.from({ length: filesAtOnce }, fetchSome));
  await record.whole(epoch);
  return { files: wanted.size, sizeBytes };
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
      const content = await bucket.get(from + path, undefined, etag);
      if (content === undefined) throw new Error(`${path} went away while it was brought in`);
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
