// How are the runs doing, in numbers?
import { Counter, Gauge, Histogram } from 'prom-client';
import type { LiveRun } from './live-runs.ts';

/** What the worker tells of itself. */
export interface RunMetrics {
  looked(runs: readonly LiveRun[], slots: number): void;
  /** From the slot to the process. */
  launched(milliseconds: number): void;
  ended(outcome: string): void;
}

export function openRunMetrics(): RunMetrics {
  const live = new Gauge({ name: 'polyaxon_runs', help: 'runs that have not ended', labelNames: ['state'] });
  const slotGauge = new Gauge({ name: 'polyaxon_run_slots', help: 'runs that may be live at once', labelNames: ['use'] });
  const launches = new Histogram({ name: 'polyaxon_run_launch_seconds', help: 'from a slot taken to a process started', buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30] });
  const ends = new Counter({ name: 'polyaxon_runs_ended_total', help: 'runs that have ended', labelNames: ['outcome'] });
  return {
    looked(runs, slots) {
      const count = (is: (run: LiveRun) => boolean) => runs.filter(is).length;
      live.set({ state: 'waiting' }, count(({ state, isReady }) => state === 'waiting' && !isReady));
      live.set({ state: 'held' }, count(({ isReady }) => isReady));
      live.set({ state: 'scheduled' }, count(({ state }) => state === 'scheduled'));
      live.set({ state: 'started' }, count(({ state }) => state === 'started'));
      const taken = count(({ state }) => state !== 'waiting');
      slotGauge.set({ use: 'taken' }, taken);
      slotGauge.set({ use: 'free' }, Math.max(0, slots - taken));
    },
    launched: (milliseconds) => launches.observe(milliseconds / 1000),
    ended: (outcome) => ends.inc({ outcome }),
  };
}
