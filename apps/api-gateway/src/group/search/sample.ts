// What does a search try when it leaves the choice to chance?
import type { Distribution, Distributions, Hptuning, Json } from '#polyaxonfile';
import { counted, tidy, type Counted } from './counted.ts';
import type { Random } from './random.ts';

export type Params = Readonly<Record<string, Json>>;

interface Drawn extends Counted {
  readonly draw: (random: Random) => number;
}
/** Without a count: any number may come. */
type Source = Drawn | { readonly count: null; readonly draw: (random: Random) => number };

const triesForNew = 100;

/** How many different combinations there are; Infinity when nobody can tell. */
export function combinations({ matrix }: Hptuning): number {
  return Object.values(matrix).reduce((product, distribution) => product * (sourceOf(distribution).count ?? Infinity), 1);
}

export function keyOf(params: Params): string {
  return JSON.stringify(Object.keys(params).sort().map((name) => [name, params[name]]));
}

/** As many as wanted, none twice and none that is `taken`; fewer when there are no more. */
export function sample(hptuning: Hptuning, wanted: number, random: Random, taken: ReadonlySet<string> = new Set()): readonly Params[] {
  const sources = Object.entries(hptuning.matrix).map(([name, distribution]) => ({ name, source: sourceOf(distribution) }));
  const chosen = new Map<string, Params>();
  const isNew = (params: Params) => !chosen.has(keyOf(params)) && !taken.has(keyOf(params));
  while (chosen.size < wanted) {
    const fresh = drawNew(sources, isNew, random, chosen.size + taken.size);
    if (!fresh) break;
    chosen.set(keyOf(fresh), fresh);
  }
  return [...chosen.values()];
}

/** When chance keeps coming back to what is known, whatever comes next in the order of the matrix is taken. */
function drawNew(sources: readonly { name: string; source: Source }[], isNew: (params: Params) => boolean, random: Random, known: number): Params | null {
  const paramsOf = (drawn: readonly number[]): Params =>
    Object.fromEntries(sources.map(({ name, source }, axis) => [name, source.count === null ? (drawn[axis] as number) : source.at(drawn[axis] as number)]));
  let drawn: number[] = [];
  for (let tries = 0; tries < triesForNew; tries++) {
    drawn = sources.map(({ source }) => source.draw(random));
    const params = paramsOf(drawn);
    if (isNew(params)) return params;
  }
  for (let steps = 0; steps <= known; steps++) {
    let axis = sources.length - 1;
    for (; axis >= 0; axis--) {
      const count = sources[axis]?.source.count ?? 1;
      drawn[axis] = ((drawn[axis] as number) + (count > 1 ? 1 : 0)) % (count > 1 ? count : Infinity);
      if (count > 1 && drawn[axis] !== 0) break;
    }
    const params = paramsOf(drawn);
    if (isNew(params)) return params;
  }
  return null;
}

function sourceOf(distribution: Distribution): Source {
  if ('values' in distribution) return evenly(distinct(distribution.values));
  if ('pvalues' in distribution) return weighted(distribution.pvalues);
  const values = counted(distribution);
  if (values) return evenly(values);
  return continuous(distribution);
}

function continuous(distribution: Distribution): Source {
  const raised = (low: number, high: number) => (random: Random) => clamped(Math.exp(between(low, high)(random)), Math.exp(low), Math.exp(high));
  if ('uniform' in distribution) return anyNumber(between(distribution.uniform.low, distribution.uniform.high));
  if ('loguniform' in distribution) return anyNumber(raised(distribution.loguniform.low, distribution.loguniform.high));
  if ('quniform' in distribution) {
    const { low, high, q } = distribution.quniform;
    return multiples(low, high, q, between(low, high));
  }
  if ('qloguniform' in distribution) {
    const { low, high, q } = distribution.qloguniform;
    return multiples(Math.exp(low), Math.exp(high), q, raised(low, high));
  }
  if ('normal' in distribution) return anyNumber(around(distribution.normal));
  if ('lognormal' in distribution) return anyNumber(raisedAround(distribution.lognormal));
  if ('qnormal' in distribution) return anyMultiple(distribution.qnormal.q, around(distribution.qnormal));
  if ('qlognormal' in distribution) return anyMultiple(distribution.qlognormal.q, raisedAround(distribution.qlognormal));
  throw new Error(`no such distribution: ${Object.keys(distribution).join()}`);
}

const evenly = ({ count, at }: Counted): Drawn => ({ count, at, draw: (random) => random.below(count) });

function distinct(values: readonly Json[]): Counted {
  const different = [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
  return { count: different.length, at: (index) => different[index] as Json };
}

function weighted(pvalues: Distributions['pvalues']): Drawn {
  const possible = pvalues.filter(([, probability]) => probability > 0);
  const total = possible.reduce((sum, [, probability]) => sum + probability, 0);
  const draw = (random: Random) => {
    let left = random.fraction() * total;
    const index = possible.findIndex(([, probability]) => (left -= probability) < 0);
    return index < 0 ? possible.length - 1 : index;
  };
  return { count: possible.length, at: (index) => possible[index]?.[0] ?? null, draw };
}

const between = (low: number, high: number) => (random: Random) => clamped(low + random.fraction() * (high - low), low, high);
const around = ({ loc, scale }: Distributions['normal']) => (random: Random) => tidy(loc + scale * random.normal());
const raisedAround = (normal: Distributions['lognormal']) => (random: Random) => tidy(Math.min(Math.exp(around(normal)(random)), Number.MAX_VALUE));
const anyNumber = (draw: (random: Random) => number): Source => ({ count: null, draw });
const anyMultiple = (q: number, draw: (random: Random) => number) => anyNumber((random) => multiple(Math.round(draw(random) / q), q));
/** Never -0, which is written differently by everybody. */
const multiple = (times: number, q: number) => tidy(times * q) + 0;

/** Multiples of q that lie between the bounds, each as probable as what is rounded to it. */
function multiples(low: number, high: number, q: number, draw: (random: Random) => number): Drawn {
  const [first, last] = [Math.ceil(tidy(low / q)), Math.floor(tidy(high / q))];
  return { count: last - first + 1, at: (index) => multiple(first + index, q), draw: (random) => Math.min(Math.max(Math.round(draw(random) / q), first), last) - first };
}

function clamped(value: number, low: number, high: number): number {
  return Math.min(Math.max(tidy(value), low), high);
}
