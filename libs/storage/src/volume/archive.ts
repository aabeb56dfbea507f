// How does a folder travel as one stream?
import type { FileHandle } from 'node:fs/promises';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { end, headerOf, padding, zeros, zipped } from '../tar.ts';
import { openInside } from './inside.ts';
import { walk } from './walk.ts';

const chunkBytes = 256 * 1024;

export function archive(folder: string): Readable {
  return zipped(blocks(folder));
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
  yield end;
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
