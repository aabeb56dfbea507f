// Does retention keep what its rules, pins and needs say, and never free too much?
import fc from 'fast-check';
import { decideRetention, type Outputs, type RetentionRules } from './decide-retention.ts';

const of = (originalId: number, change: Partial<Outputs['experiments'][number]> = {}, neededBy: string[] = []): Outputs => ({
  originalId, experiments: [{ id: originalId, isLive: false, isPinned: false, metric: null, ...change }], neededBy,
});
const rules = (keepLast: number | null, best?: [count: number, order: 'asc' | 'desc']): RetentionRules => ({
  keepLast, keepBest: best ? { count: best[0], metric: 'loss', order: best[1] } : null,
});
const freed = (rule: RetentionRules, ...all: Outputs[]) => decideRetention(rule, all).freed.map(({ originalId }) => originalId);

it('keeps the last, and the best', () => {
  const all = [of(1, { metric: 0.1 }), of(2, { metric: 0.3 }), of(3), of(4, { metric: 0.2 }), of(5)];
  expect(freed(rules(2), ...all)).toEqual([1, 2, 3]);
  expect(freed(rules(null, [2, 'asc']), ...all)).toEqual([2, 3, 5]);
  expect(freed(rules(null, [2, 'desc']), ...all)).toEqual([1, 3, 5]);
  expect(freed(rules(1, [1, 'asc']), ...all)).toEqual([2, 3, 4]);
});

it('of two that are as good keeps the newer one, and infinite ones compare', () => {
  expect(freed(rules(null, [1, 'asc']), of(1, { metric: 1 }), of(2, { metric: 1 }))).toEqual([1]);
  expect(freed(rules(null, [1, 'desc']), of(1, { metric: Infinity }), of(2, { metric: 5 }))).toEqual([2]);
});

it('keeps what is pinned, live, or needed, and says why', () => {
  const { freed: gone, kept } = decideRetention(rules(1), [of(1, { isPinned: true }), of(2, { isLive: true }), of(3, {}, ['experiment 9 copies them']), of(4), of(5)]);
  expect(gone.map(({ originalId }) => originalId)).toEqual([4]);
  expect(kept.map(({ reasons }) => reasons)).toEqual([['experiment 1 is pinned'], ['experiment 2 is not done'], ['experiment 9 copies them'], ['among the last 1']]);
});

it('counts an experiment and its resumes as one, as new as the newest of them', () => {
  const shared: Outputs = { originalId: 1, experiments: [1, 6, 7].map((id) => ({ id, isLive: false, isPinned: false, metric: null })), neededBy: [] };
  expect(freed(rules(2), shared, of(4), of(5))).toEqual([4]);
});

describe('whatever there is', () => {
  const metric = fc.option(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(Infinity, -Infinity)));
  const project = fc
    .array(fc.record({ resumes: fc.array(fc.record({ isLive: fc.boolean(), isPinned: fc.boolean(), metric }), { minLength: 1, maxLength: 3 }), isNeeded: fc.boolean() }), { maxLength: 12 })
    .chain((groups) => fc.shuffledSubarray(Array.from({ length: 40 }, (_, index) => index + 1), { minLength: 40 }).map((ids) => {
      const numbers = ids[Symbol.iterator]();
      return groups.map(({ resumes, isNeeded }): Outputs => {
        const experiments = resumes.map((one) => ({ id: numbers.next().value as number, ...one }));
        return { originalId: Math.min(...experiments.map(({ id }) => id)), experiments, neededBy: isNeeded ? ['somebody'] : [] };
      });
    }));
  const count = fc.integer({ min: 1, max: 6 });
  const best = fc.record({ count, metric: fc.constant('loss'), order: fc.constantFrom('asc' as const, 'desc' as const) });
  const rule = fc.record({ keepLast: fc.option(count), keepBest: fc.option(best) });

  it('never frees what is pinned, live or needed, nor outputs of which one experiment is kept', () =>
    fc.assert(fc.property(rule, project, (asked, all) => {
      for (const { experiments, neededBy } of decideRetention(asked, all).freed) {
        expect(experiments.some(({ isLive, isPinned }) => isLive || isPinned)).toBe(false);
        expect(neededBy).toEqual([]);
      }
      const resting = all.flatMap(({ experiments }) => (experiments.some(({ isLive }) => isLive) ? [] : experiments.map(({ id }) => id))).sort((a, b) => b - a);
      const newest = resting.slice(0, asked.keepLast ?? 0);
      const gone = decideRetention(asked, all).freed.flatMap(({ experiments }) => experiments.map(({ id }) => id));
      expect(gone.filter((id) => newest.includes(id))).toEqual([]);
    })));

  it('decides about each of them once, in whichever order they come', () =>
    fc.assert(fc.property(rule, project, (asked, all) => {
      const { freed: gone, kept } = decideRetention(asked, all);
      expect([...gone, ...kept.map(({ outputs }) => outputs)].map(({ originalId }) => originalId).sort()).toEqual(all.map(({ originalId }) => originalId).sort());
      expect(decideRetention(asked, [...all].reverse())).toEqual({ freed: gone, kept });
    })));

  it('keeps more when a rule keeps more, and frees nothing more after it has freed', () =>
    fc.assert(fc.property(rule, project, (asked, all) => {
      const gone = new Set(decideRetention(asked, all).freed);
      const generous = { ...asked, keepLast: (asked.keepLast ?? 0) + 1 };
      for (const one of decideRetention(generous, all).freed) expect(gone.has(one)).toBe(true);
      expect(decideRetention(asked, all.filter((one) => !gone.has(one))).freed).toEqual([]);
    })));
});
