// How is a curve drawn, and read without seeing it?
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { theme } from '../../shell/theme.ts';
import { columnsOf, type PlotLine, type PlotMark, type Zoom } from './columns.ts';
import { drawMarks, drawShades, drawWalls, type Colours, type Wall } from './paint.ts';
import './plot.css';

export interface Plotted {
  readonly lines: readonly PlotLine[];
  readonly marks?: readonly PlotMark[];
  /** What does not count any more. */
  readonly shades?: readonly (readonly [from: number, to: number])[];
  /** Where something else begins. */
  readonly walls?: readonly Wall[];
  /** What somebody hears who can't see it. */
  readonly summary: string;
  readonly xText: (x: number) => string;
  readonly yText: (y: number) => string;
  readonly zoom: Zoom;
  readonly setZoom: (zoom: Zoom) => void;
  /** Those with the same name show the same place. */
  readonly sync: string;
}

const height = 220;
const inks = 10;
/** However fast numbers come, the eye gets them ten times a second. */
const redrawMs = 100;
const narrowPx = 4;
/** More are drawn as thin as a screen can: without a graphics processor each of them costs fifty times as much when it is wider than a pixel. */
const wideLines = 4;

export function Plot(plotted: Plotted): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const palette = useRef<HTMLSpanElement>(null);
  const current = useRef(plotted);
  const plot = useRef<uPlot | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const [isKeyed, setKeyed] = useState(false);
  const isDark = useDark();
  current.current = plotted;
  // Strokes are chosen when it is made: other lines make another one.
  const shape = plotted.lines.map(({ label, ink, isDashed }) => `${ink}${isDashed ? '-' : ''}${label}`).join('\n');

  useEffect(() => {
    const [target, colours] = [place.current, coloursOf(palette.current)];
    if (!target) return undefined;
    const made = new uPlot(optionsOf(current, colours, target.clientWidth, setAt), columnsOf(current.current.lines), target);
    plot.current = made;
    // It also tells of the size there is: nothing is drawn twice for that.
    const resized = new ResizeObserver(() => target.clientWidth > 0 && target.clientWidth !== made.width && made.setSize({ width: target.clientWidth, height }));
    resized.observe(target);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, theme.value, isDark]);
  useThrottled(() => plot.current?.setData(columnsOf(current.current.lines)), [plotted.lines, plotted.shades, plotted.zoom?.join()]);

  const step = (by: number) => {
    const made = plot.current;
    if (!made) return;
    const xs = made.data[0];
    const next = Math.min(xs.length - 1, Math.max(0, (made.cursor.idx ?? (by > 0 ? -1 : xs.length)) + by));
    made.setCursor({ left: made.valToPos(xs[next] ?? 0, 'x'), top: made.height / 2 });
  };
  return (
    <div class="plot">
      <span class="plot-palette" ref={palette} aria-hidden="true">
        {['text', 'line', 'lost', ...Array.from({ length: inks }, (_, ink) => `ink-${ink}`)].map((name) => <i key={name} class={`plot-${name}`} />)}
      </span>
      <div
        ref={place} class="plot-canvas" role="img" aria-label={plotted.summary} tabIndex={0}
        onPointerMove={() => isKeyed && setKeyed(false)}
        onKeyDown={(event) => {
          const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (by === undefined) return;
          event.preventDefault();
          setKeyed(true);
          step(event.shiftKey ? by * 10 : by);
        }}
      />
      <p class="plot-reading figures" aria-live={isKeyed ? 'polite' : 'off'}>{readingOf(plotted, plot.current, at) || '\u00a0'}</p>
    </div>
  );
}

/** What stands at the cursor. */
function readingOf({ lines, xText, yText }: Plotted, plot: uPlot | null, at: number | null): string {
  const x = at === null ? undefined : plot?.data[0][at];
  if (!plot || x === undefined || at === null) return '';
  const values = lines.flatMap(({ label }, index) => {
    const y = plot.data[index + 1]?.[at];
    return typeof y === 'number' ? [`${label} ${yText(y)}`] : [];
  });
  return [xText(x), ...new Set(values)].join(' · ');
}

function optionsOf(current: { readonly current: Plotted }, colours: Colours, width: number, setAt: (at: number | null) => void): uPlot.Options {
  const axis = { stroke: colours.text, grid: { stroke: colours.line, width: 1 }, ticks: { stroke: colours.line, width: 1 }, font: '11px system-ui, sans-serif' };
  return {
    width, height,
    legend: { show: false },
    cursor: { sync: { key: current.current.sync }, drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
    scales: { x: { time: false, range: (_, min, max) => [...(current.current.zoom ?? wide(min, max))] } },
    axes: [
      { ...axis, values: (_, splits) => splits.map((x) => current.current.xText(x)), space: 90 },
      { ...axis, values: (_, splits) => splits.map((y) => current.current.yText(y)), size: 64 },
    ],
    series: [{}, ...current.current.lines.map((line): uPlot.Series => strokeOf(line, colours, current.current.lines.length > wideLines ? 1 / devicePixelRatio : 1.5))],
    hooks: {
      drawClear: [(plot) => drawShades(plot, current.current.shades ?? [], colours)],
      draw: [(plot) => (drawWalls(plot, current.current.walls ?? [], colours), drawMarks(plot, current.current.marks ?? [], colours))],
      setCursor: [(plot) => setAt(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          const { left, width: selected } = plot.select;
          if (selected < narrowPx) return;
          current.current.setZoom([plot.posToVal(left, 'x'), plot.posToVal(left + selected, 'x')]);
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

function strokeOf({ label, ink, isDashed = false }: PlotLine, colours: Colours, width: number): uPlot.Series {
  const round = Math.floor(ink / inks);
  return { label, stroke: isDashed ? colours.lost : (colours.inks[ink % inks] ?? colours.text), width, spanGaps: false, ...(isDashed ? { dash: [4, 4] } : round > 0 && { dash: [10, 3 * round] }) };
}

/** One point has room, too. */
function wide(min: number | null, max: number | null): [number, number] {
  const [from, to] = [min ?? 0, max ?? 1];
  return from < to ? [from, to] : [from - 1, to + 1];
}

/** As the tokens are in this theme: a canvas knows no custom properties. */
function coloursOf(palette: HTMLElement | null): Colours {
  const [text = '#777', line = '#777', lost = '#777', ...rest] = [...(palette?.children ?? [])].map((one) => getComputedStyle(one).color);
  return { text, line, lost, inks: rest };
}

const dark = window.matchMedia('(prefers-color-scheme: dark)');

function useDark(): boolean {
  const [isDark, setDark] = useState(dark.matches);
  useEffect(() => {
    const follow = () => setDark(dark.matches);
    dark.addEventListener('change', follow);
    return () => dark.removeEventListener('change', follow);
  }, []);
  return isDark;
}

/** At once, and then no sooner than that. */
function useThrottled(act: () => void, of: readonly unknown[]): void {
  const latest = useRef({ act, at: 0, timer: 0 });
  latest.current.act = act;
  useEffect(() => {
    const { at, timer } = latest.current;
    window.clearTimeout(timer);
    const now = performance.now();
    const run = () => ((latest.current.at = performance.now()), latest.current.act());
    if (now - at >= redrawMs) run();
    else latest.current.timer = window.setTimeout(run, redrawMs - (now - at));
  }, [...of]);
  useEffect(() => () => window.clearTimeout(latest.current.timer), []);
}
