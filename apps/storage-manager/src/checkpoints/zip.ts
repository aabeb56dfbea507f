// Is a zip archive there to its end, and are its contents what was put into it?
import { crc32, createInflateRaw } from 'node:zlib';
import type { FileEntry } from '#storage';
import { isBeyondEnd, jsonBytesMax, peekBytesMax, type Finding, type Look, type Peek } from './recogniser.ts';

const fileMark = 0x04034b50;
const directoryMark = 0x02014b50;
const endMark = 0x06054b50;
const end64Mark = 0x06064b50;
const locator64Mark = 0x07064b50;
const fileBytes = 30;
const directoryBytes = 46;
const endBytes = 22;
const locatorBytes = 20;
/** Says that the number is in a 64-bit record. */
const elsewhere = 0xffffffff;
const stored = 0;
const deflated = 8;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

export function isZip(head: Buffer): boolean {
  return head.length >= 4 && head.readUInt32LE(0) === fileMark;
}

/** The directory of a zip archive comes last, so one that was cut off has none. It holds a checksum of every file in it. */
export async function examineZip(file: FileEntry, { peek, contents }: Look): Promise<Omit<Finding, 'step'>> {
  const { sizeBytes } = file;
  const tailAt = Math.max(0, sizeBytes - peekBytesMax);
  const tail = await peek(file, tailAt, sizeBytes - tailAt);
  const end = endOf(tail);
  if (end < 0) return { problem: `it is cut off: its ${sizeBytes} bytes end without the directory that a zip archive ends with` };
  const place = await directoryOf(file, tail, end, peek);
  if (!place) return { problem: 'its zip directory can\'t be found where its end says' };
  if (place.offset + place.bytes > tailAt + end) return { problem: `its zip directory says it is longer than its ${sizeBytes} bytes` };
  if (place.entries === 0) return { problem: 'it is an empty zip archive' };
  if (place.bytes > jsonBytesMax) return { problem: null };
  const entries = entriesOf(await peek(file, place.offset, place.bytes));
  if (entries?.length !== place.entries) return { problem: 'its zip directory is damaged' };
  const outside = entries.find(({ offset, packedBytes }) => offset + fileBytes + packedBytes > place.offset);
  if (outside) return { problem: `its zip directory is damaged: ${outside.name} would reach into it` };
  if (!contents) return { problem: null };
  const wrong = await firstWrong(entries, new Stream(contents(file, 0, place.offset)));
  return { problem: wrong, isCompared: wrong === null };
}

/** The mark may occur in the contents too: the true one's comment ends with the file. */
function endOf(tail: Buffer): number {
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(endMark);
  for (let at = tail.lastIndexOf(mark); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf(mark, at - 1)) {
    if (at + endBytes <= tail.length && at + endBytes + tail.readUInt16LE(at + 20) === tail.length) return at;
  }
  return -1;
}

async function directoryOf(file: FileEntry, tail: Buffer, end: number, peek: Peek): Promise<{ offset: number; bytes: number; entries: number } | null> {
  const [entries, bytes, offset] = [tail.readUInt16LE(end + 10), tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
  if (offset !== elsewhere && bytes !== elsewhere && entries !== 0xffff) return { offset, bytes, entries };
  const locator = end - locatorBytes;
  if (locator < 0 || tail.readUInt32LE(locator) !== locator64Mark) return { offset, bytes, entries };
  const at = Number(tail.readBigUInt64LE(locator + 8));
  if (at >= file.sizeBytes) return null;
  const record = await peek(file, at, 56);
  if (record.length < 56 || record.readUInt32LE(0) !== end64Mark) return null;
  return { entries: Number(record.readBigUInt64LE(32)), bytes: Number(record.readBigUInt64LE(40)), offset: Number(record.readBigUInt64LE(48)) };
}

function entriesOf(directory: Buffer): Entry[] | null {
  const entries: Entry[] = [];
  for (let at = 0; at < directory.length; ) {
    if (at + directoryBytes > directory.length || directory.readUInt32LE(at) !== directoryMark) return null;
    const [nameLength, extraLength, commentLength] = [directory.readUInt16LE(at + 28), directory.readUInt16LE(at + 30), directory.readUInt16LE(at + 32)];
    const extraAt = at + directoryBytes + nameLength;
    if (extraAt + extraLength + commentLength > directory.length) return null;
    const long = longNumbers(directory.subarray(extraAt, extraAt + extraLength));
    const number = (where: number): number => {
      const value = directory.readUInt32LE(at + where);
      return value === elsewhere ? (long.shift() ?? value) : value;
    };
    const [bytes, packedBytes, offset] = [number(24), number(20), number(42)]; // in the order of the 64-bit record
    const name = directory.toString('utf8', at + directoryBytes, extraAt);
    entries.push({ name, method: directory.readUInt16LE(at + 10), crc: directory.readUInt32LE(at + 16), packedBytes, bytes, offset });
    at = extraAt + extraLength + commentLength;
  }
  return entries;
}

function longNumbers(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; ) {
    const [kind, length] = [extra.readUInt16LE(at), extra.readUInt16LE(at + 2)];
    const field = extra.subarray(at + 4, at + 4 + length);
    if (kind === 1) return Array.from({ length: Math.floor(field.length / 8) }, (_, index) => Number(field.readBigUInt64LE(index * 8)));
    at += 4 + length;
  }
  return [];
}

/** In one pass from the beginning to the directory: a store is asked once. */
async function firstWrong(entries: readonly Entry[], stream: Stream): Promise<string | null> {
  try {
    for (const entry of [...entries].sort((one, other) => one.offset - other.offset)) {
      if (entry.offset < stream.at) return `its zip directory is damaged: ${entry.name} begins within another file`;
      await stream.pass(entry.offset - stream.at);
      const head = await stream.take(fileBytes);
      if (head.readUInt32LE(0) !== fileMark) return `${entry.name} in it is damaged: nothing begins where its zip directory says`;
      const name = (await stream.take(head.readUInt16LE(26))).toString('utf8');
      if (name !== entry.name) return `${entry.name} in it is damaged: it has another name where it begins`;
      await stream.pass(head.readUInt16LE(28));
      const found = entry.method === stored ? await stream.crc(entry.packedBytes) : await inflatedCrc(entry, stream);
      if (found !== entry.crc) return `${entry.name} in it is damaged: its contents don't match their checksum`;
    }
    return null;
  } catch (error) {
    if (isBeyondEnd(error)) return 'its zip directory is damaged: files in it would reach beyond their end';
    throw error;
  } finally {
    await stream.end();
  }
}

/** No more than it says it holds, however far it might unfold. Undefined: it can't be unpacked. */
async function inflatedCrc({ method, packedBytes, bytes }: Entry, stream: Stream): Promise<number | undefined> {
  if (method !== deflated) return undefined;
  const inflate = createInflateRaw();
  let [crc, length] = [0, 0];
  inflate.on('data', (chunk: Buffer) => {
    length += chunk.length;
    crc = crc32(chunk, crc);
    if (length > bytes) inflate.destroy();
  });
  const ended = new Promise<boolean>((done) => inflate.once('end', () => done(true)).once('error', () => done(false)).once('close', () => done(false)));
  await stream.each(packedBytes, (chunk) => void (inflate.destroyed || inflate.write(chunk)));
  if (!inflate.destroyed) inflate.end();
  return (await ended) && length === bytes ? crc : undefined;
}

/** Reads on from where it is; throws a RangeError where the pieces end too early. */
export class Stream {
  at = 0;
  #rest: Buffer = Buffer.alloc(0);
  readonly #chunks: AsyncIterator<Buffer>;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async each(length: number, use: (chunk: Buffer) => void): Promise<void> {
    for (let missing = length; missing > 0; ) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next();
        if (next.done) throw new RangeError('it ends early');
        this.#rest = next.value;
      }
      const chunk = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(chunk.length);
      this.at += chunk.length;
      missing -= chunk.length;
      if (chunk.length > 0) use(chunk);
    }
  }

  async take(length: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    await this.each(length, (chunk) => chunks.push(chunk));
    return Buffer.concat(chunks);
  }

  async pass(length: number): Promise<void> {
    await this.each(length, () => undefined);
  }

  async crc(length: number): Promise<number> {
    let crc = 0;
    await this.each(length, (chunk) => (crc = crc32(chunk, crc)));
    return crc;
  }

  async end(): Promise<void> {
    await this.#chunks.return?.();
  }
}
