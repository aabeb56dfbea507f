// Where does a value of a param lie among all it can be, and what does a model see of it?
import { kindOf, type Distribution, type Json } from '#polyaxonfile';
import { counted, tidy } from './counted.ts';

/** A share goes from 0 to 1 through all values, in their order if they have one. */
export interface Axis {
  readonly name: string;
  /** null: it is none of its values. */
  readonly shareOf: (value: Json) => number | null;
  readonly valueAt: (share: number) => Json;
  /** Numbers by their place among all; anything else by a coordinate for each value, since none is nearer than another. */
  readonly coordinatesOf: (share: number) => readonly number[];
}

export function axisOf(name: string, distribution: Distribution): Axis {
  if ('uniform' in distribution) {
    const { low, high } = distribution.uniform;
    return {
      name,
      shareOf: (value) => (typeof value === 'number' ? (value - low) / (high - low) : null),
      valueAt: (share) => Math.min(Math.max(tidy(low + share * (high - low)), low), high),
      coordinatesOf: (share) => [share],
    };
  }
  if ('values' in distribution) {
    const { values } = distribution;
    if (!values.every((value) => typeof value === 'number')) return choice(name, values);
    const ordered = [...new Set(values)].sort((one, other) => one - other);
    return steps(name, ordered.length, (index) => ordered[index] as number);
  }
  const values = counted(distribution);
  if (!values) throw new Error(`${name}: bo can't search ${kindOf(distribution) ?? 'this'}: the polyaxonfile was not checked`);
  return steps(name, values.count, values.at as (index: number) => number);
}

/** Numbers that only go up. */
function steps(name: string, count: number, at: (index: number) => number): Axis {
  const indexAt = (share: number) => Math.min(Math.floor(share * count), count - 1);
  const nearest = (value: number) => {
    let [low, high] = [0, count - 1];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (at(middle) <= value) low = middle;
      else high = middle;
    }
    return Math.abs(at(high) - value) < Math.abs(at(low) - value) ? high : low;
  };
  return {
    name,
    shareOf: (value) => (typeof value === 'number' ? (nearest(value) + 0.5) / count : null),
    valueAt: (share) => at(indexAt(share)),
    coordinatesOf: (share) => [count === 1 ? 0 : indexAt(share) / (count - 1)],
  };
}

function choice(name: string, values: readonly Json[]): Axis {
  const different = [...new Set(values.map((value) => JSON.stringify(value)))];
  const indexAt = (share: number) => Math.min(Math.floor(share * different.length), different.length - 1);
  return {
    name,
    shareOf: (value) => {
      const index = different.indexOf(JSON.stringify(value));
      return index < 0 ? null : (index + 0.5) / different.length;
    },
    valueAt: (share) => JSON.parse(different[indexAt(share)] as string) as Json,
    coordinatesOf: (share) => different.map((_, index) => (index === indexAt(share) ? Math.SQRT1_2 : 0)),
  };
}
