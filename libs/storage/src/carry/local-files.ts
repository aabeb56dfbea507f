// What is in the folder that a program writes, and when did each of it change?
import type { BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbsent } from '../volume/walk.ts';
import { isOurs } from '../paths.ts';

export interface LocalFile {
  /** Relative to the folder; one that ends with a slash is an empty folder. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Another one whenever the content may be another one. */
  readonly version: string;
  readonly inode: string;
  /** Of the last write, in nanoseconds since 1970; a program may set it. */
  readonly modified: bigint;
  /** Of the last change of content, name or rights; no program sets it. */
  readonly changed: bigint;
  /** The beginning of it, as long as it was then, is what counts. */
  readonly isGrowing?: true;
}

export interface LocalFiles {
  /** By the clock of the machine, in nanoseconds: whatever changed before is in here, or had gone. */
  readonly lookedAt: bigint;
  readonly files: readonly LocalFile[];
  /** Links, pipes, sockets: they are not carried. */
  readonly links: readonly string[];
}

const askedAtOnce = 32;

export async function lookAt(folder: string, nowMs: number): Promise<LocalFiles> {
  const files: LocalFile[] = [];
  const links: string[] = [];
  await below(folder, '', files, links);
  return { lookedAt: BigInt(Math.floor(nowMs * 1000)) * 1000n, files, links };
}

export function localFileOf(path: string, { ino, size, mtimeNs, ctimeNs }: BigIntStats): LocalFile {
  return { path, sizeBytes: Number(size), version: `${ino}-${size}-${mtimeNs}-${ctimeNs}`, inode: String(ino), modified: mtimeNs, changed: ctimeNs };
}

async function below(folder: string, prefix: string, files: LocalFile[], links: string[]): Promise<void> {
  const found = await readdir(join(folder, prefix), { withFileTypes: true }).catch((error: unknown) => {
    if (prefix === '' || !isAbsent(error)) throw error; // without the folder itself nobody knows what has gone
    return [];
  });
  const entries = found.filter(({ name }) => !isOurs(name));
  if (entries.length === 0 && prefix !== '') {
    const stat = await lstat(join(folder, prefix), { bigint: true }).catch(unlessGone(undefined));
    if (stat?.isDirectory()) files.push({ ...localFileOf(prefix, stat), sizeBytes: 0, version: 'folder' });
  }
  for (let first = 0; first < entries.length; first += askedAtOnce) {
    await Promise.all(entries.slice(first, first + askedAtOnce).map(async (entry) => {
      const path = prefix + entry.name;
      if (entry.isDirectory()) return below(folder, `${path}/`, files, links);
      if (!entry.isFile()) return void links.push(path);
      const stat = await lstat(join(folder, path), { bigint: true }).catch(unlessGone(undefined));
      if (stat?.isFile()) files.push(localFileOf(path, stat));
    }));
  }
}

function unlessGone<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (isAbsent(error)) return instead;
    throw error;
  };
}
