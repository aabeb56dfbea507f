// Which work of a chain was done twice, and what did that cost?

/** What one process of the chain did, in the order they ran. */
export interface Tried {
  /** Milliseconds; null: not known. */
  readonly startedAt: number | null;
  /** The step it went on from; null: not known (yet). */
  readonly wentOnFrom: number | null;
  /** Of its reports, in order; null: before any step was told. */
  readonly steps: readonly (number | null)[];
  readonly times: readonly number[];
}

/** Of attempt `attempt`, lost because `by` began before it; the two are places in the chain. */
export interface Lost {
  readonly attempt: number;
  readonly by: number;
  readonly fromStep: number;
  readonly toStep: number;
  readonly fromTime: number;
  readonly toTime: number;
  readonly seconds: number;
}

interface Piece {
  readonly from: number;
  to: number;
  /** Reports beyond it were lost before. */
  keptUntil: number;
}

/**
 * The chain is one line of steps. Each attempt goes on somewhere on it: what the line had beyond is lost, whoever had done it, and the line goes on from there.
 * A report costs the time since the one before it.
 */
export function lostWork(attempts: readonly Tried[]): { readonly lost: readonly Lost[]; /** By attempt; null: all of it counts. */ readonly keptUntil: readonly (number | null)[] } {
  const pieces: Piece[] = [];
  const lost: Lost[] = [];
  for (const [by, { wentOnFrom, steps }] of attempts.entries()) {
    const end = pieces.at(-1)?.to ?? 0;
    const start = wentOnFrom ?? end;
    const last = pieces.at(-1);
    if (last) last.to = Math.max(last.to, start); // it must have come so far, although it did not report it
    for (const [attempt, piece] of pieces.entries()) {
      if (piece.to <= start) continue;
      const fromStep = Math.max(start, piece.from);
      lost.push({ attempt, by, fromStep, toStep: piece.to, ...priceOf(attempts[attempt] as Tried, start, piece.keptUntil) });
      piece.to = fromStep;
      piece.keptUntil = start;
    }
    pieces.push({ from: start, to: steps.reduce<number>((most, step) => Math.max(most, step ?? most), start), keptUntil: Infinity });
  }
  return { lost, keptUntil: pieces.map(({ keptUntil }) => (keptUntil === Infinity ? null : keptUntil)) };
}

/** Of the reports of steps above `above`, up to `until`. */
function priceOf({ startedAt, steps, times }: Tried, above: number, until: number): Pick<Lost, 'fromTime' | 'toTime' | 'seconds'> {
  let [fromTime, toTime, spent] = [Infinity, -Infinity, 0];
  for (const [index, step] of steps.entries()) {
    if (step === null || step <= above || step > until) continue;
    const time = times[index] as number;
    const before = Math.min(time, index > 0 ? (times[index - 1] as number) : (startedAt ?? time));
    spent += time - before;
    fromTime = Math.min(fromTime, before);
    toTime = Math.max(toTime, time);
  }
  // It was never reported, only known from a checkpoint.
  if (toTime === -Infinity) fromTime = toTime = times.at(-1) ?? startedAt ?? 0;
  return { fromTime, toTime, seconds: spent / 1000 };
}
