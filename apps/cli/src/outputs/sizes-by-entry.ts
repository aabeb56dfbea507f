// How much is in each file and folder of a folder?
import type { OutputsFileBody } from '#contracts';

export interface Entry {
  readonly path: string;
  readonly size_bytes: number;
  readonly files: number;
}

/** `below` is where `files` were looked for. The largest first, and the sum of all at the end. */
export function sizesByEntry(files: readonly OutputsFileBody[], below: string): Entry[] {
  const prefix = below === '' ? '' : `${below}/`;
  const entries = new Map<string, Entry>();
  for (const { path, size_bytes: size } of files) {
    const slash = path === below ? -1 : path.indexOf('/', prefix.length);
    const name = slash < 0 ? path : path.slice(0, slash + 1);
    const { size_bytes: sum, files: count } = entries.get(name) ?? { size_bytes: 0, files: 0 };
    entries.set(name, { path: name, size_bytes: sum + size, files: count + 1 });
  }
  const all = { path: below === '' ? '.' : below, size_bytes: files.reduce((sum, { size_bytes: size }) => sum + size, 0), files: files.length };
  return [...[...entries.values()].sort((a, b) => b.size_bytes - a.size_bytes || (a.path < b.path ? -1 : 1)), all];
}
