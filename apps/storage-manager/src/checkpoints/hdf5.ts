// Is an HDF5 file there to its end, and do all its groups and datasets lie where they are said to?
import type { FileEntry } from '#storage';
import { isBeyondEnd, peekBytesMax, type Peek } from './recogniser.ts';

const signature = Buffer.from('894844460d0a1a0a', 'hex');
const headBytes = 128;
const nowhere = 0xffff_ffff_ffff_ffffn;
/** So much of the structure is followed. */
const objectsMax = 20_000;
const pagesMax = 128;
const messageKindMax = 0x18;
const [continuation, layout, symbolTable] = [0x10, 0x08, 0x11];

/** Null: nothing is wrong with it, as far as can be seen; HDF5 keeps no checksum of the data itself. */
export async function hdf5Problem(file: FileEntry, peek: Peek): Promise<string | null> {
  const head = await peek(file, 0, Math.min(headBytes, file.sizeBytes));
  if (!head.subarray(0, signature.length).equals(signature)) return 'it does not begin as an HDF5 file does';
  const end = endOfFile(head);
  if (end === undefined) return 'its HDF5 superblock can\'t be read';
  if (end > BigInt(file.sizeBytes)) return `it is cut off: it holds ${file.sizeBytes} of ${end} bytes`;
  const isOld = head[8] === 0 && head.readBigUInt64LE(24) === 0n;
  return isOld ? new Walk(file, peek).problem(head.readBigUInt64LE(64)) : null;
}

/** The superblock says where the file ends. It is written when the file is closed, so one of a program that died has none or a wrong one. */
function endOfFile(head: Buffer): bigint | undefined {
  const version = head[8] ?? 255;
  const isOld = version <= 1;
  const offsetBytes = head[isOld ? 13 : 9];
  if (version > 3 || offsetBytes !== 8) return undefined; // every program in use writes offsets of 8 bytes
  const at = { 0: 24 + 16, 1: 28 + 16 }[version] ?? 12 + 16;
  return head.length >= at + 8 ? head.readBigUInt64LE(at) : undefined;
}

class Damage extends Error {}

/** From the root group down: object headers, the trees and nodes of groups, where the data of each dataset lies. */
class Walk {
  readonly #pages = new Map<number, Buffer>();
  readonly #seen = new Set<bigint>();

  constructor(
    private readonly file: FileEntry,
    private readonly peek: Peek,
  ) {}

  async problem(root: bigint): Promise<string | null> {
    const waiting = [root];
    try {
      for (let address = waiting.pop(); address !== undefined && this.#seen.size < objectsMax; address = waiting.pop()) {
        if (this.#seen.has(address)) continue;
        this.#seen.add(address);
        waiting.push(...(await this.#object(address)));
      }
      return null;
    } catch (error) {
      if (error instanceof Damage || isBeyondEnd(error)) return `it is damaged: ${(error as Error).message}`;
      throw error;
    }
  }

  /** The members, when it is a group. */
  async #object(address: bigint): Promise<bigint[]> {
    const head = await this.#read(address, 16);
    if (head.toString('latin1', 0, 4) === 'OHDR') return []; // written for newer readers, with checksums of its own
    if (head[0] !== 1) throw new Damage(`no object begins at ${address}`);
    const blocks: [bigint, number][] = [[address + 16n, head.readUInt32LE(8)]];
    const members: bigint[] = [];
    let left = head.readUInt16LE(2);
    for (let block = blocks.shift(); block; block = blocks.shift()) {
      const messages = await this.#read(...block);
      for (let at = 0; at + 8 <= messages.length && left > 0; left -= 1) {
        const [kind, size] = [messages.readUInt16LE(at), messages.readUInt16LE(at + 2)];
        if (kind > messageKindMax || at + 8 + size > messages.length) throw new Damage(`the header of the object at ${address} can't be read`);
        const data = messages.subarray(at + 8, at + 8 + size);
        if (kind === continuation) blocks.push([data.readBigUInt64LE(0), Number(data.readBigUInt64LE(8))]);
        if (kind === layout) this.#dataset(data);
        if (kind === symbolTable) members.push(...(await this.#group(data.readBigUInt64LE(0), data.readBigUInt64LE(8))));
        at += 8 + size;
      }
    }
    if (left > 0) throw new Damage(`the header of the object at ${address} can't be read`);
    return members;
  }

  #dataset(data: Buffer): void {
    const isContiguous = data[0] === 3 && data[1] === 1;
    if (!isContiguous) return;
    const [address, bytes] = [data.readBigUInt64LE(2), data.readBigUInt64LE(10)];
    if (address !== nowhere && address + bytes > BigInt(this.file.sizeBytes)) throw new Damage('a dataset lies beyond its end');
  }

  async #group(tree: bigint, heap: bigint): Promise<bigint[]> {
    await this.#expect(heap, 'HEAP');
    const members: bigint[] = [];
    const nodes = [tree];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      if (this.#seen.has(node)) throw new Damage('a group contains itself');
      this.#seen.add(node);
      const head = await this.#expect(node, 'TREE', 24);
      const [level, used] = [head[5] as number, head.readUInt16LE(6)];
      const children = await this.#read(node + 24n, used * 16 + 8);
      for (let index = 0; index < used; index += 1) {
        const child = children.readBigUInt64LE(8 + index * 16);
        if (level > 0) nodes.push(child);
        else members.push(...(await this.#symbols(child)));
      }
    }
    return members;
  }

  async #symbols(node: bigint): Promise<bigint[]> {
    const count = (await this.#expect(node, 'SNOD', 8)).readUInt16LE(6);
    const symbols = await this.#read(node + 8n, count * 40);
    const isLink = (index: number): boolean => symbols.readUInt32LE(index * 40 + 16) === 2;
    return Array.from({ length: count }, (_, index) => index).filter((index) => !isLink(index)).map((index) => symbols.readBigUInt64LE(index * 40 + 8));
  }

  async #expect(address: bigint, mark: string, bytes = 8): Promise<Buffer> {
    const head = await this.#read(address, bytes);
    if (head.toString('latin1', 0, 4) !== mark) throw new Damage(`no ${mark} begins at ${address}`);
    return head;
  }

  /** In pages that are kept: what belongs together lies near each other. */
  async #read(address: bigint, bytes: number): Promise<Buffer> {
    const { sizeBytes } = this.file;
    if (address < 0n || address + BigInt(bytes) > BigInt(sizeBytes) || bytes > 16 * peekBytesMax) throw new Damage(`something lies beyond its end, at ${address}`);
    const start = Number(address);
    const chunks: Buffer[] = [];
    for (let at = start; at < start + bytes; ) {
      const number = Math.floor(at / peekBytesMax);
      const page = this.#pages.get(number) ?? (await this.peek(this.file, number * peekBytesMax, Math.min(peekBytesMax, sizeBytes - number * peekBytesMax)));
      if (this.#pages.size >= pagesMax) this.#pages.clear();
      this.#pages.set(number, page);
      const piece = page.subarray(at % peekBytesMax, (at % peekBytesMax) + start + bytes - at);
      if (piece.length === 0) throw new Damage('it became shorter');
      chunks.push(piece);
      at += piece.length;
    }
    return Buffer.concat(chunks);
  }
}
