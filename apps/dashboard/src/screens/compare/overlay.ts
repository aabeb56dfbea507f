// How do the curves of several runs lie over each other?
import type { RunsSeriesBody } from '#contracts';
import type { PlotLine, PlotMark } from '../../elements/plot/columns.ts';
import { curveOf, type Over } from '../charts/curve.ts';

export interface Overlay {
  readonly lines: readonly PlotLine[];
  readonly marks: readonly PlotMark[];
}

/** One line a run, of what counts in it. */
export function overlayOf(runs: RunsSeriesBody, name: string, over: Over): Overlay {
  const curves = runs.map(({ experiment_id: id, series }, ink) => ({ id, ink, ...curveOf(series, name, over) }));
  return {
    lines: curves.flatMap(({ id, ink, lines }) => {
      const points = lines.filter(({ isDashed }) => !isDashed).flatMap((line) => line.points.filter(({ y }) => y !== null));
      return points.length === 0 ? [] : [{ label: `#${id}`, ink, points }];
    }),
    marks: curves.flatMap(({ marks }) => marks),
  };
}

/** Steps only where all of them tell some: else some had no place. */
export function overOf(runs: RunsSeriesBody): Over {
  return runs.length > 0 && runs.every(({ series: { step_name: name } }) => name !== null) ? 'step' : 'work';
}
