// What may a polyaxonfile hold, once it is read?

/** Whatever JSON can write; numbers are finite. */
export type Json = string | number | boolean | null | readonly Json[] | JsonMapping;
export interface JsonMapping {
  readonly [key: string]: Json;
}

export function isMapping(value: unknown): value is JsonMapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reading a mapping by a name from outside: `constructor` is no key unless somebody wrote it. */
export function entryOf(mapping: JsonMapping, key: string): Json | undefined {
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}

/** JSON has no number for these, and rounding a seed would change an experiment silently: they stay the text Python would print. */
export function jsonNumber(value: number, digits: string): number | string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Number.isInteger(value) && !Number.isSafeInteger(value) && /^[-+]?\d+$/.test(digits) ? digits.replace(/^\+/, '') : value;
}

function sameItems(one: readonly Json[], other: Json): boolean {
  if (!Array.isArray(other) || other.length !== one.length) return false;
  const others = other as readonly Json[];
  return one.every((item, index) => same(item, others[index] as Json));
}

export function same(one: Json, other: Json): boolean {
  if (Array.isArray(one)) return sameItems(one, other);
  if (!isMapping(one)) return one === other;
  if (!isMapping(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && same(one[key] as Json, other[key] as Json));
}
