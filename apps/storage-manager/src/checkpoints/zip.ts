// Is a zip archive there to its end?
import type { FileEntry } from '#storage';
import { peekBytesMax, type Peek } from './recogniser.ts';

const fileMark = 0x04034b50;
const directoryMark = 0x02014b50;
const endMark = 0x06054b50;
const end64Mark = 0x06064b50;
const locator64Mark = 0x07064b50;
const endBytes = 22;
const locatorBytes = 20;
/** Says that the number is in the 64-bit record. */
const elsewhere = 0xffffffff;

export function isZip(head: Buffer): boolean {
  return head.length >= 4 && head.readUInt32LE(0) === fileMark;
}

/** The directory of a zip archive comes last, so one that was cut off has none; null: it is whole. */
export async function zipProblem(file: FileEntry, peek: Peek): Promise<string | null> {
  const { sizeBytes } = file;
  const tailAt = Math.max(0, sizeBytes - peekBytesMax);
  const tail = await peek(file, tailAt, sizeBytes - tailAt);
  const end = endOf(tail);
  if (end < 0) return `it is cut off: its ${sizeBytes} bytes end without the directory that a zip archive ends with`;
  const directory = await directoryOf(file, tail, end, peek);
  if (!directory) return 'its zip directory can\'t be found where its end says';
  const { offset, bytes, entries } = directory;
  if (offset + bytes > tailAt + end) return `its zip directory says it is longer than its ${sizeBytes} bytes`;
  if (entries === 0) return 'it is an empty zip archive';
  const first = await peek(file, offset, 4);
  return first.length === 4 && first.readUInt32LE(0) === directoryMark ? null : 'its zip directory is damaged';
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
  const record = await peek(file, Number(tail.readBigUInt64LE(locator + 8)), 56);
  if (record.length < 56 || record.readUInt32LE(0) !== end64Mark) return null;
  return { entries: Number(record.readBigUInt64LE(32)), bytes: Number(record.readBigUInt64LE(40)), offset: Number(record.readBigUInt64LE(48)) };
}
