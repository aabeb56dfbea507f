// How do lines that know nothing of each other become columns over one axis?

export interface PlotPoint {
  readonly x: number;
  /** Null: a gap. */
  readonly y: number | null;
}

export interface PlotLine {
  readonly label: string;
  /** Which of the strokes; they start again after the last. */
  readonly ink: number;
  /** What does not count any more. */
  readonly isDashed?: boolean;
  /** In any order. */
  readonly points: readonly PlotPoint[];
}

/** Something that is no finite number: it has a place on the axis, and none on the scale. */
export interface PlotMark {
  readonly x: number;
  readonly value: 'nan' | 'inf' | '-inf';
}

export type Columns = [xs: number[], ...ys: (number | null | undefined)[][]];

/** Each x once, in order. Undefined: this line has nothing there, and goes on over it. Of two at one x the later one counts. */
export function columnsOf(lines: readonly PlotLine[]): Columns {
  const known = new Set<number>();
  for (const { points } of lines) for (const { x } of points) known.add(x);
  const xs = [...Float64Array.from(known).sort()];
  const places = new Map(xs.map((x, place) => [x, place]));
  const ys = lines.map(({ points }) => {
    const column = new Array<number | null | undefined>(xs.length).fill(undefined);
    for (const { x, y } of points) column[places.get(x) as number] = y;
    return column;
  });
  return [xs, ...ys];
}

/** A part of the axis; null: all of it. */
export type Zoom = readonly [from: number, to: number] | null;

export function zoomIn(text: string | null): Zoom {
  const [, from, to] = /^(-?[\d.]+):(-?[\d.]+)$/.exec(text ?? '') ?? [];
  const zoom = [Number(from), Number(to)] as const;
  return zoom.every(Number.isFinite) && zoom[0] < zoom[1] ? zoom : null;
}

export function zoomText(zoom: Zoom): string | null {
  return zoom && zoom.map((end) => String(Number(end.toPrecision(12)))).join(':');
}

/** Half of what is shown, twice of it, or the half beside it; null: all there is. */
export function zoomed(zoom: Zoom, [first, last]: readonly [number, number], how: 'in' | 'out' | 'left' | 'right'): Zoom {
  const [from, to] = zoom ?? [first, last];
  const [width, middle] = [to - from, (from + to) / 2];
  const [start, end] = {
    in: [middle - width / 4, middle + width / 4],
    out: [middle - width, middle + width],
    left: [from - width / 2, to - width / 2],
    right: [from + width / 2, to + width / 2],
  }[how] as [number, number];
  const shift = Math.max(first - start, 0) - Math.max(end - last, 0);
  const moved: readonly [number, number] = how === 'out' ? [Math.max(first, start), Math.min(last, end)] : [start + shift, end + shift];
  return moved[0] <= first && moved[1] >= last ? null : moved;
}
