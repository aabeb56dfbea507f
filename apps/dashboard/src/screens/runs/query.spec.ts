// Is what is asked all in the address, and helped along?
import { askedIn, completions, neighbour, pathFor } from './query.ts';

it('comes from the address of the page and goes to the platform', () => {
  const asked = askedIn(new URL('http://x/app/mona/mnist?q=status%3A+running&sort=-metrics.loss&cursor=abc&offset=50'));
  expect(pathFor('mona', 'mnist', asked)).toBe('/mona/mnist/experiments?limit=50&query=status%3A+running&sort=-metrics.loss&cursor=abc&offset=50');
});
it.each(['-1', 'NaN', '1e99', ''])('an offset of %j is none', (offset) => expect(askedIn(new URL(`http://x/?offset=${offset}`)).offset).toBe(0));
it('the neighbours are where the platform says', () => {
  expect(neighbour('http://elsewhere/api/v1/mona/mnist/experiments?limit=50&offset=100&cursor=next')).toEqual({ cursor: 'next', offset: '100' });
  expect([neighbour('http://x/?offset=0'), neighbour(null)]).toEqual([{ cursor: null, offset: null }, null]);
});
it.each([
  ['st', ['status: ', 'started_at: ']],
  ['status: f', ['status: failed']],
  ['status: running|f', ['status: running|failed']],
  ['name: a, metrics.l', ['name: a, metrics.loss: ']],
  ['~stat', ['~status: ']],
  ['metrics.loss: <', []],
])('%j goes on as %j', (query, expected) => expect(completions(query, ['metrics.loss'])).toEqual(expected));
