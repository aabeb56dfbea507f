// Is a run looked at as soon as there is news of it, and else as often as so many can be?
import { Attention } from './attention.ts';
import type { LiveRun } from './live-runs.ts';

const run = (experimentId: number, more: Partial<LiveRun> = {}) => ({ experimentId, attempt: 1, state: 'started', isBuilding: false, stopRequested: false, ...more }) as LiveRun;

/** At 0, all of them. */
function looked(...runs: readonly LiveRun[]): Attention {
  const attention = new Attention();
  for (const one of runs) attention.look(one, 0);
  return attention;
}

describe('a run', () => {
  it('that was never looked at is', () => {
    expect(new Attention().isWorth(run(1), 0)).toBe(true);
  });

  it('is left alone for a moment, and then looked at again', () => {
    expect([1, 199, 200].map((ms) => looked(run(1)).isWorth(run(1), ms))).toEqual([false, false, true]);
  });

  it('is left alone for longer, the more there are', () => {
    const attention = looked(...Array.from({ length: 1000 }, (_, n) => run(n)));
    expect([1999, 2000].map((ms) => attention.isWorth(run(1), ms))).toEqual([false, true]);
  });

  it('that something was heard of is looked at at once, and no other is', () => {
    const attention = looked(run(1), run(2));
    attention.hear(2);
    expect([1, 2].map((id) => attention.isWorth(run(id), 1))).toEqual([false, true]);
    attention.hear();
    expect(attention.isWorth(run(1), 1)).toBe(true);
  });

  it.each<[string, Partial<LiveRun>]>([
    ['has begun', { state: 'scheduled' }],
    ['is at another attempt', { attempt: 2 }],
    ['was built', { isBuilding: true }],
    ['is to stop', { stopRequested: true }],
  ])('that %s is looked at at once', (_, more) => {
    expect(looked(run(1)).isWorth(run(1, more), 1)).toBe(true);
  });

  it('that is to stop is looked at whenever there is a look, since its time may be over', () => {
    expect(looked(run(1, { stopRequested: true })).isWorth(run(1, { stopRequested: true }), 1)).toBe(true);
  });

  it('that has ended is forgotten', () => {
    const attention = looked(run(1), run(2));
    attention.keepOnly([run(2)]);
    expect([1, 2].map((id) => attention.isWorth(run(id), 1))).toEqual([true, false]);
  });
});
