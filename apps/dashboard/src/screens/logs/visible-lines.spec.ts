// Can each of a million lines be reached, and only those that are seen are asked for?
import { heightOf, lineHeight, scrollTopFor, visibleLines, wrappedLines, wrappedScrollTopFor } from './visible-lines.ts';

const height = 600;
it.each([1, 29, 30, 31, 1000, 1_000_000, 5_000_000])('of %d lines the first and the last', (lines) => {
  expect(visibleLines(0, height, lines).first).toBe(0);
  const { first, count } = visibleLines(heightOf(lines) - height, height, lines);
  expect(Math.floor(first) + count).toBe(lines);
  expect(count).toBeLessThanOrEqual(height / lineHeight + 1);
});
it.each([0, 17, 123_456, 999_999])('line %d of a million is in the window it is scrolled to', (line) => {
  const { first, count } = visibleLines(scrollTopFor(line, height, 1_000_000), height, 1_000_000);
  expect(line).toBeGreaterThanOrEqual(Math.floor(first));
  expect(line).toBeLessThan(Math.floor(first) + count);
});
it('nothing has no window', () => expect(visibleLines(0, height, 0)).toEqual({ first: 0, count: 0 }));
it('no browser is asked for more than it can', () => expect(heightOf(1e9)).toBeLessThan(17_000_000));

describe('when they wrap', () => {
  it.each([1, 29, 31, 1_000_000])('of %d lines the first and the last', (lines) => {
    expect(wrappedLines(0, height, lines)).toMatchObject({ first: 0, edge: 0, edgeTop: 0 });
    expect(wrappedLines(heightOf(lines), height, lines)).toMatchObject({ edge: lines, last: lines, edgeTop: height });
  });
  it.each([0, 17, 123_456, 999_999])('line %d of a million is just below the edge it is scrolled to', (line) =>
    expect(wrappedLines(wrappedScrollTopFor(line, 1_000_000), height, 1_000_000).edge).toBe(line));
  it('each one is at the edge at some place, however few pixels there are', () => {
    const seen = new Set(Array.from({ length: heightOf(50) + 1 }, (_, top) => wrappedLines(top, height, 50).edge));
    expect(seen.size).toBe(51);
  });
  it('nothing has no window', () => expect(wrappedLines(0, height, 0)).toEqual({ first: 0, edge: 0, last: 0, edgeTop: 0 }));
});
