// Which way through the params led to which result?
import type { JSX } from 'preact';
import type { ExperimentBody } from '#contracts';
import { visible } from '../../text/visible.ts';
import type { Axis } from './search-space.ts';

interface Picture {
  readonly axes: readonly Axis[];
  readonly members: readonly ExperimentBody[];
  readonly best: number | null;
  /** The member somebody looks at. */
  readonly pointed: number | null;
  readonly point: (id: number | null) => void;
  readonly summary: string;
}

const [left, top, height] = [70, 34, 220];
const [apartMin, apartMax, wholeWidth] = [150, 280, 900];
const wordsMax = 12;

/** The table below says the same to those who see no picture. */
export function Parallel({ axes, members, best, pointed, point, summary }: Picture): JSX.Element {
  const apart = Math.min(apartMax, Math.max(apartMin, wholeWidth / Math.max(1, axes.length - 1)));
  const width = left * 2 + apart * (axes.length - 1);
  const x = (axis: number) => left + apart * axis;
  const y = (place: number) => top + (1 - place) * height;
  const drawn = members.map(({ id }, index) => ({ id, line: lineOf(axes.map((axis) => axis.places[index] ?? null), x, y) }));
  const rank = ({ id }: { id: number }) => (id === pointed ? 2 : id === best ? 1 : 0);
  return (
    <div class="scroller" tabIndex={0} role="region" aria-label="The search as a picture">
      <svg class="parallel" width={width} height={top + height + 30} viewBox={`0 0 ${width} ${top + height + 30}`} role="img" aria-label={visible(summary)}>
        {[...drawn].sort((one, other) => rank(one) - rank(other)).map(({ id, line }) => (
          <polyline key={id} points={line} class={id === pointed ? 'is-pointed' : id === best ? 'is-best' : undefined} onPointerEnter={() => point(id)} onPointerLeave={() => point(null)} />
        ))}
        {axes.map((axis, index) => (
          <g key={axis.name} class={axis.isMetric ? 'is-metric' : undefined}>
            <line x1={x(index)} x2={x(index)} y1={top} y2={top + height} />
            <text class="axis-name" x={x(index)} y={16}>{short(axis.name)}{axis.scale === 'log' ? ' (log)' : ''}</text>
            {axis.ticks.filter((_, tick) => axis.ticks.length <= wordsMax || tick === 0 || tick === axis.ticks.length - 1).map(({ at, text }) => (
              <text key={text} class="tick" x={x(index) + 6} y={y(at) + (at === 1 ? 10 : at === 0 ? 0 : 4)}>{short(text)}</text>
            ))}
          </g>
        ))}
      </svg>
    </div>
  );
}

/** It ends where a value is missing. */
function lineOf(places: readonly (number | null)[], x: (axis: number) => number, y: (place: number) => number): string {
  return places.flatMap((place, axis) => (place === null ? [] : [`${x(axis)},${Math.round(y(place) * 10) / 10}`])).join(' ');
}

function short(text: string): string {
  const shown = visible(text);
  return shown.length > 18 ? `${shown.slice(0, 17)}…` : shown;
}
