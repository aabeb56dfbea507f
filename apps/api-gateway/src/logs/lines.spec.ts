// Are bytes in any portions the same lines, with offsets to go on from?
import fc from 'fast-check';
import { LineCutter } from './lines.ts';

function cut(bytes: Buffer, cuts: readonly number[], start = 0): { lines: string[]; offsets: number[] } {
  const cutter = new LineCutter(start);
  const places = [start, ...cuts.map((place) => start + (place % (bytes.length - start + 1))).sort((a, b) => a - b), bytes.length];
  const parts = places.slice(1).map((end, index) => cutter.take(bytes.subarray(places[index], end)));
  const all = [...parts, cutter.end()].filter((part) => part !== null);
  return { lines: all.flatMap(({ lines }) => lines), offsets: all.map(({ offset }) => offset) };
}

it('is the same text, however it arrives', () => {
  const text = fc.array(fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', '')), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(text, fc.array(fc.nat(1000)), (lines, cuts) => {
      const bytes = Buffer.from(`${lines.join('\n')}\n`);
      expect(cut(bytes, cuts).lines).toEqual(lines);
    }),
  );
});

it('goes on from any offset it told', () => {
  const bytes = Buffer.from(Array.from({ length: 50 }, (_, number) => `line ${number} \u{1f600}\n`).join(''));
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { minLength: 1 }), (cuts) => {
      const { lines, offsets } = cut(bytes, cuts);
      for (const offset of offsets) expect([...cut(bytes.subarray(0, offset), []).lines, ...(offset < bytes.length ? cut(bytes, cuts, offset).lines : [])]).toEqual(lines);
    }),
  );
});

it('does not wait for the end of a line that has none', () => {
  const cutter = new LineCutter(0);
  const lines: string[] = [];
  const euros = Buffer.from('\u20ac'.repeat(200_000));
  for (let start = 0; start < euros.length; start += 10_000) lines.push(...(cutter.take(euros.subarray(start, start + 10_000))?.lines ?? []));
  expect(lines.length).toBeGreaterThan(1);
  expect([...lines, ...(cutter.end()?.lines ?? [])].join('')).toBe('\u20ac'.repeat(200_000));
});
