// What is drawn behind and over the lines?
import type uPlot from 'uplot';
import type { PlotMark } from './columns.ts';

export interface Colours {
  readonly text: string;
  readonly line: string;
  readonly lost: string;
  readonly inks: readonly string[];
}

/** What was done twice, behind the lines: hatched, so that it is no colour alone. */
export function drawShades(plot: uPlot, shades: readonly (readonly [number, number])[], { lost }: Colours): void {
  for (const shade of shades) {
    const [left, right] = shade.map((x) => within(plot, plot.valToPos(x, 'x', true))) as [number, number];
    if (right <= left) continue;
    inside(plot, left, right - left, (context, { top, height }) => {
      context.fillStyle = lost;
      context.globalAlpha = 0.12;
      context.fillRect(left, top, right - left, height);
      context.globalAlpha = 0.4;
      context.strokeStyle = lost;
      context.lineWidth = 1;
      context.beginPath();
      for (let x = left - height; x < right; x += 10 * devicePixelRatio) {
        context.moveTo(x, top + height);
        context.lineTo(x + height, top);
      }
      context.stroke();
    });
  }
}

export interface Wall {
  readonly x: number;
  readonly label: string;
  /** Of what was given to go on from: it is known that it was read; without it nothing was given. */
  readonly isProven?: boolean;
}

/** Where something was loaded stands a triangle, filled when that is proven. */
export function drawWalls(plot: uPlot, walls: readonly Wall[], { text }: Colours): void {
  const { top, height, left: edge, width } = plot.bbox;
  for (const { x, label, isProven } of walls) {
    const left = Math.round(plot.valToPos(x, 'x', true));
    if (left < edge || left > edge + width) continue;
    inside(plot, edge, width, (context) => {
      context.strokeStyle = context.fillStyle = text;
      context.lineWidth = devicePixelRatio;
      context.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
      context.beginPath();
      context.moveTo(left, top);
      context.lineTo(left, top + height);
      context.stroke();
      context.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
      const fits = left + context.measureText(label).width + 8 < edge + width;
      context.textAlign = fits ? 'left' : 'right';
      context.fillText(label, left + (fits ? 4 : -4) * devicePixelRatio, top + 12 * devicePixelRatio);
      if (isProven === undefined) return;
      const [size, foot] = [5 * devicePixelRatio, top + height - 2 * devicePixelRatio];
      context.setLineDash([]);
      context.beginPath();
      context.moveTo(left - size, foot);
      context.lineTo(left + size, foot);
      context.lineTo(left, foot - 1.8 * size);
      context.closePath();
      if (isProven) context.fill();
      else context.stroke();
    });
  }
}

/** NaN and infinite values have no place on the scale: they stand at its edges, with a shape for each. */
export function drawMarks(plot: uPlot, marks: readonly PlotMark[], { lost }: Colours): void {
  const { top, height, left: edge, width } = plot.bbox;
  const size = 4 * devicePixelRatio;
  inside(plot, edge, width, (context) => {
    context.strokeStyle = context.fillStyle = lost;
    context.lineWidth = 2 * devicePixelRatio;
    for (const { x, value } of marks) {
      const left = plot.valToPos(x, 'x', true);
      const middle = value === 'inf' ? top + 2 * size : top + height - 2 * size;
      context.beginPath();
      if (value === 'nan') {
        context.moveTo(left - size, middle - size);
        context.lineTo(left + size, middle + size);
        context.moveTo(left + size, middle - size);
        context.lineTo(left - size, middle + size);
        context.stroke();
        continue;
      }
      const tip = value === 'inf' ? -size : size;
      context.moveTo(left - size, middle - tip);
      context.lineTo(left + size, middle - tip);
      context.lineTo(left, middle + tip);
      context.fill();
    }
  });
}

function inside(plot: uPlot, left: number, width: number, draw: (context: CanvasRenderingContext2D, box: uPlot.BBox) => void): void {
  const { ctx: context, bbox } = plot;
  context.save();
  context.beginPath();
  context.rect(left, bbox.top, width, bbox.height);
  context.clip();
  draw(context, bbox);
  context.restore();
}

function within({ bbox: { left, width } }: uPlot, x: number): number {
  return Math.min(left + width, Math.max(left, x));
}
