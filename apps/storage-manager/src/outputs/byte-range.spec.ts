// Is a range of bytes read as HTTP means it?
import { byteRange } from './byte-range.ts';

describe('a range of 10 bytes', () => {
  it.each([
    ['bytes=0-', { start: 0, end: 9 }],
    ['bytes=2-4', { start: 2, end: 4 }],
    ['bytes=5-100', { start: 5, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-30', { start: 0, end: 9 }],
    ['bytes=10-', null],
    ['bytes=-0', null],
    ['bytes=4-2', undefined],
    ['bytes=0-1,3-4', undefined],
    ['lines=1-2', undefined],
    [undefined, undefined],
  ])('%s', (header, range) => expect(byteRange(header, 10)).toEqual(range));
});
