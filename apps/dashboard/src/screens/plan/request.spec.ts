// Is what is asked for what the form says, and does nobody approve of one plan and get another?
import type { ClonePlan } from '#contracts';
import { isSamePlan, noWishes, requestOf, riskOf } from './request.ts';

const checkpoint = { path: 'm-1', step: 1, problem: null, modifiedAt: 'then' };
const plan = (more: object = {}) => ({ cloning_strategy: 'resume', source_id: 23, outputs_path: 'a', differences: [], checkpoint, copy: null, refusal: null, ...more }) as unknown as ClonePlan;

it('nothing is asked for unless somebody wrote it', () => expect(requestOf('resume', { ...noWishes, override: ' \n', name: ' ' })).toEqual({}));
it('everything that was', () => {
  const wishes = { override: 'params: {}', newestCode: true, from: 'm-1', name: ' b ', force: true };
  expect(requestOf('copy', wishes)).toEqual({ content: 'params: {}', update_code: true, from: 'm-1', name: 'b', force: true });
});
it('a restart goes on from nothing', () => expect(requestOf('restart', { ...noWishes, from: 'm-1' })).toEqual({}));
it.each([
  ['resume', 'outputs-empty', true], ['resume', 'checkpoints-damaged', true], ['copy', 'checkpoints-damaged', true], ['restart', 'checkpoints-damaged', false],
  ['resume', 'experiment-not-done', false], ['copy', 'outputs-empty', false],
] as const)('%s with %s: may be insisted on: %s', (verb, code, may) => expect(riskOf(verb, code) !== null).toBe(may));
it('time alone changes no plan', () => expect(isSamePlan(plan(), plan({ checkpoint: { ...checkpoint, modifiedAt: 'now' } }))).toBe(true));
it.each([{ checkpoint: { ...checkpoint, path: 'm-2' } }, { checkpoint: null }, { refusal: { code: 'outputs-in-use' } }, { outputs_path: 'b' }])('%j does', (more) =>
  expect(isSamePlan(plan(), plan(more))).toBe(false));
