// Is what is asked all in the address, and helped along?
import { askedIn, chainPath, completions, neighbour, pathFor } from './query.ts';

it('comes from the address of the page and goes to the platform', () => {
  const asked = askedIn(new URL('http://x/app/mona/mnist?q=status%3A+running&sort=-metrics.loss&cursor=abc&offset=50'));
  expect(pathFor('mona', 'mnist', asked)).toBe('/mona/mnist/experiments?limit=50&brief=true&query=status%3A+running&sort=-metrics.loss&cursor=abc&offset=50');
});
it.each([['', true], ['?q=a', false], ['?sort=-id', false], ['?q=a&fold=1', true], ['?fold=0', false]])('%j is folded: %s', (search, isFolded) => expect(askedIn(new URL(`http://x/${search}`)).isFolded).toBe(isFolded));
it('folded: the newest of each chain, without the members of groups', () =>
  expect([pathFor('mona', 'mnist', askedIn(new URL('http://x/'))), pathFor('mona', 'mnist', askedIn(new URL('http://x/?q=name: a&fold=1'))), chainPath('mona', 'mnist', 23)]).toEqual([
    '/mona/mnist/experiments?limit=50&brief=true&query=latest%3A+true&independent=true',
    '/mona/mnist/experiments?limit=50&brief=true&query=name%3A+a%2C+latest%3A+true&independent=true',
    '/mona/mnist/experiments?limit=100&brief=true&query=chain%3A+23',
  ]));
it.each(['-1', 'NaN', '1e99', ''])('an offset of %j is none', (offset) => expect(askedIn(new URL(`http://x/?offset=${offset}`)).offset).toBe(0));
it('the neighbours are where the platform says', () => {
  expect(neighbour('http://elsewhere/api/v1/mona/mnist/experiments?limit=50&brief=true&offset=100&cursor=next')).toEqual({ cursor: 'next', offset: '100' });
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
it.each([['', 0], ['more=3', 3], ['more=-1', 0], ['more=x', 0], ['more=500', 19]])('%j loads %i pages on', (query, more) => expect(askedIn(new URL(`http://x/app/mona/mnist?${query}`)).more).toBe(more));
