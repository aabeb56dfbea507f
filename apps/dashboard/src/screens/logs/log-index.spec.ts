// Is every line where the index says, also while the log grows?
import { blocksFor, bytesOf, grown, linesIn, nothingKnown } from './log-index.ts';

const begins = (attempt: number, line: number) => ({ experiment_id: 7, attempt, line });
const answer = (starts: number[], lines: number, end_offset: number, is_complete = false, parts: ReturnType<typeof begins>[] = []) => ({
  lines_apart: 1000, starts, lines, end_offset, is_complete, parts, grown_at: null,
});
const rest = { parts: [], grownAt: null };

it('it grows from the block that was the last', () => {
  const first = grown(nothingKnown, answer([0, 9000], 1500, 13_500));
  expect(first).toEqual({ apart: 1000, starts: [0, 9000], lines: 1500, endOffset: 13_500, isComplete: false, ...rest });
  const second = grown(first, answer([9000, 18_000], 1001, 18_009, true));
  expect(second).toEqual({ apart: 1000, starts: [0, 9000, 18_000], lines: 2001, endOffset: 18_009, isComplete: true, ...rest });
  expect([bytesOf(second, 0), bytesOf(second, 2), bytesOf(second, 9)]).toEqual([{ offset: 0, limit: 9000 }, { offset: 18_000, limit: 9 }, { offset: 18_009, limit: 0 }]);
});
it('looking again when nothing came changes nothing', () => {
  const known = grown(nothingKnown, answer([0, 9000], 1500, 13_500));
  expect(grown(known, answer([9000], 500, 13_500))).toEqual(known);
});
it('attempts stay where they began', () => {
  const first = grown(nothingKnown, answer([0, 9000], 1500, 13_500, false, [begins(1, 0), begins(2, 1200)]));
  expect(grown(first, answer([9000], 900, 17_100, false, [begins(2, 200), begins(3, 600)])).parts).toEqual([begins(1, 0), begins(2, 1200), begins(3, 1600)]);
});
it('only the blocks of what is looked at are needed', () => {
  const index = grown(nothingKnown, answer([0, 1, 2, 3], 3500, 4));
  expect([blocksFor(index, 0, 50), blocksFor(index, 990, 50), blocksFor(index, 3480, 50), blocksFor(nothingKnown, 0, 50)]).toEqual([[0], [0, 1], [3], []]);
});
it.each([['', []], ['a', ['a']], ['a\n', ['a']], ['a\n\nb', ['a', '', 'b']], ['\n', ['']]])('%j has the lines %j', (text, lines) => expect(linesIn(text)).toEqual(lines));
