// Is nothing of a console lost, and is its text the same however it is cut?
import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { consoleText, countLines, unfinished } from './console-text.ts';

/** As the archive is written: what is unfinished waits for the next piece, and is text as it is at the end. */
function inPieces(bytes: Buffer, cuts: readonly number[]): Buffer {
  const pieces: Buffer[] = [];
  let done = 0;
  for (const cut of [...cuts].sort((one, other) => one - other)) {
    const piece = bytes.subarray(done, Math.max(done, cut));
    const finished = piece.subarray(0, piece.length - unfinished(piece));
    pieces.push(consoleText(finished));
    done += finished.length;
  }
  return Buffer.concat([...pieces, consoleText(bytes.subarray(done))]);
}

/** Only for text without a backslash of its own. */
function decoded(text: Buffer): Buffer {
  return Buffer.from(text.toString('latin1').replaceAll(/\\x([0-9a-f]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16))), 'latin1');
}

/** Random bytes are hardly ever characters, so characters and their torn pieces are mixed in. */
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'binary', maxLength: 6 }).map((text) => Buffer.from(text)),
  fc.tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.nat(3)).map(([text, length]) => Buffer.from(text).subarray(0, length)),
  fc.constantFrom('c0af', 'eda080', 'f4908080', 'f08080af', 'e08080', 'f4', 'e2', 'e282', 'f09f', 'f09f98', '00', '0d0a').map((hex) => Buffer.from(hex, 'hex')),
);
const stream = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.concat(pieces));

describe('the text of a console', () => {
  it('is the same wherever the bytes were cut', () => {
    const same = fc.property(stream, fc.array(fc.nat(60)), (bytes, cuts) => {
      expect(inPieces(bytes, cuts.map((cut) => Math.min(cut, bytes.length)))).toEqual(consoleText(bytes));
    });
    fc.assert(same, { numRuns: 2000 });
  });

  it('is the same one byte at a time', () => {
    fc.assert(fc.property(stream, (bytes) => expect(inPieces(bytes, [...bytes.keys()])).toEqual(consoleText(bytes))), { numRuns: 500 });
  });

  it('is valid, and holds every byte', () => {
    const noBackslash = stream.filter((bytes) => !bytes.includes(0x5c));
    fc.assert(
      fc.property(noBackslash, (bytes) => {
        const text = consoleText(bytes);
        expect(isUtf8(text)).toBe(true);
        expect(decoded(text)).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('escapes exactly what the platform takes for no character', () => {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    fc.assert(fc.property(stream.filter((bytes) => !bytes.includes(0x5c)), (bytes) => {
      const characters = (text: string) => text.replaceAll('\ufffd', '');
      expect(characters(consoleText(bytes).toString().replaceAll(/\\x[0-9a-f]{2}/g, ''))).toBe(characters(decoder.decode(bytes)));
    }));
  });

  it('keeps colours, NUL and carriage returns, and escapes what is no character', () => {
    expect(consoleText(Buffer.from('\u001b[31mrot\u001b[0m\0 50%\r100%\r\n', 'utf8')).toString()).toBe('\u001b[31mrot\u001b[0m\0 50%\r100%\r\n');
    expect(consoleText(Buffer.from('636166e9 0a ff c3a9 eda080'.replaceAll(' ', ''), 'hex')).toString()).toBe('caf\\xe9\n\\xffé\\xed\\xa0\\x80');
  });

  it('waits for the rest of a character, never for what can\'t become one', () => {
    const waiting = ['f09f98', 'e282', 'c3', 'f4', '61f09f98'].map((hex) => unfinished(Buffer.from(hex, 'hex')));
    expect(waiting).toEqual([3, 2, 1, 1, 3]);
    for (const hex of ['', '61', 'ff', 'c0', 'e080', 'eda0', 'f490', '80', 'c3a9', 'f09f9880', 'f09f61']) expect(unfinished(Buffer.from(hex, 'hex'))).toBe(0);
  });

  it('has as many lines as newlines', () => expect(countLines(Buffer.from('\n\na\r\nb'))).toBe(3));
});
