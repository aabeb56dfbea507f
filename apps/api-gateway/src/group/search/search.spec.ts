// What does a group try, and when is its search over?
import type { Hptuning } from '#polyaxonfile';
import { nextIteration, searchAlgorithm, sizeOf } from './search.ts';

describe('grid search', () => {
  const hptuning: Hptuning = { seed: 1, matrix: { lr: { values: [0.1, 0.2] }, layers: { range: { start: 1, stop: 4, step: 1 } } } };
  const tried = (tuning: Hptuning) => nextIteration(tuning, []).map(({ params }) => params);

  it('is what a group does when it asks for no other', () => expect(searchAlgorithm(hptuning)).toBe('grid_search'));
  it('tries every combination, the last param changing fastest', () => {
    expect(tried(hptuning)).toEqual([
      { lr: 0.1, layers: 1 }, { lr: 0.1, layers: 2 }, { lr: 0.1, layers: 3 }, { lr: 0.2, layers: 1 }, { lr: 0.2, layers: 2 }, { lr: 0.2, layers: 3 },
    ]);
    expect(sizeOf(hptuning)).toBe(6);
  });
  it('tries as many as asked for', () => {
    expect(tried({ ...hptuning, grid_search: { n_experiments: 2 } })).toEqual([{ lr: 0.1, layers: 1 }, { lr: 0.1, layers: 2 }]);
    expect(sizeOf({ ...hptuning, grid_search: { n_experiments: 100 } })).toBe(6);
  });
  it('is over after one iteration', () => {
    const past = nextIteration(hptuning, []).map((suggestion) => ({ ...suggestion, metric: 1 }));
    expect(nextIteration(hptuning, [past])).toEqual([]);
  });
  it.each<[string, Hptuning['matrix'][string], unknown[]]>([
    ['a range leaves its end out, and reads as people write', { range: { start: 0, stop: 0.5, step: 0.1 } }, [0, 0.1, 0.2, 0.3, 0.4]],
    ['a range ends before a stop that no step meets', { range: { start: 1, stop: 10, step: 4 } }, [1, 5, 9]],
    ['linspace has both ends', { linspace: { start: 0, stop: 1, num: 5 } }, [0, 0.25, 0.5, 0.75, 1]],
    ['linspace of one is its start', { linspace: { start: 3, stop: 9, num: 1 } }, [3]],
    ['logspace takes exponents', { logspace: { start: -3, stop: 0, num: 4 } }, [0.001, 0.01, 0.1, 1]],
    ['logspace may have another base', { logspace: { start: 0, stop: 4, num: 3, base: 2 } }, [1, 4, 16]],
    ['geomspace takes the ends', { geomspace: { start: 1, stop: 1000, num: 4 } }, [1, 10, 100, 1000]],
    ['geomspace may lie below 0', { geomspace: { start: -8, stop: -1, num: 4 } }, [-8, -4, -2, -1]],
    ['values may be anything', { values: ['adam', null, [64, 32], { a: 1 }] }, ['adam', null, [64, 32], { a: 1 }]],
  ])('%s', (_, distribution, values) => expect(tried({ matrix: { x: distribution } }).map(({ x }) => x)).toEqual(values));

  it('of more than memory holds is counted, and asked for in part', () => {
    const huge: Hptuning = { matrix: { a: { range: { start: 0, stop: 1e12, step: 1 } }, b: { linspace: { start: 0, stop: 1, num: 1e9 } } } };
    expect(sizeOf(huge)).toBe(1e21);
    expect(tried({ ...huge, grid_search: { n_experiments: 2 } })).toEqual([{ a: 0, b: 0 }, { a: 0, b: 1.000000001e-9 }]);
  });
});
