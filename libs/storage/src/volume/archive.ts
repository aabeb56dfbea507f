// How does a folder travel as one stream?
import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { Header, Pax, type HeaderData } from 'tar';
import { openInside } from './inside.ts';
import { walk } from './walk.ts';

const blockBytes = 512;
const chunkBytes = 256 * 1024;
/** Checkpoints hardly shrink, so the effort of better levels is lost. */
const gzipLevel = 1;

export function archive(folder: string): Readable {
  const tar = Readable.from(blocks(folder));
  const zipped = createGzip({ level: gzipLevel });
  tar.once('error', (error) => zipped.destroy(error));
  zipped.once('close', () => tar.destroy()); // whoever downloads may leave
  return tar.pipe(zipped);
}

async function* blocks(folder: string): AsyncGenerator<Buffer> {
  for await (const found of walk(folder)) {
    if (found.kind === 'folder') {
      const stat = await lstat(join(folder, found.path)).catch(() => undefined);
      if (stat?.isDirectory()) yield* headerOf(`${found.path}/`, stat, 'Directory', 0);
    } else if (found.kind === 'file') {
      const file = await openInside(join(folder, found.entry.path));
      if (file !== undefined) yield* fileBlocks(file, found.entry.path);
    }
  }
  yield Buffer.alloc(2 * blockBytes);
}

/**
 * The header says how long the file is, before it is read. One that grows is cut there and one that shrinks is filled up with zeros, as tar
 * does, so that all others stay readable.
 */
async function* fileBlocks(file: FileHandle, path: string): AsyncGenerator<Buffer> {
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return;
    yield* headerOf(path, stat, 'File', stat.size);
    let missing = stat.size;
    while (missing > 0) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(chunkBytes, missing)));
      if (bytesRead === 0) break;
      missing -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    yield* zeros(missing + padding(stat.size));
  } finally {
    await file.close();
  }
}

/** Owners stay at home: they mean something else, or somebody else, where it is unpacked. */
function* headerOf(path: string, { mode, mtimeMs }: Stats, type: 'File' | 'Directory', size: number): Generator<Buffer> {
  const mtime = new Date(Math.floor(mtimeMs / 1000) * 1000);
  const data: HeaderData = { path, mode: mode & 0o777, mtime, type, size, uid: 0, gid: 0, uname: '', gname: '' };
  const header = new Header(data);
  if (header.encode()) yield new Pax({ path, size }).encode();
  yield header.block!;
}

function* zeros(count: number): Generator<Buffer> {
  for (let left = count; left > 0; left -= chunkBytes) yield Buffer.alloc(Math.min(chunkBytes, left));
}

function padding(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}
