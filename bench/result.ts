// What does a benchmark say, and how are two sides compared fairly?

export interface BenchResult {
  readonly name: string;
  /** What it is compared with, as its command; null: `ours` itself has the goal. */
  readonly peer: string | null;
  readonly ours: number;
  readonly theirs: number | null;
  /** ours / theirs */
  readonly ratio: number | null;
  /** Of the ratio, or of `ours` when there is no peer; null: measured only. */
  readonly goal: number | null;
  readonly bound: 'at least' | 'at most';
  readonly unit: string;
}

/** A row of the table that this machine or this build can't fill. */
export interface NotRun {
  readonly name: string;
  readonly notRun: string;
}

export type BenchRow = BenchResult | NotRun;

/** What was measured is wrong, so that its speed says nothing. */
export class Incorrect extends Error {
  override readonly name = 'Incorrect';
}

export function correct(what: string, isTrue: boolean): void {
  if (!isTrue) throw new Incorrect(`not true: ${what}`);
}

export interface Sides {
  readonly ours: () => Promise<number>;
  readonly theirs: () => Promise<number>;
}

/** Taking turns, so that whatever else the machine does meets both; the first rounds only warm up: a compiler that learns while it runs needs some. Medians. */
export async function takingTurns({ ours, theirs }: Sides, { rounds = 5, warmUps = 1 } = {}): Promise<{ ours: number; theirs: number; ratio: number }> {
  const [mine, other]: [number[], number[]] = [[], []];
  for (let round = 0; round < warmUps + rounds; round += 1) {
    const pair = [await theirs(), await ours()] as const;
    if (round < warmUps) continue;
    other.push(pair[0]);
    mine.push(pair[1]);
  }
  return { ours: median(mine), theirs: median(other), ratio: median(mine) / median(other) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
