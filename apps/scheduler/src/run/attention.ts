// Which of the live runs are worth a step now: of which something was heard, and each of the others now and then?
import type { ExperimentId } from '#contracts';
import type { LiveRun } from './live-runs.ts';

/** What nobody has told of is seen so late: with few runs at each look of the worker, with thousands of pods that wait for room so that they cost a part of a processor and no more. */
const shortestRestMs = 200;
const restMsForEach = 2;

/** Remembers when each run was looked at last, and what it was then. Forgotten with the process: then all are looked at. */
export class Attention {
  readonly #looked = new Map<ExperimentId, { readonly run: LiveRun; readonly atMs: number }>();

  /** Undefined: of any of them. */
  hear(experimentId?: ExperimentId): void {
    if (experimentId === undefined) this.#looked.clear();
    else this.#looked.delete(experimentId);
  }

  isWorth(run: LiveRun, nowMs: number): boolean {
    const last = this.#looked.get(run.experimentId);
    if (!last || run.stopRequested || differs(last.run, run)) return true;
    return nowMs - last.atMs >= Math.max(shortestRestMs, restMsForEach * this.#looked.size);
  }

  look(run: LiveRun, nowMs: number): void {
    this.#looked.set(run.experimentId, { run, atMs: nowMs });
  }

  keepOnly(runs: readonly LiveRun[]): void {
    if (this.#looked.size === 0) return;
    const live = new Set(runs.map(({ experimentId }) => experimentId));
    for (const experimentId of this.#looked.keys()) if (!live.has(experimentId)) this.#looked.delete(experimentId);
  }
}

function differs(before: LiveRun, now: LiveRun): boolean {
  return before.state !== now.state || before.attempt !== now.attempt || before.isBuilding !== now.isBuilding;
}
