// Is what was chosen still chosen on the next page, after a reload, and for whoever gets the link?
import { selectedIn, selectedMax, selectedText, toggled, toggledAll, withRange } from './selection.ts';

it('comes back from the address, each once, and nothing that is no run', () => {
  const url = (text: string) => new URL(`http://x/?${new URLSearchParams({ selected: text }).toString()}`);
  expect([selectedIn(url('3,1,3')), selectedIn(url('<b>,-1,0,7')), selectedIn(new URL('http://x/')), selectedText([3, 1]), selectedText([])]).toEqual([[3, 1], [7], [], '3,1', null]);
});
it('one more, one less', () => expect([toggled([3], 1), toggled([3, 1], 3)]).toEqual([[3, 1], [1]]));
it.each([
  ['down', [5], 2, [5, 4, 3, 2]], ['up', [2], 4, [2, 4, 3]], ['from nothing', [], 4, [4]], ['from one of another page', [99], 4, [99, 4]], ['what is chosen stays', [3, 5], 4, [3, 5, 4]],
])('a range: %s', (_, selected, to, expected) => expect(withRange(selected, [5, 4, 3, 2, 1], to)).toEqual(expected));
it('all that are shown, and none of them', () => expect([toggledAll([9, 2], [3, 2]), toggledAll([9, 2, 3], [3, 2])]).toEqual([[9, 2, 3], [9]]));
it('no more than can be looked at', () => expect(toggledAll([], Array.from({ length: 500 }, (_, id) => id + 1))).toHaveLength(selectedMax));
