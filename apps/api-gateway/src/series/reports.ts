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
  #steps: readonly (number | null)[] = [];
  #times: readonly number[] = [];
  #values: readonly (readonly Reported[])[];
  firstStep: number | null = null;
  lastStep: number | null = null;

  constructor(names: number) {
    this.#values = Array.from({ length: names }, () => []);
  }

  get steps(): readonly (number | null)[] {
    return this.#steps;
  }

  get times(): readonly number[] {
    return this.#times;
  }

  /** Columns that are taken whole, as most are, are not copied: a value each is what a curve of fifty runs would wait for. */
  add({ steps, times, values }: ReportPage, rows: Rows): void {
    this.#steps = behind(this.#steps, this.#told(steps.slice(rows.from, rows.until)));
    this.#times = behind(this.#times, rowsOf(times, rows));
    this.#values = this.#values.map((known, index) => behind(known, rowsOf(values[index] ?? [], rows)));
  }

  /** What is told without a step belongs to the step before. */
  #told(steps: readonly unknown[]): (number | null)[] {
    return steps.map((step) => {
      if (typeof step !== 'number') return this.lastStep;
      this.firstStep ??= step;
      return (this.lastStep = step);
    });
  }

  points(index: number, { points, digits, times }: PointsAsked): SeriesPoints {
    const values = this.#values[index] ?? [];
    const places = thinned(values, points);
    return {
      steps: places.map((place) => this.#steps[place] ?? null),
      times: times ? places.map((place) => this.#times[place] as number) : [],
      values: places.map((place) => rounded(values[place] as Measure, digits)),
    };
  }
}

/** Of a page: the first, and the one behind the last. */
interface Rows {
  readonly from: number;
  readonly until: number;
}

function rowsOf<Value>(column: readonly Value[], { from, until }: Rows): readonly Value[] {
  return from === 0 && until === column.length ? column : column.slice(from, until);
}

function behind<Value>(known: readonly Value[], more: readonly Value[]): readonly Value[] {
  return known.length === 0 ? more : known.concat(more);
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

/** Which rows of a page each attempt reported: by the place of the attempt, in order. */
export function* rowsByAttempt(candidates: readonly Candidate[], { attempts, times }: Pick<ReportPage, 'attempts' | 'times'>): Generator<[place: number, rows: Rows]> {
  const placeAt = (row: number): number => attemptAt(candidates, { attempt: typeof attempts === 'number' ? attempts : (attempts[row] as number), time: times[row] as number });
  const isOfOne = candidates.length === 1 || (typeof attempts === 'number' && candidates.some(({ attempt }) => attempt === attempts));
  for (let from = 0, until = 0; from < times.length; from = until) {
    const place = placeAt(from);
    for (until = isOfOne ? times.length : from + 1; until < times.length && placeAt(until) === place; ) until += 1;
    yield [place, { from, until }];
  }
}

/** The place of the attempt that reported it. Where that was not said, the latest that had begun. */
export function attemptAt(candidates: readonly Candidate[], { attempt, time }: { /** 0: not said. */ readonly attempt: number; readonly time: number }): number {
  const said = candidates.find((one) => one.attempt === attempt);
  const begun = said ?? candidates.findLast(({ startedAt }) => startedAt <= time) ?? candidates[0];
  return begun?.place ?? -1;
}
