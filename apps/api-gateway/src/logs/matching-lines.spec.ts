// Is every line that has it found and counted, wherever the bytes are cut?
import fc from 'fast-check';
import { MatchingLines, type Kept, type Wanted } from './matching-lines.ts';

const found = (text: string, wanted: Partial<Wanted> & { text: string }, { pieceBytes = 1e9, ...kept }: Partial<Kept> & { pieceBytes?: number } = {}) => {
  const lines = new MatchingLines({ isExpression: false, matchesCase: false, ...wanted }, { skip: 0, limit: 1000, ...kept });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) lines.take(bytes.subarray(at, at + pieceBytes));
  return lines.end();
};
const numbers = (text: string, wanted: Partial<Wanted> & { text: string }) => found(text, wanted).hits.map(({ line }) => line);

it('a line with its number, once however often it is in it', () =>
  expect(found('one\nERROR error\n\nan Error', { text: 'error' })).toEqual({ hits: [{ line: 2, text: 'ERROR error' }, { line: 4, text: 'an Error' }], count: 2, lines: 4 }));
it.each([
  ['capital letters count when they should', 'error\nERROR\n', { text: 'ERROR', matchesCase: true }, [2]],
  ['nothing is special in a plain text', 'a.c\nabc\n(a|b)*\n', { text: 'a.c' }, [1]],
  ['an expression is one', 'step 9\nstep 10\nno step\n', { text: '^step \\d+$', isExpression: true }, [1, 2]],
  ['an expression stays in its line', 'a\nb\n', { text: 'a\\sb|a[^x]b', isExpression: true }, []],
  ['colours are no part of the text', '\u001b[32mgr\u001b[0meen\n', { text: 'green' }, [1]],
  ['nor are they of an expression', 'x\n\u001b[32mgr\u001b[0meen\n', { text: '^green$', isExpression: true }, [2]],
  ['what was written over is still there', '10%\r20%\r30%\n', { text: '20%' }, [1]],
  ['letters of others', 'ÜBER\n名前\n', { text: 'über' }, [1]],
] as const)('%s', (_, text, wanted, lines) => expect(numbers(text, wanted)).toEqual(lines));

it('as somebody would find it who looks at each line', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', 'B', ' ', 'ü', '🙂'), maxLength: 6 });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), fc.constantFrom('a', 'ab', 'ü', '🙂a', 'b b'), fc.integer({ min: 1, max: 30 }), fc.boolean(), fc.boolean(), (lines, text, pieceBytes, matchesCase, isExpression) => {
      const same = (one: string) => (matchesCase ? one : one.toLowerCase());
      const expected = lines.flatMap((one, index) => (same(one).includes(same(text)) ? [{ line: index + 1, text: one }] : []));
      expect(found(lines.map((one) => `${one}\n`).join(''), { text, matchesCase, isExpression }, { pieceBytes })).toEqual({ hits: expected, count: expected.length, lines: lines.length });
    }),
  );
});
it('a page of them, and how many there are', () => {
  const { hits, count } = found('x\n'.repeat(50), { text: 'x' }, { skip: 20, limit: 3 });
  expect([hits.map(({ line }) => line), count]).toEqual([[21, 22, 23], 50]);
});
it('a line of megabytes is one, found once, also where it is cut', () => {
  const long = `${'-'.repeat(1_048_570)}needle needle${'-'.repeat(3_000_000)}needle`;
  const { hits, count, lines } = found(`first\n${long}\nneedle\n`, { text: 'needle' }, { pieceBytes: 65_536 });
  expect({ count, lines, numbers: hits.map(({ line }) => line), isShort: hits.every(({ text }) => text.length <= 400 && text.includes('needle')) }).toEqual({ count: 2, lines: 3, numbers: [2, 3], isShort: true });
});
it('nothing has no lines', () => expect(found('', { text: 'a' })).toEqual({ hits: [], count: 0, lines: 0 }));
