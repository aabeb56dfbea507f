// What does random search try: never the same twice, never out of bounds, always the same for the same seed?
import fc from 'fast-check';
import type { Distribution, Hptuning } from '#polyaxonfile';
import { nextIteration, sizeOf } from './search.ts';

const group = (matrix: Hptuning['matrix'], n_experiments: number, seed = 7): Hptuning => ({ seed, matrix, random_search: { n_experiments } });
const tried = (hptuning: Hptuning) => nextIteration(hptuning, []).map(({ params }) => params);
const xs = (distribution: Distribution, n: number, seed?: number) => tried(group({ x: distribution }, n, seed)).map(({ x }) => x as number);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

const seeds = fc.maxSafeNat();
const limits = fc.tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 0.001, max: 1e6, noNaN: true })).map(([low, width]) => ({ low, high: low + width }));

it('is over after one iteration', () => expect(nextIteration(group({ x: { values: [1, 2] } }, 1), [[]])).toEqual([]));
it('needs a seed', () => expect(() => nextIteration({ matrix: { x: { values: [1] } }, random_search: { n_experiments: 1 } }, [])).toThrow('needs a seed'));
it('is the same for the same seed, and another for another', () => {
  const matrix = { lr: { uniform: { low: 0, high: 1 } }, optimizer: { values: ['adam', 'sgd'] } };
  fc.assert(fc.property(seeds, seeds, (one, other) => {
    expect(tried(group(matrix, 5, one))).toEqual(tried(group(matrix, 5, one)));
    if (one !== other) expect(tried(group(matrix, 5, one))).not.toEqual(tried(group(matrix, 5, other)));
  }), { numRuns: 50 });
});

it('tries nothing twice, and no more than there is', () => {
  const counts = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });
  fc.assert(fc.property(counts, fc.integer({ min: 1, max: 80 }), seeds, (sizes, n, seed) => {
    const hptuning = group(Object.fromEntries(sizes.map((size, index) => [`p${index}`, { linspace: { start: 0, stop: 1, num: size } }])), n, seed);
    const different = new Set(tried(hptuning).map((params) => JSON.stringify(params)));
    const all = sizes.reduce((product, size) => product * size, 1);
    expect(tried(hptuning)).toHaveLength(Math.min(n, all));
    expect(different.size).toBe(Math.min(n, all));
    expect(sizeOf(hptuning)).toBe(Math.min(n, all));
  }), { numRuns: 60 });
});
it('finds the last combination of a space whose odds are against it', () => {
  const rare: Distribution = { pvalues: [['common', 0.999999], ['rare', 0.000001], ['never', 0]] };
  expect(tried(group({ a: rare, b: { values: [1, 2] } }, 10)).length).toBe(4);
  expect(tried(group({ a: rare }, 10)).map(({ a }) => a)).toEqual(['common', 'rare']);
});
it('of repeated values tries each once', () => expect(tried(group({ x: { values: [1, 1, 2, 1] } }, 10))).toHaveLength(2));
it('of few multiples tries each once', () => expect([...xs({ quniform: { low: 0, high: 1, q: 0.5 } }, 10)].sort()).toEqual([0, 0.5, 1]));
it('draws from a space too big to count', () => {
  const big: Distribution = { range: { start: 0, stop: 1e15, step: 1 } };
  expect(tried(group({ a: big, b: big }, 100))).toHaveLength(100);
});

describe('a value', () => {
  it('of uniform lies between low and high', () => {
    fc.assert(fc.property(limits, seeds, ({ low, high }, seed) => {
      for (const value of xs({ uniform: { low, high } }, 5, seed)) expect(value >= low && value <= high).toBe(true);
    }));
  });
  it('of loguniform lies between the powers of e', () => {
    fc.assert(fc.property(fc.double({ min: -50, max: 50, noNaN: true }), fc.double({ min: 0.01, max: 50, noNaN: true }), seeds, (low, width, seed) => {
      const high = low + width;
      for (const value of xs({ loguniform: { low, high } }, 5, seed)) expect(value >= Math.exp(low) && value <= Math.exp(high)).toBe(true);
    }));
  });
  it('of quniform is a multiple of q, and within the bounds too', () => {
    fc.assert(fc.property(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 3, max: 50 }), fc.constantFrom(0.1, 0.25, 0.5, 1, 3), seeds, (low, width, q, seed) => {
      const high = low + width;
      for (const value of xs({ quniform: { low, high, q } }, 5, seed)) {
        expect(Math.abs(value / q - Math.round(value / q))).toBeLessThan(1e-9);
        expect(value >= low && value <= high).toBe(true);
      }
    }));
  });
  it.each<[string, Distribution]>([
    ['qloguniform', { qloguniform: { low: 0, high: 5, q: 2 } }],
    ['qnormal', { qnormal: { loc: 10, scale: 20, q: 2 } }],
    ['qlognormal', { qlognormal: { loc: 2, scale: 1, q: 2 } }],
  ])('of %s is a multiple of q, and never -0', (_, distribution) => {
    for (const value of xs(distribution, 40)) {
      expect(value % 2 === 0).toBe(true);
      expect(Object.is(value, -0)).toBe(false);
    }
  });
  it.each<[string, Distribution, (value: number) => number, number, number]>([
    ['uniform', { uniform: { low: 2, high: 6 } }, (x) => x, 4, 4 / Math.sqrt(12)],
    ['loguniform', { loguniform: { low: -4, high: 0 } }, Math.log, -2, 4 / Math.sqrt(12)],
    ['normal', { normal: { loc: 5, scale: 2 } }, (x) => x, 5, 2],
    ['lognormal', { lognormal: { loc: 1, scale: 0.5 } }, Math.log, 1, 0.5],
    ['quniform', { quniform: { low: 0, high: 1e6, q: 2 } }, (x) => x, 5e5, 1e6 / Math.sqrt(12)],
  ])('of %s is spread as it should be', (_, distribution, seen, loc, scale) => {
    const values = xs(distribution, 2000).map(seen);
    expect(Math.abs(mean(values) - loc)).toBeLessThan(scale / 10);
    expect(Math.abs(deviation(values) / scale - 1)).toBeLessThan(0.1);
  });
  it('of pvalues comes as often as its probability says', () => {
    const first = Array.from({ length: 2000 }, (__, seed) => tried(group({ x: { pvalues: [['a', 0.7], ['b', 0.3]] } }, 1, seed))[0]?.x);
    expect(Math.abs(first.filter((x) => x === 'a').length / 2000 - 0.7)).toBeLessThan(0.05);
  });
});
