// Does a loop rest as long as nobody has news, and no longer?
import { expect, it, jest } from '@jest/globals';
import { Pause } from './pause.ts';

const longMs = 3_600_000;

it('rests until its time is up', async () => {
  expect(await new Pause().rest(1)).toBe(false);
});

it('is cut short by news', async () => {
  const pause = new Pause();
  const resting = pause.rest(longMs);
  pause.wake();
  expect(await resting).toBe(true);
});

it('does not begin after news that came during the look, and does after the next look', async () => {
  const pause = new Pause();
  pause.begin();
  pause.wake();
  expect(await pause.rest(longMs)).toBe(true);
  expect(pause.isWoken).toBe(true);
  pause.begin();
  expect(await pause.rest(1)).toBe(false);
});

it('holds after a failure in spite of older news, but not of new', async () => {
  const pause = new Pause();
  pause.wake();
  expect(await pause.hold(1)).toBe(false);
  const holding = pause.hold(longMs);
  pause.wake();
  expect(await holding).toBe(true);
});

it('is over for good', async () => {
  const pause = new Pause();
  const resting = pause.rest(longMs);
  pause.end();
  expect(await resting).toBe(true);
  pause.begin();
  expect(pause.isOver).toBe(true);
  expect(await pause.rest(longMs)).toBe(true);
  expect(await pause.hold(longMs)).toBe(true);
});

it('leaves no timer behind', async () => {
  jest.useFakeTimers();
  const pause = new Pause();
  const resting = pause.rest(longMs);
  pause.wake();
  await resting;
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});
