// Which lines does a link point at?

/** From 0; in links they are counted from 1, as people do. */
export interface Marked {
  readonly first: number;
  readonly last: number;
}

export function markedIn(hash: string): Marked | null {
  const [, from, to] = /^#L([1-9]\d{0,9})(?:-L?([1-9]\d{0,9}))?$/.exec(hash) ?? [];
  if (from === undefined) return null;
  const ends = [Number(from) - 1, Number(to ?? from) - 1].sort((a, b) => a - b) as [number, number];
  return { first: ends[0], last: ends[1] };
}

/** What somebody writes who wants to see lines: `48213`, or `10-20`. */
export function markedBy(text: string, lines: number): Marked | null {
  const marked = markedIn(`#L${text.replaceAll(/[\s,]/g, '').replace('–', '-')}`);
  if (!marked || lines === 0) return null;
  return { first: Math.min(marked.first, lines - 1), last: Math.min(marked.last, lines - 1) };
}

export function markText({ first, last }: Marked): string {
  return first === last ? `#L${first + 1}` : `#L${first + 1}-L${last + 1}`;
}
