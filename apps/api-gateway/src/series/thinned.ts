// Which of many points show the same curve?

import type { Reported } from '../views/metrics.ts';

/**
 * Their places, in order, at most about `most`: of each of equal stretches the lowest and the highest, so that no spike is lost, and one of each kind that is no finite number. The first and the last
 * are always there.
 */
export function thinned(values: readonly Reported[], most: number): number[] {
  const places: number[] = [];
  for (const [place, value] of values.entries()) if (value !== undefined && value !== null) places.push(place);
  if (places.length <= most) return places;
  const stretches = Math.max(1, Math.floor(most / 2));
  const kept = [places[0] as number];
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const [from, until] = [Math.floor((stretch * places.length) / stretches), Math.floor(((stretch + 1) * places.length) / stretches)];
    for (const place of outstanding(values, places, from, until)) if (place > (kept.at(-1) as number)) kept.push(place);
  }
  const last = places.at(-1) as number;
  if (last !== kept.at(-1)) kept.push(last);
  return kept;
}

/** In order; one may be there twice. */
function outstanding(values: readonly Reported[], places: readonly number[], from: number, until: number): number[] {
  const found: number[] = [];
  let kinds: Set<string> | undefined;
  let lowest: number | undefined;
  let highest: number | undefined;
  for (let index = from; index < until; index += 1) {
    const place = places[index] as number;
    const value = values[place];
    if (typeof value === 'string') {
      if (kinds?.has(value)) continue;
      (kinds ??= new Set()).add(value);
      found.push(place);
    } else if (typeof value === 'number') {
      if (lowest === undefined || value < (values[lowest] as number)) lowest = place;
      if (highest === undefined || value > (values[highest] as number)) highest = place;
    }
  }
  if (lowest !== undefined && highest !== undefined) found.push(lowest, highest);
  return found.sort((a, b) => a - b);
}
