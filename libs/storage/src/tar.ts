// What does a gzipped tar consist of?
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { Header, Pax, type HeaderData } from 'tar';

const blockBytes = 512;
const zerosBytes = 256 * 1024;
/** Checkpoints hardly shrink, so the effort of better levels is lost. */
const gzipLevel = 1;

export const end = Buffer.alloc(2 * blockBytes);

export function zipped(blocks: AsyncIterable<Buffer>): Readable {
  const tar = Readable.from(blocks);
  const zip = createGzip({ level: gzipLevel });
  tar.once('error', (error) => zip.destroy(error));
  zip.once('close', () => tar.destroy()); // whoever downloads may leave
  return tar.pipe(zip);
}

/** Owners stay at home: they mean something else, or somebody else, where it is unpacked. */
export function* headerOf(path: string, { mode, mtimeMs }: { readonly mode: number; readonly mtimeMs: number }, type: 'File' | 'Directory', size: number): Generator<Buffer> {
  const mtime = new Date(Math.floor(mtimeMs / 1000) * 1000);
  const data: HeaderData = { path, mode: mode & 0o777, mtime, type, size, uid: 0, gid: 0, uname: '', gname: '' };
  const header = new Header(data);
  if (header.encode()) yield new Pax({ path, size }).encode();
  yield header.block!;
}

export function* zeros(count: number): Generator<Buffer> {
  for (let left = count; left > 0; left -= zerosBytes) yield Buffer.alloc(Math.min(zerosBytes, left));
}

/** From the end of a file to the next block. */
export function padding(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}
