// What may somebody have meant who mistyped a name?
import { distance } from 'fastest-levenshtein';

/** At most three, nearest first, none further than half of the name's length. */
export function closest(name: string, known: readonly string[]): string[] {
  return known
    .map((candidate) => ({ candidate, away: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, away }) => away <= Math.max(2, Math.ceil(Math.max(name.length, candidate.length) / 2)))
    .sort((a, b) => a.away - b.away || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
