// Which of all hits is the reader at, and on which page of them is the next one?

export const hitsAPage = 200;

/** The first one on, round and round; `at` is -1 before the first step. */
export function stepTo(at: number, by: 1 | -1, count: number): number {
  if (count === 0) return -1;
  if (at < 0) return by === 1 ? 0 : count - 1;
  return (at + by + count) % count;
}

export function pageOf(hit: number): number {
  return Math.floor(hit / hitsAPage);
}

/** Text around the places where a plain search is found; every second part is one. An expression is for the platform alone: here it could hold up the page. */
export function partsAround(text: string, wanted: string, matchesCase: boolean): readonly string[] {
  if (wanted === '') return [text];
  return text.split(new RegExp(`(${wanted.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')})`, matchesCase ? '' : 'i'));
}
