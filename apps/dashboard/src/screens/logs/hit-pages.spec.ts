// Does a reader come to each hit, and back, and see where in its line it is?
import { hitsAPage, pageOf, partsAround, stepTo } from './hit-pages.ts';

it.each([[-1, 1, 3, 0], [-1, -1, 3, 2], [0, 1, 3, 1], [2, 1, 3, 0], [0, -1, 3, 2], [0, 1, 0, -1]] as const)('from %d by %d of %d to %d', (at, by, count, to) => expect(stepTo(at, by, count)).toBe(to));
it('a page has so many', () => expect([0, hitsAPage - 1, hitsAPage].map(pageOf)).toEqual([0, 0, 1]));
it.each([
  ['an Error, error', 'error', false, ['an ', 'Error', ', ', 'error', '']],
  ['an Error, error', 'error', true, ['an Error, ', 'error', '']],
  ['a.c abc', 'a.c', false, ['', 'a.c', ' abc']],
  ['nothing', 'x', false, ['nothing']],
  ['nothing', '', false, ['nothing']],
  ['<b>', '<b>', false, ['', '<b>', '']],
] as const)('%j around %j', (text, wanted, matchesCase, parts) => expect(partsAround(text, wanted, matchesCase)).toEqual(parts));
