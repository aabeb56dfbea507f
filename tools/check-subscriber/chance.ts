// Which chance can be had again, so that what was found once is found once more?
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformInt } from 'pure-rand/distribution/uniformInt';

export interface Chance {
  /** From 0 to `limit` - 1. */
  below(limit: number): number;
}

export function chanceOf(seed: number): Chance {
  const generator = xoroshiro128plus(seed);
  return { below: (limit) => uniformInt(generator, 0, limit - 1) };
}
