// What did one attempt report, in columns?
import type { Measure, SeriesPoints } from '#contracts';
import type { Reported, ReportPage } from '../views/metrics.ts';
import { thinned } from './thinned.ts';

/** How its points are told. */
export interface PointsAsked {
  /** About so many. */
  readonly points: number;
  /** Undefined: as they were reported. */
  readonly digits?: number | undefined;
  readonly times: boolean;
}

export class Reports {
  readonly steps: (number | null)[] = [];
  readonly times: number[] = [];
  readonly #values: Reported[][];
  firstStep: number | null = null;
  lastStep: number | null = null;

  constructor(names: number) {
    this.#values = Array.from({ length: names }, () => []);
  }

  /** What is told without a step belongs to the step before. */
  add({ steps, times, values }: ReportPage, row: number): void {
    const step = steps[row];
    if (typeof step === 'number') {
      this.lastStep = step;
      this.firstStep ??= step;
    }
    this.steps.push(this.lastStep);
    this.times.push(times[row] as number);
    for (let index = 0; index < this.#values.length; index += 1) this.#values[index]?.push(values[index]?.[row]);
  }

  points(index: number, { points, digits, times }: PointsAsked): SeriesPoints {
    const values = this.#values[index] ?? [];
    const places = thinned(values, points);
    return {
      steps: places.map((place) => this.steps[place] ?? null),
      times: times ? places.map((place) => this.times[place] as number) : [],
      values: places.map((place) => rounded(values[place] as Measure, digits)),
    };
  }
}

/** What counts something stays as it is. */
function rounded(value: Measure, digits: number | undefined): Measure {
  return digits === undefined || typeof value !== 'number' || Number.isInteger(value) ? value : Number(value.toPrecision(digits));
}

interface Candidate {
  readonly attempt: number;
  readonly startedAt: number;
  readonly place: number;
}

/** The place of the attempt that reported it. Where that was not said, the latest that had begun. */
export function attemptAt(candidates: readonly Candidate[], { attempt, time }: { /** 0: not said. */ readonly attempt: number; readonly time: number }): number {
  const said = candidates.find((one) => one.attempt === attempt);
  const begun = said ?? candidates.findLast(({ startedAt }) => startedAt <= time) ?? candidates[0];
  return begun?.place ?? -1;
}
