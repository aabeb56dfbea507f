// Which text do the bytes of a console make?
import { isUtf8 } from 'node:buffer';

const newline = 0x0a;
const backslash = 0x5c;
const x = 0x78;
const hexadecimal = Buffer.from('0123456789abcdef');

/**
 * Valid UTF-8 is kept byte for byte: ANSI codes, NUL, and carriage returns too. Every byte that isn't part of a character becomes the four letters `\xNN`.
 * Which bytes those are depends on nothing before the character they are in, so however a stream is cut (never inside what `unfinished` tells), its pieces
 * make the same text.
 */
export function consoleText(bytes: Buffer): Buffer {
  return isUtf8(bytes) ? bytes : escaped(bytes);
}

/** Bytes at the end that may be the beginning of a character: 0 to 3. */
export function unfinished(bytes: Buffer): number {
  for (let length = Math.min(3, bytes.length); length > 0; length -= 1) {
    const start = bytes.length - length;
    if (characterLength(bytes, start) > length && validLength(bytes, start) === length) return length;
  }
  return 0;
}

export function countLines(text: Buffer): number {
  let lines = 0;
  for (let at = 0; at < text.length; at += 1) if (text[at] === newline) lines += 1;
  return lines;
}

function escaped(bytes: Buffer): Buffer {
  const text = Buffer.allocUnsafe(bytes.length * 4);
  let end = 0;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at]!;
    const length = characterLength(bytes, at);
    if (length > 0 && validLength(bytes, at) === length) {
      for (let copied = 0; copied < length; copied += 1) text[end++] = bytes[at++]!;
      continue;
    }
    text[end++] = backslash;
    text[end++] = x;
    text[end++] = hexadecimal[byte >> 4]!;
    text[end++] = hexadecimal[byte & 15]!;
    at += 1;
  }
  return text.subarray(0, end);
}

/** By its first byte; 0: no character begins so. */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

/** How much of the character that begins at `at` is there and right (RFC 3629: nothing overlong, no surrogates, nothing above U+10FFFF). */
function validLength(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  const wanted = characterLength(bytes, at);
  let length = Math.min(1, wanted);
  while (length > 0 && length < wanted && at + length < bytes.length) {
    const byte = bytes[at + length]!;
    const lowest = length > 1 ? 0x80 : first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const highest = length > 1 ? 0xbf : first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (byte < lowest || byte > highest) break;
    length += 1;
  }
  return length;
}
