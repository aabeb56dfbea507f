// What would somebody upload who is up to no good? Archives written by hand, since no honest program would write them.
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

export interface Member {
  readonly path: string;
  readonly content?: string;
  readonly type?: 'File' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'BlockDevice' | 'FIFO' | 'Directory';
  readonly linkpath?: string;
}

const MiB = 1024 * 1024;
const end = Buffer.alloc(1024);

export function tar(...members: readonly Member[]): Buffer {
  const blocks = members.flatMap(({ path, content = '', type = 'File', linkpath }) => {
    const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
    body.write(content);
    return [header({ path, type, size: Buffer.byteLength(content), ...(linkpath && { linkpath }) }), body];
  });
  return Buffer.concat([...blocks, end]);
}

export function tarGz(...members: readonly Member[]): Buffer {
  return gzipSync(tar(...members));
}

/** One file of so many MiB, each of them `packed`: a gzip archive may consist of several, so even a huge one is made in no time. */
export function bigTarGz(mebibytes: number, packed: Buffer): Buffer {
  return Buffer.concat([gzipSync(header({ path: 'big', type: 'File', size: mebibytes * MiB })), ...Array<Buffer>(mebibytes).fill(packed), gzipSync(end)]);
}

/** A MiB that shrinks to a thousandth, and one that doesn't shrink at all. */
export const zeros = gzipSync(Buffer.alloc(MiB));
export const noise = gzipSync(randomBytes(MiB), { level: 0 });

function header(fields: { path: string; type: string; size: number; linkpath?: string }): Buffer {
  const block = Buffer.alloc(512);
  new Header({ mode: 0o644, ...fields } as ConstructorParameters<typeof Header>[0]).encode(block, 0);
  return block;
}
