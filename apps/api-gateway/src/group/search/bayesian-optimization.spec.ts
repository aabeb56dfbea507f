// Does Bayesian optimisation learn from its trials, stay in bounds, and bear those that failed?
import fc from 'fast-check';
import type { BayesianOptimization, Hptuning } from '#polyaxonfile';
import { nextIteration, sizeOf, type Suggestion, type Trial } from './search.ts';

const effort = { n_warmup: 100, n_iter: 20 };
const group = (matrix: Hptuning['matrix'], more: Partial<BayesianOptimization> = {}, seed = 5): Hptuning => ({
  seed, matrix, bo: { n_initial_trials: 4, n_iterations: 8, metric: { name: 'loss', optimization: 'minimize' }, utility_function: effort, ...more },
});
const line: Hptuning['matrix'] = { x: { uniform: { low: -2, high: 6 } } };

function runAll(hptuning: Hptuning, metricOf: (params: Suggestion['params'], index: number) => number | null): (readonly Trial[])[] {
  const past: (readonly Trial[])[] = [];
  for (;;) {
    const next = nextIteration(hptuning, past);
    if (next.length === 0) return past;
    past.push(next.map((suggestion) => ({ ...suggestion, metric: metricOf(suggestion.params, past.length) })));
  }
}
const least = (past: readonly (readonly Trial[])[]) => Math.min(...past.flat().map(({ metric }) => metric ?? Infinity));
const bowl = ({ x }: Suggestion['params']) => ((x as number) - 3.3) ** 2;

it('tries some by chance, then one after the other, then is over', () => {
  const past = runAll(group(line), bowl);
  expect(past.map((trials) => trials.length)).toEqual([4, 1, 1, 1, 1, 1, 1, 1, 1]);
  expect(sizeOf(group(line))).toBe(12);
  expect(past.flat().every(({ continues }) => continues === null)).toBe(true);
});
it.each<[string, BayesianOptimization['utility_function']]>([
  ['EI', { acquisition_function: 'ei' }],
  ['UCB', { acquisition_function: 'ucb', kappa: 1 }],
  ['POI', { acquisition_function: 'poi', eps: 0.01 }],
  ['RBF', { gaussian_process: { kernel: 'rbf', n_restarts_optimizer: 1 } }],
  ['Matern 3/2', { gaussian_process: { kernel: 'matern', nu: 1.5, length_scale: 1 } }],
])('comes close to the best there is, by %s', (_, utility) => {
  expect(least(runAll(group(line, { utility_function: { ...effort, ...utility } }), bowl))).toBeLessThan(0.05);
});
it('goes up when the metric is to be maximised', () => {
  const past = runAll(group(line, { metric: { name: 'accuracy' } }), (params) => -bowl(params) * 1e6);
  expect(Math.max(...past.flat().map(({ metric }) => metric ?? -Infinity))).toBeGreaterThan(-0.05 * 1e6);
});
it('learns as well when trials fail where x is large, and tries less there', () => {
  const past = runAll(group(line, { n_iterations: 16 }), (params) => ((params.x as number) > 4 ? null : bowl(params)));
  expect(least(past)).toBeLessThan(0.1);
  expect(past.slice(5).flat().filter(({ metric }) => metric === null).length).toBeLessThan(4);
});
it('goes on by chance when every trial has failed', () => {
  const past = runAll(group(line), () => Number.NaN);
  expect(past.flat()).toHaveLength(12);
  expect(new Set(past.flat().map(({ params }) => params.x)).size).toBe(12);
});
it('bears a metric that never changes', () => expect(runAll(group(line), () => 1).flat()).toHaveLength(12));
it('always goes on the same way', () => {
  const past = runAll(group(line), bowl);
  expect(runAll(group(line), bowl)).toEqual(past);
  expect(runAll(group(line, {}, 6), bowl)).not.toEqual(past);
});
it('finds the best of numbers and names together', () => {
  const mixed: Hptuning['matrix'] = {
    lr: { logspace: { start: -5, stop: 0, num: 6 } }, units: { values: [256, 32, 64, 128] }, optimizer: { values: ['sgd', 'adam', 'rmsprop'] }, x: { uniform: { low: 0, high: 1 } },
  };
  const loss = ({ lr, units, optimizer, x }: Suggestion['params']) =>
    Math.abs(Math.log10(lr as number) + 3) + Math.abs(Math.log2(units as number) - 6) + (optimizer === 'adam' ? 0 : 1) + ((x as number) - 0.5) ** 2;
  const past = runAll(group(mixed, { n_initial_trials: 8, n_iterations: 25 }), loss);
  expect(past.flat().map(({ params }) => params).every(({ lr, units }) => [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1].includes(lr as number) && [32, 64, 128, 256].includes(units as number))).toBe(true);
  expect(least(past)).toBeLessThan(0.5);
});
it('of a space that can be counted tries everything once, and is over', () => {
  const small = group({ a: { values: ['x', 'y'] }, b: { range: { start: 0, stop: 4, step: 1 } } }, { n_iterations: 50 });
  const past = runAll(small, ({ b }) => b as number);
  expect(new Set(past.flat().map(({ params }) => JSON.stringify(params))).size).toBe(8);
  expect(past.flat()).toHaveLength(8);
  expect(sizeOf(small)).toBe(8);
});
it('never leaves the bounds, whatever the metric says', () => {
  const limits = fc.tuple(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.double({ min: 1e-3, max: 1e9, noNaN: true }));
  const metrics = fc.array(fc.option(fc.double()), { minLength: 8, maxLength: 8 });
  fc.assert(fc.property(limits, metrics, fc.maxSafeNat(), ([low, width], reported, seed) => {
    const hptuning = group({ x: { uniform: { low, high: low + width } } }, { n_iterations: 4, utility_function: { n_warmup: 20, n_iter: 5 } }, seed);
    const past = runAll(hptuning, (_, index) => reported[index] ?? null);
    expect(past.flat()).toHaveLength(8);
    for (const { params } of past.flat()) expect((params.x as number) >= low && (params.x as number) <= low + width).toBe(true);
  }), { numRuns: 40, examples: [[[0, 0.001], [-8.988465674311598e307, null, 0, 1.7976931348623143e308, null, null, null, null], 0]] });
});
