// Does the curve show what counts, what was done again, and where something else began?
import type { AttemptSeries, SeriesBody, SeriesPoints } from '#contracts';
import { chosenIn, chosenText } from './chosen.ts';
import { curveOf, overIn, pointsOf } from './curve.ts';
import { boundariesOf, headline, summaryOf, xText } from './words.ts';

const began = Date.parse('2026-01-01T00:00:00.000Z');
const at = (second: number) => began + second * 1000;
const points = (...rows: (readonly [step: number | null, second: number, value: SeriesPoints['values'][number]])[]): SeriesPoints => ({
  steps: rows.map(([step]) => step), times: rows.map(([, second]) => at(second)), values: rows.map(([, , value]) => value),
});
const attempt = (id: number, span: readonly [number, number | null], more: Partial<AttemptSeries>): AttemptSeries => ({
  experiment_id: id, attempt: 1, started_at: new Date(at(span[0])).toISOString(), ended_at: span[1] === null ? null : new Date(at(span[1])).toISOString(), ended_because: span[1] === null ? null : 'stopped by mona',
  started_by: 'erik', gpus: 0, params: [], reports: 3, first_step: null, last_step: null, offered: null, read: 'unknown', went_on_from: 0, went_on_by: 'beginning', kept_until: null, metrics: {}, ...more,
});
const chain: SeriesBody = {
  outputs_owner_id: 23,
  step_name: 'step',
  names: ['loss'],
  attempts: [
    attempt(23, [0, 40], { kept_until: 20, metrics: { loss: points([10, 10, 1], [20, 20, 0.5], [30, 30, 'nan'], [36, 36, 0.4]) } }),
    attempt(31, [1000, null], {
      went_on_from: 20,
      went_on_by: 'checkpoint',
      offered: { path: 'weights-20.h5', step: 20 },
      params: [{ path: 'lr', change: 'changed', before: 0.01, after: 0.003 }],
      metrics: { loss: points([30, 1010, 0.45], [40, 1020, 0.3]) },
    }),
  ],
  lost: [{ attempt: 0, by: 1, from_step: 20, to_step: 36, from_time: at(20), to_time: at(36), seconds: 16 }],
  lost_steps: 16,
  lost_seconds: 16,
  lost_gpu_seconds: 0,
};

it('over steps: one line for each attempt, dashed from where it was done again, shaded there, a wall where the next went on', () => {
  const { lines, marks, shades, walls } = curveOf(chain, 'loss', 'step');
  expect(lines.map(({ label, isDashed, points: own }) => [label, isDashed ?? false, own.map(({ x, y }) => [x, y])])).toEqual([
    ['loss', false, [[10, 1], [20, 0.5], [30, null], [36, null]]],
    ['loss, done again', true, [[10, null], [20, 0.5], [30, null], [36, 0.4]]],
    ['loss', false, [[20, 0.5], [30, 0.45], [40, 0.3]]],
  ]);
  expect([marks, shades, walls]).toEqual([[{ x: 30, value: 'nan' }], [[20, 36]], [{ x: 20, label: '#31', isProven: false }]]);
});
it('over time and over paid work: the pause between the two is there, or isn’t', () => {
  const over = (what: 'time' | 'work') => curveOf(chain, 'loss', what);
  expect(over('time').lines[2]?.points.map(({ x }) => x - began / 1000)).toEqual([1010, 1020]);
  expect([over('work').lines[2]?.points.map(({ x }) => x).slice(1), over('work').shades, over('work').walls]).toEqual([[50, 60], [[20, 36]], [{ x: 40, label: '#31', isProven: false }]]);
});
it('what has no step has no place among steps, and is counted', () => {
  const loose: SeriesBody = { ...chain, attempts: [attempt(23, [0, 40], { metrics: { loss: points([null, 1, 3], [5, 2, 2]) } })], lost: [] };
  expect(curveOf(loose, 'loss', 'step').placeless).toBe(1);
  expect(curveOf(loose, 'loss', 'work').placeless).toBe(0);
  expect(curveOf(loose, 'other', 'step')).toEqual({ lines: [], marks: [], shades: [], walls: [], placeless: 0 });
});
it.each([[null, 'step', 'step'], ['time', 'step', 'time'], ['nonsense', 'step', 'step'], [null, null, 'work'], ['step', null, 'work']])('asked for %j where steps are told by %j is over %s', (text, name, over) =>
  expect(overIn(text, { step_name: name })).toBe(over));
it('says it all in words', () => {
  expect(headline(chain)).toBe('2 attempts of 2 runs in one line: 16 steps and 16 s of work were done again.');
  expect(summaryOf(chain, 'loss')).toBe('loss: last 0.3 at step 40, lowest 0.3 at step 40, highest 1 at step 10, 1 not finite.');
  expect(summaryOf(chain, 'other')).toBe('other was not reported.');
  expect(boundariesOf(chain)).toEqual([
    {
      id: 31, name: '#31', ended: '#23 stopped by mona', wentOn: ', started by erik, went on from step 20 (weights-20.h5)', doubt: null, changes: ['lr: 0.01 → 0.003'], lost: '16 steps and 16 s of work were done again',
    },
  ]);
});
it('a program that did not go on from what it was given is told', () => {
  const second = chain.attempts[1] as AttemptSeries;
  const doubtOf = (more: Partial<AttemptSeries>) => boundariesOf({ ...chain, attempts: [chain.attempts[0] as AttemptSeries, { ...second, ...more }] })[0]?.doubt;
  expect(doubtOf({ read: 'started-at-zero', went_on_by: 'beginning', went_on_from: 0 })).toBe('It was given the checkpoint of step 20, and its program began at zero all the same.');
  expect(doubtOf({ read: 'not-read', went_on_by: 'first-step' })).toMatch(/has not read it/);
  expect(doubtOf({ went_on_by: 'first-step', went_on_from: 4 })).toMatch(/doesn’t fit/);
});
it('that a checkpoint was read stands at the curve and in words; where nothing was given there is nothing to prove', () => {
  const [first, second] = chain.attempts as [AttemptSeries, AttemptSeries];
  const body = { ...chain, attempts: [first, { ...second, read: 'read' as const }, { ...second, attempt: 2, offered: null }] };
  expect(curveOf(body, 'loss', 'step').walls.map(({ isProven }) => isProven)).toEqual([true, undefined]);
  expect(boundariesOf(body)[0]?.wentOn).toBe(', started by erik, went on from step 20 (weights-20.h5, which its program has read)');
});
it('what was done again has its price in GPUs', () => {
  const body = { ...chain, attempts: chain.attempts.map((one) => ({ ...one, gpus: 900 })), lost_gpu_seconds: 16 * 900 };
  expect([headline(body), boundariesOf(body)[0]?.lost]).toEqual([expect.stringContaining('16 steps and 16 s of work, 4.0 GPU-hours, were done again'), '16 steps and 16 s of work, 4.0 GPU-hours, were done again']);
  expect(headline({ ...body, lost_gpu_seconds: 60 })).toContain('less than 0.1 GPU-hours');
});
it('attempts of one run have a name each', () =>
  expect(curveOf({ ...chain, attempts: chain.attempts.map((one, index) => ({ ...one, experiment_id: 23, attempt: index + 1 })) }, 'loss', 'step').walls[0]?.label).toBe(
    '#23 attempt 2',
  ));
it('points say whether they count', () => expect(pointsOf(chain, 'loss').map(({ isLost }) => isLost)).toEqual([false, false, true, true, false, false]));
it('names survive the address, with commas and signs in them', () => {
  expect(chosenIn(chosenText(['loss', 'val,loss', '%41']))).toEqual(['loss', 'val,loss', '%41']);
  expect([chosenIn(null), chosenIn(''), chosenIn('%E0%A4%A')]).toEqual([null, [], ['%E0%A4%A']]);
});
it.each([['step', 3100, '3,100'], ['work', 3720, '1 h 2 min']] as const)('over %s, %d reads %s', (over, x, text) => expect(xText(over, x)).toBe(text));
