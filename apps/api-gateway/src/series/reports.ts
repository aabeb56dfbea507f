// What did one attempt report, in columns?
import type { Measure, SeriesPoints } from '#contracts';
import type { Report, Reported } from '../views/metrics.ts';
import { thinned } from './thinned.ts';

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
  add({ time, step, values }: Report): void {
    this.lastStep = step ?? this.lastStep;
    this.firstStep ??= step;
    this.steps.push(this.lastStep);
    this.times.push(time);
    for (const [index, column] of this.#values.entries()) column.push(values[index]);
  }

  points(index: number, most: number): SeriesPoints {
    const values = this.#values[index] ?? [];
    const places = thinned(values, most);
    return { steps: places.map((place) => this.steps[place] ?? null), times: places.map((place) => this.times[place] as number), values: places.map((place) => values[place] as Measure) };
  }
}

interface Candidate {
  readonly attempt: number;
  readonly startedAt: number;
  readonly place: number;
}

/** The place of the attempt that reported it. Where that was not said, the latest that had begun. */
export function attemptAt(candidates: readonly Candidate[], { attempt, time }: Pick<Report, 'attempt' | 'time'>): number {
  const said = candidates.find((one) => one.attempt === attempt);
  const begun = said ?? candidates.findLast(({ startedAt }) => startedAt <= time) ?? candidates[0];
  return begun?.place ?? -1;
}
