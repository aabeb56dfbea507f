// Does a link to lines lead to the same lines?
import { markedBy, markedIn, markText } from './marked.ts';

it.each([['#L1', { first: 0, last: 0 }], ['#L10-L20', { first: 9, last: 19 }], ['#L20-10', { first: 9, last: 19 }], ['#L0', null], ['#content', null], ['', null]])('%s', (hash, marked) =>
  expect(markedIn(hash)).toEqual(marked));
it.each(['#L1', '#L48213', '#L3-L9'])('%s comes back', (hash) => expect(markText(markedIn(hash) ?? { first: 0, last: 0 })).toBe(hash));
it.each([['7', { first: 6, last: 6 }], ['48,213', { first: 99, last: 99 }], ['10 - 20', { first: 9, last: 19 }], ['0', null], ['x', null], ['', null]])('%j of a hundred lines', (text, marked) =>
  expect(markedBy(text, 100)).toEqual(marked));
