// Does a thinned curve keep what somebody looks for in it?
import fc from 'fast-check';
import { thinned } from './thinned.ts';

const values = fc.array(fc.oneof({ weight: 8, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) }, fc.constantFrom('nan', 'inf', '-inf', null, undefined)), { maxLength: 400 });

it('short ones stay as they are, without what says nothing', () => expect(thinned([1, undefined, null, 'nan', 2], 10)).toEqual([0, 3, 4]));
it('a spike among a million stays, and a single NaN', () => {
  const many: (number | string)[] = Array.from({ length: 1_000_000 }, () => 1);
  [many[333_333], many[777_777]] = [50, 'nan'];
  const places = thinned(many, 1000);
  expect(places).toEqual(expect.arrayContaining([0, 333_333, 777_777, 999_999]));
  expect(places.length).toBeLessThan(1010);
});
it('the lowest, the highest, the first, the last, and each kind that is not finite, in order', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 2, max: 100 }), (all, most) => {
      const places = thinned(all, most);
      const kept = places.map((place) => all[place]);
      const said = all.filter((value) => value !== undefined && value !== null);
      const numbers = (some: typeof said) => some.filter((value) => typeof value === 'number');
      expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      expect([kept.at(0), kept.at(-1)]).toEqual([said.at(0), said.at(-1)]);
      expect([Math.min(...numbers(kept as number[])), Math.max(...numbers(kept as number[]))]).toEqual([Math.min(...numbers(said)), Math.max(...numbers(said))]);
      expect(new Set(kept.filter((value) => typeof value === 'string'))).toEqual(new Set(said.filter((value) => typeof value === 'string')));
    }),
  );
});
