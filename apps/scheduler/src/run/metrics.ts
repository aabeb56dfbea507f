// How are the runs doing, in numbers?
import { counter, gauge, histogram, type LabelValues } from '#service-host';
import type { AttemptId, Carrying } from '../executors/executor.ts';
import type { LiveRun } from './live-runs.ts';

/** What the worker tells of itself. */
export interface RunMetrics {
  looked(runs: readonly LiveRun[], slots: number): void;
  /** From the slot to the process. */
  launched(milliseconds: number): void;
  /** Undefined: it carries no more. */
  carried(attempt: AttemptId, carrying: Carrying | undefined): void;
}

const statuses: Readonly<Record<LabelValues<'runs'>['status'], (run: LiveRun) => boolean>> = {
  waiting: ({ state, isReady }) => state === 'waiting' && !isReady,
  held: ({ state, isReady }) => state === 'waiting' && isReady,
  scheduled: ({ state }) => state === 'scheduled',
  building: ({ state, isBuilding }) => state === 'started' && isBuilding,
  running: ({ state, isBuilding }) => state === 'started' && !isBuilding,
};

export function openRunMetrics(): RunMetrics {
  const live = gauge('runs');
  const slotGauge = gauge('executor_slots');
  const launches = histogram('run_launch_seconds');
  const carryLag = gauge('carry_lag_seconds');
  const carriedBytes = counter('carried_bytes_total');
  const carryFailures = counter('carry_failures_total');
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
      for (const [status, is] of Object.entries(statuses)) live.set({ status: status as keyof typeof statuses }, runs.filter(is).length);
      const taken = runs.filter(({ state }) => state !== 'waiting').length;
      slotGauge.set({ state: 'taken' }, taken);
      slotGauge.set({ state: 'free' }, Math.max(0, slots - taken));
    },
    launched: (milliseconds) => launches.observe(milliseconds / 1000),
  };
}
