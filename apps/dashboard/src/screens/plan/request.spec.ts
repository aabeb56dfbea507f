// Is what is asked for what the form says?
import { noWishes, requestOf, riskOf } from './request.ts';

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
