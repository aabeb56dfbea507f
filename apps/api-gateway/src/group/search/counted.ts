// Which values does a param have that can be counted, and what is each of them?
import type { Distribution, Json } from '#polyaxonfile';

export interface Counted {
  readonly count: number;
  /** Never listed: a range may have more values than fit in memory. */
  readonly at: (index: number) => Json;
}

/** null: there are too many to count, or they differ in their odds. */
export function counted(distribution: Distribution): Counted | null {
  if ('values' in distribution) return { count: distribution.values.length, at: (index) => distribution.values[index] as Json };
  if ('range' in distribution) {
    const { start, stop, step } = distribution.range;
    return { count: Math.ceil(tidy((stop - start) / step)), at: (index) => tidy(start + index * step) };
  }
  if ('linspace' in distribution) return spaced(distribution.linspace);
  if ('logspace' in distribution) {
    const { base = 10, ...exponents } = distribution.logspace;
    const { count, at } = spaced(exponents);
    return { count, at: (index) => tidy(base ** at(index)) };
  }
  if ('geomspace' in distribution) {
    const { start, stop, num } = distribution.geomspace;
    return { count: num, at: (index) => (num === 1 ? start : tidy(start * (stop / start) ** (index / (num - 1)))) };
  }
  return null;
}

function spaced({ start, stop, num }: { readonly start: number; readonly stop: number; readonly num: number }) {
  return { count: num, at: (index: number) => (num === 1 ? start : tidy(start + ((stop - start) * index) / (num - 1))) };
}

/** 0.3, not 0.30000000000000004: people read these in commands. */
export function tidy(value: number): number {
  return Number(value.toPrecision(14));
}
