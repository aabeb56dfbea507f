// How do the curves of several runs lie over each other?
import { stepNames, type ExperimentBody, type RunsSeriesBody } from '#contracts';
import type { PlotLine, PlotMark, PlotPoint } from '../../elements/plot/columns.ts';
import { placing, type Over } from '../charts/curve.ts';

export interface Overlay {
  readonly lines: readonly PlotLine[];
  readonly marks: readonly PlotMark[];
}

/** One line a run, of what counts in it. Fifty runs are fifty thousand points: each is looked at once. */
export function overlayOf(runs: RunsSeriesBody, name: string, over: Over): Overlay {
  const [lines, marks]: [PlotLine[], PlotMark[]] = [[], []];
  for (const [ink, { experiment_id: id, series: { attempts } }] of runs.entries()) {
    const place = placing(attempts, over);
    const points: PlotPoint[] = [];
    for (const [attempt, { metrics, kept_until: until }] of attempts.entries()) {
      const { steps, times, values } = metrics[name] ?? { steps: [], times: [], values: [] };
      for (const [index, value] of values.entries()) {
        const step = steps[index] ?? null;
        const x = until !== null && step !== null && step > until ? null : place.of({ step, time: times[index] ?? 0, attempt });
        if (x === null) continue;
        if (typeof value === 'number') points.push({ x, y: value });
        else if (value !== null) marks.push({ x, value });
      }
    }
    if (points.length > 0) lines.push({ label: `#${id}`, ink, points });
  }
  return { lines, marks };
}

/** Steps only where all of them tell some: else some had no place. */
export function overOf(runs: readonly Pick<ExperimentBody, 'last_metric'>[]): Over {
  return runs.length > 0 && runs.every(({ last_metric: last }) => stepNames.some((name) => Object.hasOwn(last, name))) ? 'step' : 'work';
}

/** Of many lines nobody sees what is closer together than a few pixels; looking closer brings more. */
export function pointsFor(runs: number, widthPx: number, isZoomed: boolean): number {
  if (isZoomed) return pointsMost;
  const seen = runs > fewRuns ? widthPx / 4 : widthPx;
  return Math.min(pointsMost, Math.max(200, Math.ceil(seen / 100) * 100));
}

const fewRuns = 10;
const pointsMost = 2000;
