// Which files are below a folder of a volume?
import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isOurs } from '../paths.ts';
import type { FileEntry } from '../storage.ts';

export type Found = { readonly kind: 'file'; readonly entry: FileEntry } | { readonly kind: 'folder'; readonly path: string } | { readonly kind: 'link' };

/** So many files are asked about at once. */
const inFlight = 32;

/** In the order of their paths, a folder before what is in it. Whatever vanishes meanwhile is left out. */
export async function* walk(folder: string, prefix = ''): AsyncGenerator<Found> {
  const entries = inPathOrder(await readFolder(folder));
  for (let first = 0; first < entries.length; first += inFlight) {
    const some = entries.slice(first, first + inFlight);
    const stats = await Promise.all(some.map((entry) => (entry.isFile() ? statOf(join(folder, entry.name)) : Promise.resolve(undefined))));
    for (const [index, entry] of some.entries()) {
      const path = prefix + entry.name;
      const stat = stats[index];
      if (entry.isDirectory()) {
        yield { kind: 'folder', path };
        yield* walk(join(folder, entry.name), `${path}/`);
      } else if (!entry.isFile() || unreadable(entry.name)) yield { kind: 'link' };
      else if (stat?.isFile()) yield { kind: 'file', entry: entryOf(path, stat) };
    }
  }
}

export function entryOf(path: string, stat: Stats): FileEntry {
  return { path, sizeBytes: stat.size, modifiedAt: new Date(stat.mtimeMs).toISOString(), version: versionOf(stat) };
}

/** The change time, since a program may set the modification time back, but never this one. */
export function versionOf(stat: Stats): string {
  return `${stat.ino}-${stat.size}-${stat.ctimeMs}`;
}

/** Sorted so that whole paths come out sorted (`a.b`, `a/c`, `a0`), without the tree's own names. */
export function inPathOrder(entries: Dirent[]): Dirent[] {
  const keyed = entries.filter(({ name }) => !isOurs(name)).map((entry) => ({ entry, key: entry.isDirectory() ? `${entry.name}/` : entry.name }));
  return keyed.sort((one, other) => (one.key < other.key ? -1 : 1)).map(({ entry }) => entry);
}

/** Not UTF-8: Node shows a replacement character for the bytes it couldn't read, and then can't find the file. */
export function unreadable(name: string): boolean {
  return name.includes('\ufffd');
}

export async function readFolder(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(unlessAbsent<Dirent[]>([]));
}

export async function statOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(unlessAbsent<Stats | undefined>(undefined));
}

export function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function unlessAbsent<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (isAbsent(error)) return instead;
    throw error;
  };
}
