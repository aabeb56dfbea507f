// Which lines are in the window, however many there are?

export const lineHeight = 20;
/** Browsers clamp an element at some 17 million pixels; beyond this the scroll bar is scaled. */
const heightMax = 15_000_000;

export interface Window {
  /** May lie between two lines. */
  readonly first: number;
  readonly count: number;
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

/** So that the line is a third from the top, where there is room. */
export function scrollTopFor(line: number, height: number, lines: number): number {
  const shown = height / lineHeight;
  const first = Math.min(Math.max(0, lines - shown), Math.max(0, line - shown / 3));
  return lines <= shown ? 0 : (first / (lines - shown)) * (heightOf(lines) - height);
}
