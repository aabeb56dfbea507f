// Is what was folded out still so after a reload?
import { openChainsIn, openedText } from './open-chains.ts';

it('comes back from the address', () => expect(openChainsIn(new URL('http://x/?open=3,1,a'))).toEqual([3, 1]));
it('one out, one in', () => expect([openedText([], 3), openedText([3], 1), openedText([3, 1], 3), openedText([3], 3)]).toEqual(['3', '3,1', '1', null]));
