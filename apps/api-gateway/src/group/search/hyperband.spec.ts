// Does Hyperband try as many trials, with as much of the resource, as the paper says?
import fc from 'fast-check';
import type { Hptuning, Hyperband } from '#polyaxonfile';
import { nextIteration, sizeOf, type Suggestion, type Trial } from './search.ts';

const settings: Hyperband = { max_iter: 81, eta: 3, resource: { name: 'epochs', type: 'int' }, metric: { name: 'loss', optimization: 'minimize' } };
const group = (more: Partial<Hyperband> = {}, matrix: Hptuning['matrix'] = { lr: { uniform: { low: 0, high: 1 } } }): Hptuning => ({ seed: 3, matrix, hyperband: { ...settings, ...more } });
const lr = ({ params }: Suggestion) => params.lr as number;

function runAll(hptuning: Hptuning, metricOf: (suggestion: Suggestion, index: number) => number | null = lr): (readonly Trial[])[] {
  const past: (readonly Trial[])[] = [];
  for (;;) {
    const next = nextIteration(hptuning, past);
    if (next.length === 0) return past;
    past.push(next.map((suggestion, index) => ({ ...suggestion, metric: metricOf(suggestion, index) })));
  }
}
const table = (past: readonly (readonly Trial[])[]) => past.map((trials) => [trials.length, trials[0]?.params.epochs]);

it('is the table of the paper for a maximum of 81 and eta 3', () => {
  const past = runAll(group());
  expect(table(past)).toEqual([
    [81, 1], [27, 3], [9, 9], [3, 27], [1, 81], // s = 4
    [34, 3], [11, 9], [3, 27], [1, 81], // s = 3; the paper's ceil((5 / 4) * 27) is 34
    [15, 9], [5, 27], [1, 81], // s = 2
    [8, 27], [2, 81], // s = 1
    [5, 81], // s = 0
  ]);
  expect(sizeOf(group())).toBe(past.flat().length);
});
it('counts brackets exactly where logarithms do not: 243 is 3 to the 5th', () => {
  expect(table(runAll(group({ max_iter: 243 }))).slice(0, 6)).toEqual([[243, 1], [81, 3], [27, 9], [9, 27], [3, 81], [1, 243]]);
});
it('with a resource of fractions gives out fractions', () => {
  expect(table(runAll(group({ max_iter: 10, eta: 4, resource: { name: 'epochs' } })))).toEqual([[4, 2.5], [1, 10], [2, 10]]);
  expect(table(runAll(group({ max_iter: 10, eta: 4 })))).toEqual([[4, 2], [1, 10], [2, 10]]);
});
it('keeps the best by the direction of the metric, and a metric that is missing or no number is never kept', () => {
  const [first = [], second = []] = runAll(group({ max_iter: 9 }), (suggestion, index) => (index === 0 ? null : index === 1 ? Number.NaN : index === 2 ? -Infinity : lr(suggestion)));
  const comparable = first.slice(3).map(lr).sort((a, b) => a - b);
  expect(second.map(lr)).toEqual(comparable.slice(0, 3));
  const [, most = []] = runAll(group({ max_iter: 9, metric: { name: 'accuracy' } }));
  expect(most.map(lr)).toEqual(first.map(lr).sort((a, b) => b - a).slice(0, 3));
});
it('starts kept trials again, or with resume goes on from each with more of the resource', () => {
  const past = runAll(group({ resume: true }));
  past.forEach((trials, iteration) => trials.forEach(({ params, continues }) => {
    if (continues === null) return expect([0, 5, 9, 12, 14]).toContain(iteration);
    expect(continues.iteration).toBe(iteration - 1);
    const before = past[iteration - 1]?.[continues.index]?.params;
    expect({ ...before, epochs: null }).toEqual({ ...params, epochs: null });
    expect(params.epochs as number).toBeGreaterThan(before?.epochs as number);
  }));
  expect(runAll(group()).flat().every(({ continues }) => continues === null)).toBe(true);
});
it('goes to the next bracket when every trial of one has failed', () => {
  expect(table(runAll(group({ max_iter: 9 }), () => null))).toEqual([[9, 1], [5, 3], [3, 9]]);
});
it('keeps as many as there are when too many have failed', () => {
  expect(table(runAll(group({ max_iter: 9 }), (suggestion, index) => (index < 2 ? lr(suggestion) : null))).slice(0, 3)).toEqual([[9, 1], [2, 3], [1, 9]]);
});
it('tries other combinations in each bracket, none twice within one', () => {
  const first = runAll(group()).filter((_, iteration) => [0, 5, 9, 12, 14].includes(iteration)).flat();
  expect(new Set(first.map(lr)).size).toBe(first.length);
});
it('of a small space tries what there is, and brings the best of it to the whole resource', () => {
  const small = group({ max_iter: 9 }, { lr: { values: [0.1, 0.2] } });
  expect(table(runAll(small))).toEqual([[2, 1], [1, 3], [1, 9], [2, 3], [1, 9], [2, 9]]);
  expect(sizeOf(small)).toBe(9);
});
it('is never bigger than told, gives nobody more than the maximum, and always goes on the same way', () => {
  const any = fc.record({ max_iter: fc.integer({ min: 1, max: 100 }), eta: fc.double({ min: 1.8, max: 6, noNaN: true }), type: fc.constantFrom('int' as const, 'float' as const) });
  fc.assert(fc.property(any, fc.infiniteStream(fc.option(fc.double({ noNaN: true }))), ({ max_iter, eta, type }, metrics) => {
    const hptuning = group({ max_iter, eta, resource: { name: 'epochs', type } });
    const past = runAll(hptuning, () => metrics.next().value ?? null);
    expect(past.flat().length).toBeLessThanOrEqual(sizeOf(hptuning));
    for (const { params } of past.flat()) expect((params.epochs as number) <= max_iter && (params.epochs as number) > 0).toBe(true);
    expect(nextIteration(hptuning, past.slice(0, 1))).toEqual(past[1] ? past[1].map(({ metric: _, ...suggestion }) => suggestion) : []);
  }), { numRuns: 20 });
});
