// What does the index of a TensorFlow checkpoint say of its tensors?
import type { FileEntry } from '#storage';
import { crc32c, masked } from './checksums.ts';
import { isBeyondEnd, peekBytesMax, type Peek } from './recogniser.ts';

/**
 * An index is a sorted table (LevelDB's format, uncompressed) from tensor names to small protocol buffers: where in which shard the tensor is.
 * Blocks are entries `shared, unshared, length, key, value` with numbers of 7 bits a byte, then a byte that says how it is packed, and a checksum;
 * the last block lists the others, and the footer says where it is.
 */
const footerBytes = 48;
const magic = Buffer.from('57fb808b247547db', 'hex');
/** So much of an index is read; a larger one is taken on trust. */
const indexBytesMax = 64 * peekBytesMax;

export interface Tensor {
  readonly name: string;
  readonly shard: number;
  readonly offset: number;
  readonly bytes: number;
  readonly isText: boolean;
  /** Number of elements. */
  readonly elements: number;
  /** Masked; null: of a kind it was not written for. */
  readonly crc: number | null;
}

/** The index contradicts itself. */
export class IndexDamaged extends Error {}

export async function isTable(index: FileEntry, peek: Peek): Promise<boolean> {
  return index.sizeBytes >= footerBytes && (await peek(index, index.sizeBytes - magic.length, magic.length)).equals(magic);
}

/** Null: it is too large, or written in a way that we don't know. */
export async function tensorsOf(index: FileEntry, peek: Peek): Promise<readonly Tensor[] | null> {
  if (index.sizeBytes > indexBytesMax) return null;
  const pieces: Buffer[] = [];
  for (let at = 0; at < index.sizeBytes; at += peekBytesMax) pieces.push(await peek(index, at, Math.min(peekBytesMax, index.sizeBytes - at)));
  const table = Buffer.concat(pieces);
  const tensors: Tensor[] = [];
  try {
    const footer = new Numbers(table.subarray(table.length - footerBytes));
    if (!blockAt(table, footer)) return null; // metadata, which TensorFlow leaves empty
    const listing = blockAt(table, footer);
    for (const { value: handle } of listing ? entries(listing) : []) {
      const block = blockAt(table, new Numbers(handle));
      if (!block) return null;
      for (const { key, value } of entries(block)) if (key.length > 0) tensors.push(tensorOf(key.toString('latin1'), value));
    }
    return listing && tensors;
  } catch (error) {
    if (isBeyondEnd(error)) throw new IndexDamaged('its .index is damaged');
    throw error;
  }
}

/** Null: it is compressed. */
function blockAt(table: Buffer, handle: Numbers): Buffer | null {
  const [offset, bytes] = [handle.next(), handle.next()];
  if (offset + bytes + 5 > table.length) throw new IndexDamaged('its .index is damaged: a block lies beyond its end');
  if (masked(crc32c(table.subarray(offset, offset + bytes + 1))) !== table.readUInt32LE(offset + bytes + 1)) throw new IndexDamaged('its .index is damaged: a block doesn\'t match its checksum');
  return table[offset + bytes] === 0 ? table.subarray(offset, offset + bytes) : null;
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

const [textType, variantType] = [7, 21];

/** BundleEntryProto: field 1 is the type, 2 the shape, 3 the shard, 4 the offset, 5 the size, 6 the checksum. */
function tensorOf(name: string, entry: Buffer): Tensor {
  const fields = new Map<number, number>();
  let elements = 1;
  const numbers = new Numbers(entry);
  while (!numbers.isAtEnd) {
    const tag = numbers.next();
    const [field, wire] = [tag >> 3, tag % 8];
    if (wire === 0) fields.set(field, numbers.next());
    else if (wire === 5) fields.set(field, numbers.bytes(4).readUInt32LE());
    else {
      const bytes = numbers.bytes(wire === 2 ? numbers.next() : 8);
      if (field === 2) elements = elementsOf(bytes);
    }
  }
  const type = fields.get(1) ?? 0;
  const crc = type === variantType ? null : (fields.get(6) ?? null);
  return { name, shard: fields.get(3) ?? 0, offset: fields.get(4) ?? 0, bytes: fields.get(5) ?? 0, isText: type === textType, elements, crc };
}

/** TensorShapeProto: field 2 is a dimension, whose field 1 is its length. */
function elementsOf(shape: Buffer): number {
  let elements = 1;
  const numbers = new Numbers(shape);
  while (!numbers.isAtEnd) {
    const tag = numbers.next();
    if (tag % 8 === 0) numbers.next();
    else if (tag === 18) {
      const dimension = new Numbers(numbers.bytes(numbers.next()));
      let length = 0;
      while (!dimension.isAtEnd) {
        const inner = dimension.next();
        if (inner === 8) length = dimension.next();
        else dimension.bytes(dimension.next());
      }
      elements *= length;
    } else numbers.bytes(numbers.next());
  }
  return elements;
}

/** Of texts the lengths come first, with a checksum of their own that the one of the whole includes. */
export function textsCrc(bytes: Buffer, elements: number): number {
  const numbers = new Numbers(bytes);
  let crc = 0;
  for (let index = 0; index < elements; index += 1) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(numbers.next());
    crc = crc32c(length, crc);
  }
  const ofLengths = numbers.bytes(4);
  if (ofLengths.readUInt32LE() !== masked(crc)) return -1;
  return masked(crc32c(numbers.bytes(bytes.length - numbers.at), crc32c(ofLengths, crc)));
}

/** Reads on from where it is; throws a RangeError beyond the end. */
class Numbers {
  at = 0;

  constructor(private readonly buffer: Buffer) {}

  get isAtEnd(): boolean {
    return this.at >= this.buffer.length;
  }

  next(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.buffer.readUInt8(this.at);
      this.at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  bytes(length: number): Buffer {
    if (this.at + length > this.buffer.length) throw new RangeError('beyond the end');
    this.at += length;
    return this.buffer.subarray(this.at - length, this.at);
  }
}
