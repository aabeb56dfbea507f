// Where do the last lines of a file begin?
import type { LogFile } from '../archive/run-log.ts';

const blockBytes = 64 * 1024;
/** Lines may be so long that all of them would be the whole of a huge file. */
const lookedAtBytesMax = 64 * 1024 * 1024;

/** Reads backwards from `end`, never before `start`; a line that has no end yet counts. */
export async function tailStart(file: LogFile, start: number, end: number, lines: number): Promise<number> {
  if (lines === 0) return end;
  const earliest = Math.max(start, end - lookedAtBytesMax);
  const block = Buffer.alloc(blockBytes);
  let left = lines;
  for (let at = end; at > earliest; ) {
    const from = Math.max(earliest, at - blockBytes);
    const { bytesRead } = await file.read(block, 0, at - from, from);
    for (let index = bytesRead - 1; index >= 0; index -= 1) {
      if (block[index] !== 0x0a || from + index === end - 1) continue;
      left -= 1;
      if (left <= 0) return from + index + 1;
    }
    at = from;
  }
  return firstCharacter(file, earliest, start, end);
}

/** Where the look was cut short it may have been inside a character. */
async function firstCharacter(file: LogFile, at: number, start: number, end: number): Promise<number> {
  if (at === start) return at;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(3), 0, 3, at);
  const inside = buffer.subarray(0, bytesRead).findIndex((byte) => (byte & 0xc0) !== 0x80);
  return Math.min(end, at + Math.max(0, inside));
}
