// Is a service that ends brought back soon, and one that can't start left in peace?
import { restartAfter } from './restart-policy.ts';

describe('a service that ended', () => {
  it('is back at once the first time', () => expect(restartAfter([1000])).toEqual({ delayMs: 50, isLooping: false }));
  it('waits longer each time, but never longer than 1 s', () => {
    const ends = Array.from({ length: 20 }, (_, index) => index);
    expect(ends.map((_, index) => restartAfter(ends.slice(0, index + 1)).delayMs)).toEqual([50, 100, 200, 400, 800, ...Array<number>(15).fill(1000)]);
  });
  it('is forgiven after a minute', () => expect(restartAfter([0, 1, 2, 3, 70_000]).delayMs).toBe(50));
  it('is spoken of when it can’t stay up', () => {
    expect(restartAfter([0, 1, 2, 3]).isLooping).toBe(false);
    expect(restartAfter([0, 1, 2, 3, 4]).isLooping).toBe(true);
  });
});
