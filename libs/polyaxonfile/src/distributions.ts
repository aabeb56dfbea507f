// Which values may a searched param take, and how may a polyaxonfile say so?
import { isMapping, type Json, type JsonMapping } from './json.ts';
import { anything, listOf, schemaOf, section, shape, type Place, type Shape } from './shapes.ts';

/** Type aliases, not interfaces: what is stored in events has to be plain JSON, and only an alias shows that it is. */
type Steps = { readonly start: number; readonly stop: number; readonly step: number };
type Spaced = { readonly start: number; readonly stop: number; readonly num: number };
type Between = { readonly low: number; readonly high: number };
type Around = { readonly loc: number; readonly scale: number };
type Multiples = { readonly q: number };

/** In their normal form: `0:1` and `[0, 1]` have become `{low: 0, high: 1}`. */
export type Distributions = {
  readonly values: readonly Json[];
  /** Each with its probability. */
  readonly pvalues: readonly (readonly [value: Json, probability: number])[];
  /** `stop` is left out. */
  readonly range: Steps;
  readonly linspace: Spaced;
  /** From base ** start to base ** stop; base 10 when absent. */
  readonly logspace: Spaced & { readonly base?: number };
  readonly geomspace: Spaced;
  readonly uniform: Between;
  readonly quniform: Between & Multiples;
  /** From e ** low to e ** high. */
  readonly loguniform: Between;
  readonly qloguniform: Between & Multiples;
  readonly normal: Around;
  readonly qnormal: Around & Multiples;
  /** e to the power of a normal one. */
  readonly lognormal: Around;
  readonly qlognormal: Around & Multiples;
};
export type DistributionKind = keyof Distributions;
/** Exactly one of them. */
export type Distribution = { [Kind in DistributionKind]: { readonly [Only in Kind]: Distributions[Kind] } }[DistributionKind];

/** Values that can be counted, each as good as the other: all that grid search can take. */
export const countedKinds = ['values', 'range', 'linspace', 'logspace', 'geomspace'] as const satisfies readonly DistributionKind[];

const aroundOneBy = 0.01;
/** e to the power of more is no number any more. */
const largestExponent = 700;
const pythonNumber = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

type Numbers = Readonly<Record<string, number>>;
type Check = (numbers: Numbers) => string | undefined;

const numberOf = (value: Json | undefined): number | undefined => {
  const number = typeof value === 'string' && pythonNumber.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
};

/** `start:stop:step`, `[start, stop, step]` or `{start: ..., stop: ..., step: ...}`. What is optional comes last, and only `kept` of it means anything to us. */
function numbers(required: readonly string[], check: Check, { optional = [], kept = optional }: { optional?: readonly string[]; kept?: readonly string[] } = {}): Shape {
  const names = [...required, ...optional];
  const forms = `"${required.join(':')}", [${required.join(', ')}] or a mapping of ${required.join(', ')}`;
  const aNumber = { anyOf: [{ type: 'number' }, { type: 'string', pattern: pythonNumber.source }] };
  const says = {
    anyOf: [
      { type: 'string', pattern: `^[^:]+(:[^:]+){${required.length - 1},${names.length - 1}}$` },
      { type: 'array', items: aNumber, minItems: required.length, maxItems: names.length },
      { type: 'object', properties: Object.fromEntries(names.map((name) => [name, aNumber])), required, additionalProperties: false },
    ],
  };
  return shape(says, (value, place) => {
    const listed = typeof value === 'string' ? value.split(':') : Array.isArray(value) ? (value as readonly Json[]) : undefined;
    if (listed && (listed.length < required.length || listed.length > names.length)) return place.expected(forms, value);
    if (!listed && !isMapping(value)) return place.expected(forms, value);
    const given: JsonMapping = listed ? Object.fromEntries(listed.map((one, index) => [names[index] as string, one])) : (value as JsonMapping);
    const read = (name: string): Shape => (one, where) => {
      const problem = listed ? place.expected.bind(place, `numbers in ${forms}`) : where.expected.bind(where, `a number as ${name}`);
      return numberOf(one) ?? problem(one);
    };
    const checked = section(Object.fromEntries(names.map((name) => [name, read(name)])), { required })(given, place) as JsonMapping;
    if (names.some((name) => Object.hasOwn(checked, name) && typeof checked[name] !== 'number') || required.some((name) => !Object.hasOwn(checked, name))) return value;
    const problem = check(checked as Numbers);
    return problem ? place.wrong(problem) : Object.fromEntries([...required, ...kept].filter((name) => Object.hasOwn(checked, name)).map((name) => [name, checked[name] as number]));
  });
}

const ordered = (less: string, more: string): Check => (read) =>
  (read[less] as number) < (read[more] as number) ? undefined : `expected ${less} to be less than ${more}, found ${read[less]} and ${read[more]}`;
const positive = (name: string): Check => (read) => ((read[name] as number) > 0 ? undefined : `expected ${name} to be more than 0, found ${read[name]}`);
const whole = (name: string): Check => (read) =>
  Number.isSafeInteger(read[name]) && (read[name] as number) >= 1 ? undefined : `expected ${name} to be a whole number from 1, found ${read[name]}`;
const all = (...checks: readonly Check[]): Check => (read) => checks.map((check) => check(read)).find((problem) => problem !== undefined);
const exponents = (...names: readonly string[]): Check => (read) => {
  const tooMuch = names.find((name) => (read[name] as number) > largestExponent);
  return tooMuch && `${tooMuch} is an exponent of e; expected at most ${largestExponent}, found ${read[tooMuch]}`;
};
/** Rounding may not leave the bounds, so there has to be something to round to. */
const multipleBetween = (bound: (exponent: number) => number): Check => (read) => {
  const [low, high, q] = [bound(read.low as number), bound(read.high as number), read.q as number];
  const times = (limit: number) => Number((limit / q).toPrecision(14));
  return Math.floor(times(high)) >= Math.ceil(times(low)) ? undefined : `no multiple of ${q} lies between ${low} and ${high}`;
};
const sameSign: Check = (read) => ((read.start as number) * (read.stop as number) > 0 ? undefined : 'expected start and stop to be both above or both below 0');

const aPair = { type: 'array', items: [{}, { type: 'number', minimum: 0, maximum: 1 }], minItems: 2, maxItems: 2 };
const pair = shape(aPair, (value, place) => {
  const [, probability] = Array.isArray(value) && value.length === 2 ? (value as readonly Json[]) : [];
  return typeof probability === 'number' && probability >= 0 && probability <= 1 ? value : place.expected('a pair [value, probability], as in [0.1, 0.25]', value);
});
const pairs = nonEmpty(pair);
const probabilities = shape(() => schemaOf(pairs, false), (value, place) => {
  const checked = pairs(value, place);
  if (!Array.isArray(checked) || checked.some((one) => !Array.isArray(one))) return checked;
  const sum = (checked as readonly (readonly [Json, number])[]).reduce((total, [, probability]) => total + probability, 0);
  return Math.abs(sum - 1) > aroundOneBy ? place.wrong(`expected probabilities that sum up to 1, found ${Number(sum.toPrecision(6))}`) : checked;
});

function nonEmpty(item: Shape): Shape {
  const list = listOf(item);
  return shape(() => ({ ...schemaOf(list, false), minItems: 1 }), (value, place) => {
    return Array.isArray(value) && value.length === 0 ? place.wrong('expected at least one value, found none') : list(value, place);
  });
}

/** The original takes a size and never looks at it. */
const size = { optional: ['size'], kept: [] };
const spaced = (check: Check, optional: readonly string[] = []) => numbers(['start', 'stop', 'num'], all(ordered('start', 'stop'), whole('num'), check), { optional });
const between = (check: Check) => numbers(['low', 'high'], all(ordered('low', 'high'), check), size);
const multiplesBetween = (check: Check) => numbers(['low', 'high', 'q'], all(ordered('low', 'high'), positive('q'), check), size);
const around = (check: Check) => numbers(['loc', 'scale'], all(positive('scale'), check), size);
const multiplesAround = (check: Check) => numbers(['loc', 'scale', 'q'], all(positive('scale'), positive('q'), check), size);
const anyOfThem: Check = () => undefined;

const shapes: Readonly<Record<DistributionKind, Shape>> = {
  values: nonEmpty(anything),
  pvalues: probabilities,
  range: numbers(['start', 'stop', 'step'], all(ordered('start', 'stop'), positive('step'))),
  linspace: spaced(anyOfThem),
  logspace: spaced((read) => (read.base === undefined ? undefined : positive('base')(read)), ['base']),
  geomspace: spaced(sameSign),
  uniform: between(anyOfThem),
  quniform: multiplesBetween(multipleBetween((bound) => bound)),
  loguniform: between(exponents('low', 'high')),
  qloguniform: multiplesBetween(all(exponents('low', 'high'), multipleBetween(Math.exp))),
  normal: around(anyOfThem),
  qnormal: multiplesAround(anyOfThem),
  lognormal: around(exponents('loc')),
  qlognormal: multiplesAround(exponents('loc')),
};
const kinds = Object.keys(shapes) as readonly DistributionKind[];

export const distribution: Shape = section(shapes, { exactlyOneOf: kinds });

/** Of a distribution as it may have been written; undefined when it is none. */
export function kindOf(value: Json): DistributionKind | undefined {
  return isMapping(value) ? kinds.find((kind) => Object.hasOwn(value, kind) && value[kind] !== null) : undefined;
}

/** What a search demands of each distribution, told where the distribution stands. */
export function demandOfEach(matrix: JsonMapping, place: Place, allowed: readonly DistributionKind[], why: (kind: DistributionKind) => string): void {
  for (const [name, value] of Object.entries(matrix)) {
    const kind = kindOf(value);
    if (kind && !allowed.includes(kind)) place.within(matrix, name).wrong(why(kind));
  }
}
