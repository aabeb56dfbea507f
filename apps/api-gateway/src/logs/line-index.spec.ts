// Is every line counted, wherever its bytes are cut?
import { LineIndex, linesApart, type AttemptStart } from './line-index.ts';

const indexed = (text: string, pieceBytes: number, from = 0, starts: readonly AttemptStart[] = []) => {
  const index = new LineIndex(from);
  index.expect(starts);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) index.take(bytes.subarray(at, at + pieceBytes));
  return index.body(true);
};

it.each([1, 7, 100_000])('in pieces of %d bytes', (pieceBytes) => {
  const lines = Array.from({ length: 2 * linesApart + 500 }, (_, line) => `line ${line} ü`);
  const text = lines.join('\n');
  const startOf = (line: number) => Buffer.byteLength(lines.slice(0, line).map((one) => `${one}\n`).join(''));
  expect(indexed(text, pieceBytes)).toEqual({
    lines_apart: linesApart, starts: [0, startOf(linesApart), startOf(2 * linesApart)], lines: lines.length, end_offset: Buffer.byteLength(text), is_complete: true, parts: [], grown_at: null,
  });
});
it('nothing has no line', () => expect(indexed('', 1)).toMatchObject({ lines: 0, starts: [0] }));
it('an end is not another line', () => expect(indexed('a\nb\n', 9)).toMatchObject({ lines: 2 }));
it('goes on from anywhere', () => expect(indexed('b\nc', 1, 40)).toMatchObject({ starts: [40], lines: 2, end_offset: 43 }));

describe('attempts', () => {
  const start = (experimentId: number, attempt: number, offset: number) => ({ experimentId, attempt, offset });
  it.each([1, 3, 100])('begin with a line of their own, in pieces of %d bytes', (pieceBytes) =>
    expect(indexed('a\nb\nc\nd\n', pieceBytes, 0, [start(7, 1, 0), start(7, 2, 4), start(8, 1, 6)]).parts).toEqual([
      { experiment_id: 7, attempt: 1, line: 0 }, { experiment_id: 7, attempt: 2, line: 2 }, { experiment_id: 8, attempt: 1, line: 3 },
    ]));
  it('that began before are known already, and those that printed nothing yet are not there', () =>
    expect(indexed('c\n', 9, 4, [start(7, 1, 0), start(7, 2, 4), start(7, 3, 6)]).parts).toEqual([{ experiment_id: 7, attempt: 2, line: 0 }]));
});
