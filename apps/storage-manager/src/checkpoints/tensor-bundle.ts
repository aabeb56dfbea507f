// How large does the index of a TensorFlow checkpoint say that its shards are?
import type { FileEntry } from '#storage';
import { peekBytesMax, type Peek } from './recogniser.ts';

/**
 * An index is a sorted table (LevelDB's format, uncompressed) from tensor names to small protocol buffers: where in which shard the tensor is.
 * Blocks are entries `shared, unshared, length, key, value` with numbers of 7 bits a byte; the last block lists the others, and the footer says where it is.
 */
const footerBytes = 48;
const magic = Buffer.from('57fb808b247547db', 'hex');
/** So much of an index is read; a larger one is taken on trust. */
const indexBytesMax = 16 * peekBytesMax;

export async function isTable(index: FileEntry, peek: Peek): Promise<boolean> {
  return index.sizeBytes >= footerBytes && (await peek(index, index.sizeBytes - magic.length, magic.length)).equals(magic);
}

/** By shard number, as far as it can be read. */
export async function shardSizes(index: FileEntry, peek: Peek): Promise<ReadonlyMap<number, number>> {
  const sizes = new Map<number, number>();
  if (index.sizeBytes > indexBytesMax) return sizes;
  const pieces: Buffer[] = [];
  for (let at = 0; at < index.sizeBytes; at += peekBytesMax) pieces.push(await peek(index, at, Math.min(peekBytesMax, index.sizeBytes - at)));
  const table = Buffer.concat(pieces);
  try {
    const footer = new Numbers(table.subarray(table.length - footerBytes));
    footer.next();
    footer.next(); // the block of metadata, which TensorFlow leaves empty
    for (const { value: handle } of entries(blockAt(table, footer))) {
      for (const { key, value } of entries(blockAt(table, new Numbers(handle)))) if (key.length > 0) addTensor(sizes, value);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    sizes.clear(); // not written as we know it
  }
  return sizes;
}

function blockAt(table: Buffer, handle: Numbers): Buffer {
  const [offset, bytes] = [handle.next(), handle.next()];
  if (offset + bytes >= table.length || table[offset + bytes] !== 0) throw new RangeError('outside of the table, or compressed');
  return table.subarray(offset, offset + bytes);
}

function* entries(block: Buffer): Generator<{ key: Buffer; value: Buffer }> {
  const restarts = block.readUInt32LE(block.length - 4);
  const numbers = new Numbers(block.subarray(0, block.length - 4 * (restarts + 1)));
  for (let key = Buffer.alloc(0); !numbers.isAtEnd; ) {
    const [shared, unshared, length] = [numbers.next(), numbers.next(), numbers.next()];
    key = Buffer.concat([key.subarray(0, shared), numbers.bytes(unshared)]);
    yield { key, value: numbers.bytes(length) };
  }
}

/** BundleEntryProto: field 3 is the shard, 4 the offset, 5 the size. */
function addTensor(sizes: Map<number, number>, entry: Buffer): void {
  const fields = new Map<number, number>();
  const numbers = new Numbers(entry);
  while (!numbers.isAtEnd) {
    const tag = numbers.next();
    if (tag % 8 === 0) fields.set(tag >> 3, numbers.next());
    else numbers.bytes(tag % 8 === 2 ? numbers.next() : tag % 8 === 5 ? 4 : 8);
  }
  const [shard, end] = [fields.get(3) ?? 0, (fields.get(4) ?? 0) + (fields.get(5) ?? 0)];
  sizes.set(shard, Math.max(sizes.get(shard) ?? 0, end));
}

/** Reads on from where it is; throws a RangeError beyond the end. */
class Numbers {
  #at = 0;

  constructor(private readonly buffer: Buffer) {}

  get isAtEnd(): boolean {
    return this.#at >= this.buffer.length;
  }

  next(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.buffer.readUInt8(this.#at);
      this.#at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  bytes(length: number): Buffer {
    if (this.#at + length > this.buffer.length) throw new RangeError('beyond the end');
    this.#at += length;
    return this.buffer.subarray(this.#at - length, this.#at);
  }
}
