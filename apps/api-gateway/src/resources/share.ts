// What share of the processors did a run have between two looks?
import type { RunUsageBody } from '#contracts';

/** 100: one processor all the time. Null: the looks are of different attempts, or of different lives of the scheduler, so they can't be compared. */
export function cpuPercentage(before: RunUsageBody, after: RunUsageBody): number | null {
  const elapsedMs = after.measuredAtMs - before.measuredAtMs;
  if (before.attempt !== after.attempt || elapsedMs <= 0) return null;
  // Processes that have ended take their time along: never less than nothing.
  const used = Math.max(0, after.cpuSeconds - before.cpuSeconds) * 1000;
  return Math.round((1000 * used) / elapsedMs) / 10;
}
