// Does what arrives in pieces come out whole, however it was cut?
import fc from 'fast-check';
import { serverSentEvents } from './follow-events.ts';
import { shownLines } from './follow-logs.ts';
import { LineSplitter } from './past-logs.ts';

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}
const sizes = fc.array(fc.integer({ min: 1, max: 9 }));

describe('lines', () => {
  it('are whole, also when a character is cut in two', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' }).filter((line) => !line.includes('\n'))), sizes, async (lines, at) => {
        const splitter = new LineSplitter();
        const seen: string[] = [];
        for await (const chunk of cut(Buffer.from(lines.map((line) => `${line}\n`).join('')), at)) seen.push(...splitter.push(chunk));
        expect([...seen, ...splitter.end()]).toEqual(lines);
      }),
    ));
  it('include the last one that has no end yet', () => {
    const splitter = new LineSplitter();
    expect(splitter.push(Buffer.from('a\nb'))).toEqual(['a']);
    expect(splitter.end()).toEqual(['b']);
  });
  it('lose their time when asked', () => {
    expect(shownLines(['2019-06-24 10:00:00 UTC INFO -- a', 'b'], { hideTime: true })).toBe('INFO -- a\nb\n');
    expect(shownLines(['2019-06-24 10:00:00 UTC a'], { hideTime: false })).toBe('2019-06-24 10:00:00 UTC a\n');
  });
});

describe('server-sent events', () => {
  it('come one by one, without the comments between them', () =>
    fc.assert(
      fc.asyncProperty(sizes, fc.constantFrom('\n', '\r\n'), async (at, end) => {
        const text = [': hi', '', 'id: 1-1', 'event: RunStarted', 'data: {"a":', 'data: 1}', '', ': alive', '', 'data: ü', '', 'id: 1-2', '', 'data: unfinished'].join(end);
        const seen = [];
        for await (const event of serverSentEvents(cut(Buffer.from(text), at))) seen.push(event);
        expect(seen).toEqual([
          { id: '1-1', data: '{"a":\n1}' },
          { id: null, data: 'ü' },
          { id: '1-2', data: '' }, // only where to go on
        ]);
      }),
    ));
});
