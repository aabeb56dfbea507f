// Does everybody read the same amount?
import { age, bytes, count, duration, measure, plain, plural } from './amounts.ts';

it.each([[0, '0 s'], [59_999, '59 s'], [61_000, '1 min 1 s'], [120_000, '2 min'], [3_599_000, '59 min'], [3_660_000, '1 h 1 min'], [90_000_000, '1 d 1 h'], [-5, '0 s']])('%d ms last %s', (ms, text) =>
  expect(duration(ms)).toBe(text));
it.each([[0, 'just now'], [5000, '5 s ago'], [125_000, '2 min ago'], [7_300_000, '2 h ago'], [200_000_000, '2 d ago']])('%d ms back is %s', (ms, text) => expect(age(1e12 - ms, 1e12)).toBe(text));
it.each([[0, '0 B'], [999, '999 B'], [1000, '1.0 kB'], [105_000_000, '105 MB'], [5_476_083_303, '5.5 GB']])('%d bytes are %s', (size, text) => expect(bytes(size)).toBe(text));
it.each([[7, '7'], [48_213, '48,213'], [1_000_000, '1,000,000']])('%d is counted as %s', (number, text) => expect(count(number)).toBe(text));
it.each([
  [0.1 + 0.2, '0.3'], [1e-9, '1e-9'], [0.12345678, '0.12346'], [-48213, '-48,213'], [1.5e12 + 0.5, '1.5e+12'], ['nan', 'NaN'], ['-inf', '-∞'], [null, '–'], [undefined, '–'],
] as const)('%p measures %s', (value, text) => expect(measure(value)).toBe(text));
it('one is not many', () => expect([plural(1, 'file'), plural(2, 'file')]).toEqual(['1 file', '2 files']));
it('a param is shown as it is', () => expect([plain('a'), plain({ a: [1] }), plain(undefined)]).toEqual(['a', '{"a":[1]}', '–']));
