// Is what was done twice counted as somebody would who watched every step?
import fc from 'fast-check';
import { lostWork, type Tried } from './lost-work.ts';

const tried = (wentOnFrom: number | null, steps: number[], startedAt = 0): Tried => ({ startedAt, wentOnFrom, steps, times: steps.map((_, index) => startedAt + (index + 1) * 1000) });

it('what was reported beyond the checkpoint is lost, in steps and in the time between the reports', () => {
  const { lost, keptUntil } = lostWork([tried(0, [1000, 2000, 3000, 3600]), tried(3000, [3100, 4000], 60_000)]);
  expect(lost).toEqual([{ attempt: 0, by: 1, fromStep: 3000, toStep: 3600, fromTime: 3000, toTime: 4000, seconds: 1 }]);
  expect(keptUntil).toEqual([3000, null]);
});
it('who goes back further loses what two had done', () => {
  const { lost, keptUntil } = lostWork([tried(0, [100, 200, 300]), tried(200, [250, 300]), tried(100, [150])]);
  expect(lost.map(({ attempt, by, fromStep, toStep }) => [attempt, by, fromStep, toStep])).toEqual([[0, 1, 200, 300], [0, 2, 100, 200], [1, 2, 200, 300]]);
  expect(keptUntil).toEqual([100, 100, null]);
});
it.each([
  ['nothing is lost by one that goes on where it ended', [tried(0, [100]), tried(100, [200])]],
  ['nor by one that goes on further than was reported', [tried(0, [100]), tried(120, [200])]],
  ['nor while it isn’t known where it goes on', [tried(0, [100]), tried(null, [])]],
  ['nor in a chain that tells no steps', [{ startedAt: null, wentOnFrom: 0, steps: [null, null], times: [1, 2] }, tried(null, [])]],
])('%s', (_, attempts) => expect(lostWork(attempts)).toMatchObject({ lost: [], keptUntil: [null, null] }));

/** A training, step by step. */
interface Plan {
  readonly reportEvery: number;
  readonly saveEvery: number;
  readonly stepMs: number;
  readonly attempts: readonly { readonly trains: number; /** Which of the checkpoints, the newest being 0; beyond them it begins at zero. */ readonly picks: number }[];
}

const plans: fc.Arbitrary<Plan> = fc.record({
  reportEvery: fc.integer({ min: 1, max: 40 }), saveEvery: fc.integer({ min: 1, max: 60 }), stepMs: fc.integer({ min: 1, max: 500 }),
  attempts: fc.array(fc.record({ trains: fc.integer({ min: 0, max: 300 }), picks: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 5 })) }), { minLength: 1, maxLength: 7 }),
});

/** Each step that is known of has an owner and each report a price; who goes back takes them away one by one. */
function watched({ reportEvery, saveEvery, stepMs, attempts }: Plan) {
  const owners: number[] = [];
  const reports: { attempt: number; step: number; price: number; isLost: boolean }[] = [];
  let saved: number[] = [];
  let now = 0;
  const lostBy = attempts.map(() => ({ steps: 0, seconds: 0 }));
  const chain = attempts.map(({ trains, picks }, attempt): Tried => {
    const from = attempt === 0 ? 0 : (saved.at(-1 - picks) ?? 0);
    saved = saved.filter((step) => step <= from);
    while (owners.length < from) owners.push(attempt - 1);
    while (owners.length > from) {
      owners.pop();
      (lostBy[attempt] as { steps: number }).steps += 1;
    }
    for (const report of reports.filter(({ step, isLost }) => step > from && !isLost)) {
      report.isLost = true;
      (lostBy[attempt] as { seconds: number }).seconds += report.price / 1000;
    }
    const startedAt = (now += 10_000);
    const [steps, times]: [number[], number[]] = [[], []];
    let reportedAt = startedAt;
    for (let step = from + 1; step <= from + trains; step += 1) {
      now += stepMs;
      if (step % saveEvery === 0) saved.push(step);
      if (step % reportEvery !== 0) continue;
      steps.push(step);
      times.push(now);
      reports.push({ attempt, step, price: now - reportedAt, isLost: false });
      reportedAt = now;
      while (owners.length < step) owners.push(attempt);
    }
    return { startedAt, wentOnFrom: from, steps, times };
  });
  return { chain, lostBy, reports };
}

it('200 random chains: steps, seconds and every single report, as counted one by one', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const { chain, lostBy, reports } = watched(plan);
      const { lost, keptUntil } = lostWork(chain);
      const counted = chain.map((_, by) => lost.filter((one) => one.by === by));
      expect(counted.map((ones) => ones.reduce((sum, { fromStep, toStep }) => sum + toStep - fromStep, 0))).toEqual(lostBy.map(({ steps }) => steps));
      for (const [by, ones] of counted.entries()) expect(ones.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(lostBy[by]?.seconds ?? NaN, 6);
      for (const { attempt, step, isLost } of reports) expect(step > (keptUntil[attempt] ?? Infinity)).toBe(isLost);
    }),
    { numRuns: 200 },
  );
});
