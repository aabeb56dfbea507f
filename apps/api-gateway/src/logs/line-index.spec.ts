// Is every line counted, wherever its bytes are cut?
import { LineIndex, linesApart } from './line-index.ts';

const indexed = (text: string, pieceBytes: number, from = 0) => {
  const index = new LineIndex(from);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) index.take(bytes.subarray(at, at + pieceBytes));
  return index.body(true);
};

it.each([1, 7, 100_000])('in pieces of %d bytes', (pieceBytes) => {
  const lines = Array.from({ length: 2 * linesApart + 500 }, (_, line) => `line ${line} ü`);
  const text = lines.join('\n');
  const startOf = (line: number) => Buffer.byteLength(lines.slice(0, line).map((one) => `${one}\n`).join(''));
  expect(indexed(text, pieceBytes)).toEqual({ lines_apart: linesApart, starts: [0, startOf(linesApart), startOf(2 * linesApart)], lines: lines.length, end_offset: Buffer.byteLength(text), is_complete: true });
});
it('nothing has no line', () => expect(indexed('', 1)).toMatchObject({ lines: 0, starts: [0] }));
it('an end is not another line', () => expect(indexed('a\nb\n', 9)).toMatchObject({ lines: 2 }));
it('goes on from anywhere', () => expect(indexed('b\nc', 1, 40)).toMatchObject({ starts: [40], lines: 2, end_offset: 43 }));
