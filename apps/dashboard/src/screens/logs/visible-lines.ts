// Which lines are in the window, however many there are?

export const lineHeight = 20;
/** Browsers clamp an element at some 17 million pixels; beyond this the scroll bar is scaled. */
const heightMax = 15_000_000;

export interface Window {
  /** May lie between two lines. */
  readonly first: number;
  readonly count: number;
}

/** How high lines are isn't known when they wrap: from one line to the next one is then as far as if they didn't, and the last one can be scrolled to the edge. */
export interface Wrapped {
  /** Lines above the edge, of which the last one ends there; then those below it. */
  readonly first: number;
  readonly edge: number;
  readonly last: number;
  /** Where the edge is in the window, in pixels from its top. */
  readonly edgeTop: number;
}

export function heightOf(lines: number): number {
  return Math.min(lines * lineHeight, heightMax);
}

export function visibleLines(scrollTop: number, height: number, lines: number): Window {
  const shown = height / lineHeight;
  const travel = heightOf(lines) - height;
  const part = travel <= 0 ? 0 : Math.min(1, Math.max(0, scrollTop / travel));
  const first = part * Math.max(0, lines - shown);
  return { first, count: Math.min(Math.ceil(shown) + 1, lines - Math.floor(first)) };
}

/** The edge goes down through the window as far as the reader has come through the log: at the beginning all lines are below it, at the end all are above. So each one can be seen, however high they are. */
export function wrappedLines(scrollTop: number, height: number, lines: number): Wrapped {
  const part = lines === 0 ? 0 : Math.min(1, Math.max(0, scrollTop / heightOf(lines)));
  const edge = Math.min(lines, Math.round(part * lines));
  const shown = Math.ceil(height / lineHeight) + 1;
  return { first: Math.max(0, edge - shown), edge, last: Math.min(lines, edge + shown), edgeTop: part * height };
}

/** So that the line is a third from the top, where there is room. */
export function scrollTopFor(line: number, height: number, lines: number): number {
  const shown = height / lineHeight;
  const first = Math.min(Math.max(0, lines - shown), Math.max(0, line - shown / 3));
  return lines <= shown ? 0 : (first / (lines - shown)) * (heightOf(lines) - height);
}

/** So that the line is the first one below the edge. */
export function wrappedScrollTopFor(line: number, lines: number): number {
  return lines === 0 ? 0 : (Math.min(line, lines) / lines) * heightOf(lines);
}
