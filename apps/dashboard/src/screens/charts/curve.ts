// How does one metric of a chain become a curve: what counts, what was done again, where something else begins?
import type { AttemptSeries, LostStretch, Measure, SeriesBody, SeriesPoints } from '#contracts';
import type { PlotLine, PlotMark } from '../../elements/plot/columns.ts';

/** `work`: the time that was paid for, without the pauses between attempts. */
export const overs = ['step', 'time', 'work'] as const;
export type Over = (typeof overs)[number];

export interface Curve {
  readonly lines: readonly PlotLine[];
  readonly marks: readonly PlotMark[];
  readonly shades: readonly (readonly [from: number, to: number])[];
  readonly walls: readonly { readonly x: number; readonly label: string; readonly isProven?: boolean }[];
  /** Reports that have no place on this axis: nothing told their step. */
  readonly placeless: number;
}

export interface Point {
  readonly step: number | null;
  readonly time: number;
  readonly value: Measure;
  readonly attempt: number;
  /** It was done again. */
  readonly isLost: boolean;
}

export function overIn(text: string | null, { step_name: steps }: Pick<SeriesBody, 'step_name'>): Over {
  const asked = overs.find((one) => one === text) ?? (steps === null ? 'work' : 'step');
  return asked === 'step' && steps === null ? 'work' : asked;
}

/** Every point of a metric, attempt by attempt. */
export function pointsOf({ attempts }: SeriesBody, name: string): Point[] {
  return attempts.flatMap(({ metrics, kept_until: until }, attempt) => {
    const { steps, times, values } = metrics[name] ?? nothing;
    return values.map((value, index): Point => {
      const step = steps[index] ?? null;
      return { step, time: times[index] ?? 0, value, attempt, isLost: until !== null && step !== null && step > until };
    });
  });
}

const nothing: SeriesPoints = { steps: [], times: [], values: [] };

export function curveOf(body: SeriesBody, name: string, over: Over): Curve {
  const place = placing(body.attempts, over);
  const points = pointsOf(body, name).map((point) => ({ ...point, x: place.of(point) }));
  const placed = points.filter((point): point is Placed => point.x !== null);
  const lines = body.attempts.map((_, attempt) => placed.filter((point) => point.attempt === attempt).sort((a, b) => a.x - b.x));
  return {
    lines: lines.flatMap((own, attempt) => linesOf(own, name, over === 'time' ? undefined : before(lines.slice(0, attempt), own[0]))),
    marks: placed.flatMap(({ x, value }) => (value === 'nan' || value === 'inf' || value === '-inf' ? [{ x, value }] : [])),
    shades: body.lost.map((stretch): [number, number] => place.stretch(stretch)).filter(([from, to]) => to > from),
    walls: body.attempts.flatMap((attempt, index) => {
      const x = index === 0 ? null : place.start(attempt, index);
      return x === null ? [] : [{ x, label: attemptName(body.attempts, index), ...(attempt.offered && { isProven: attempt.read === 'read' }) }];
    }),
    placeless: points.length - placed.length,
  };
}

type Placed = Point & { readonly x: number };

/** The last point that counts before an attempt's first: the line goes on from there, whoever drew it. */
function before(attempts: readonly (readonly Placed[])[], first: Placed | undefined): Placed | undefined {
  return first && attempts.flat().findLast(({ isLost, x }) => !isLost && x < first.x);
}

/** What counts in one line; what was done again in another, dashed, which begins where the two part. */
function linesOf(points: readonly Placed[], label: string, since: Placed | undefined): PlotLine[] {
  if (points.length === 0) return [];
  const kept = points.map(({ x, value, isLost }) => ({ x, y: isLost ? null : finite(value) }));
  const lost = points.map(({ x, value, isLost }, index) => ({ x, y: isLost || points[index + 1]?.isLost ? finite(value) : null }));
  return [
    { label, ink: 0, points: since ? [{ x: since.x, y: finite(since.value) }, ...kept] : kept },
    ...(points.some(({ isLost }) => isLost) ? [{ label: `${label}, done again`, ink: 0, isDashed: true, points: lost }] : []),
  ];
}

function finite(value: Measure): number | null {
  return typeof value === 'number' ? value : null;
}

/** Where something stands on an axis; null: nowhere. */
export interface Placing {
  of(point: Pick<Point, 'step' | 'time' | 'attempt'>): number | null;
  start(attempt: AttemptSeries, index: number): number | null;
  stretch(lost: LostStretch): [number, number];
}

export function placing(attempts: readonly AttemptSeries[], over: Over): Placing {
  if (over === 'step')
    return { of: ({ step }) => step, start: ({ went_on_from: from, first_step: first }) => from ?? first, stretch: ({ from_step: from, to_step: to }) => [from, to] };
  const shifts = over === 'time' ? attempts.map(() => 0) : shiftsOf(attempts);
  const at = (time: number, attempt: number) => time / 1000 - (shifts[attempt] ?? 0);
  return {
    of: ({ time, attempt }) => at(time, attempt),
    start: (attempt, index) => at(spanOf(attempt)[0], index),
    stretch: ({ from_time: from, to_time: to, attempt }) => [at(from, attempt), at(to, attempt)],
  };
}

/** So that each attempt begins where the one before ended. */
function shiftsOf(attempts: readonly AttemptSeries[]): number[] {
  let paid = 0;
  return attempts.map((attempt) => {
    const [from, to] = spanOf(attempt);
    const shift = from / 1000 - paid;
    paid += Math.max(0, to - from) / 1000;
    return shift;
  });
}

/** Of one that runs, until it was last heard of. */
function spanOf({ started_at: start, ended_at: end, metrics }: AttemptSeries): [number, number] {
  const times = Object.values(metrics).flatMap((points) => [points.times[0], points.times.at(-1)]).filter((time) => time !== undefined);
  const from = start === null ? Math.min(...times, Infinity) : Date.parse(start);
  if (from === Infinity) return [0, 0];
  return [from, Math.max(from, end === null ? Math.max(...times, from) : Date.parse(end))];
}

/** #23, or, where it had several, #23 attempt 2. */
export function attemptName(attempts: readonly Pick<AttemptSeries, 'experiment_id' | 'attempt'>[], index: number): string {
  const one = attempts[index];
  if (!one) return '';
  return attempts.some(({ experiment_id: id, attempt }) => id === one.experiment_id && attempt !== one.attempt) ? `#${one.experiment_id} attempt ${one.attempt}` : `#${one.experiment_id}`;
}
