// Is what is known of a waiting attempt told once, and again when it may have been missed?
import { specOf } from '../executors/executor-contract.ts';
import type { LiveRun } from './live-runs.ts';
import { PendingLaunches } from './pending-launches.ts';

const pending = (reason: string | null) => ({ isPending: true, cause: 'unschedulable', reason }) as const;
const run = (attempt: number, state: LiveRun['state'] = 'scheduled') => ({ experimentId: 1, attempt, state }) as LiveRun;

describe('an attempt that can not start yet', () => {
  const spec = specOf(1, 'true');

  it('is told once, and what is new about it', () => {
    const launches = new PendingLaunches();
    expect([pending('a'), pending('a'), pending('b')].map((answer, n) => launches.newsOf(spec, answer, n))).toEqual([pending('a'), null, pending('b')]);
    expect(launches.newsOf(spec, pending('b'), 61_000)).toEqual(pending('b'));
  });

  it('is known until it starts, or another attempt does', () => {
    const launches = new PendingLaunches();
    launches.newsOf(spec, null, 0);
    expect([launches.specOf(run(1)), launches.specOf(run(2))]).toEqual([spec, undefined]);
    launches.keepOnly([run(1, 'started')]);
    expect(launches.specOf(run(1))).toBeUndefined();
  });

  it('is told to be starting once', () => {
    const launches = new PendingLaunches();
    launches.begin({ experimentId: 1, attempt: 1 });
    expect([launches.hasBegun(run(1)), launches.hasBegun(run(2))]).toEqual([true, false]);
    launches.keepOnly([run(1, 'started')]);
    expect(launches.hasBegun(run(1))).toBe(false);
  });
});
