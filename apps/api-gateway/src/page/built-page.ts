// Which files is the page made of?
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the build of apps/dashboard has written. */
export const pageFolder = fileURLToPath(new URL('../../../dashboard/page/', import.meta.url));

export type Encoding = 'br' | 'gzip' | 'identity';

export interface PageFile {
  readonly type: string;
  /** As they are, and as smaller ones, where they are smaller. */
  readonly contents: Readonly<Partial<Record<Encoding, Buffer>>>;
}

export interface Page {
  /** Null: it was not built. */
  readonly index: PageFile | null;
  /** By name; each name has a digest of what is in it. */
  readonly assets: ReadonlyMap<string, PageFile>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.json': 'application/json; charset=utf-8',
};
const encodings: readonly (readonly [Encoding, string])[] = [['br', '.br'], ['gzip', '.gz'], ['identity', '']];

/** All of it, once: it is a few hundred kilobytes, and what is not among them can't be asked for. */
export async function readPage(folder: string): Promise<Page> {
  const names = await namesIn(join(folder, 'assets'));
  const assets = await Promise.all(names.map(async (name) => [name, await fileAt(join(folder, 'assets', name))] as const));
  const indexNames = await namesIn(folder);
  return { index: indexNames.includes('index.html') ? await fileAt(join(folder, 'index.html')) : null, assets: new Map(assets) };
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => extname(name) in types);
}

async function fileAt(path: string): Promise<PageFile> {
  const found = await Promise.all(encodings.map(async ([encoding, ending]) => [encoding, await readFile(path + ending).catch(() => null)] as const));
  return { type: types[extname(path)] ?? 'application/octet-stream', contents: Object.fromEntries(found.filter(([, content]) => content !== null)) };
}
