// How are the runs doing, in numbers?
import { Counter, Gauge, Histogram } from 'prom-client';
import type { AttemptId, Carrying } from '../executors/executor.ts';
import type { LiveRun } from './live-runs.ts';

/** What the worker tells of itself. */
export interface RunMetrics {
  looked(runs: readonly LiveRun[], slots: number): void;
  /** From the slot to the process. */
  launched(milliseconds: number): void;
  ended(outcome: string): void;
  /** Undefined: it carries no more. */
  carried(attempt: AttemptId, carrying: Carrying | undefined): void;
}

const outcomes = ['succeeded', 'failed', 'stopped'] as const;
const statuses: Readonly<Record<string, (run: LiveRun) => boolean>> = {
  waiting: ({ state, isReady }) => state === 'waiting' && !isReady,
  held: ({ state, isReady }) => state === 'waiting' && isReady,
  scheduled: ({ state }) => state === 'scheduled',
  building: ({ state, isBuilding }) => state === 'started' && isBuilding,
  running: ({ state, isBuilding }) => state === 'started' && !isBuilding,
};

export function openRunMetrics(): RunMetrics {
  const live = new Gauge({ name: 'polyaxon_runs', help: 'runs that have not ended: waiting for outputs, held for want of a slot, scheduled, building, running', labelNames: ['status'] });
  const slotGauge = new Gauge({ name: 'polyaxon_executor_slots', help: 'runs that may be live at once', labelNames: ['state'] });
  const launches = new Histogram({ name: 'polyaxon_run_launch_seconds', help: 'from a slot taken to a process started', buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30] });
  const ends = new Counter({ name: 'polyaxon_runs_finished_total', help: 'runs that have ended', labelNames: ['outcome'] });
  for (const outcome of outcomes) ends.inc({ outcome }, 0);
  const carryLag = new Gauge({ name: 'polyaxon_carry_lag_seconds', help: 'how far the store is behind the outputs of the run that is furthest ahead of it' });
  const carriedBytes = new Counter({ name: 'polyaxon_carried_bytes_total', help: 'bytes of outputs that got into the store' });
  const carryFailures = new Counter({ name: 'polyaxon_carry_failures_total', help: 'tries to carry outputs to the store that failed, and are repeated' });
  const carried = new Map<string, Carrying>();
  return {
    carried({ experimentId, attempt }, carrying) {
      const key = `${experimentId}-${attempt}`;
      const before = carried.get(key);
      if (carrying) {
        carried.set(key, carrying); // a carrier that was started again counts from 0
        carriedBytes.inc(Math.max(0, carrying.sizeBytes - (before?.sizeBytes ?? 0)));
        carryFailures.inc(Math.max(0, carrying.failures - (before?.failures ?? 0)));
      } else if (!carried.delete(key)) return;
      carryLag.set(Math.max(0, ...[...carried.values()].map(({ lagSeconds }) => lagSeconds)));
    },
    looked(runs, slots) {
      for (const [status, is] of Object.entries(statuses)) live.set({ status }, runs.filter(is).length);
      const taken = runs.filter(({ state }) => state !== 'waiting').length;
      slotGauge.set({ state: 'taken' }, taken);
      slotGauge.set({ state: 'free' }, Math.max(0, slots - taken));
    },
    launched: (milliseconds) => launches.observe(milliseconds / 1000),
    ended: (outcome) => ends.inc({ outcome }),
  };
}
