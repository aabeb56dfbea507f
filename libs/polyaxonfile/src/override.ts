// What does a polyaxonfile become under its overrides?
import { isMapping, type Json, type JsonMapping } from './json.ts';
import type { Override, RawSpecification } from './parse.ts';

/** Mappings merge, lists and scalars replace, null removes. Later patches win; doing it twice changes nothing more. */
export function override(raw: RawSpecification, ...patches: readonly Override[]): RawSpecification {
  return patches.reduce<RawSpecification>((merged, patch) => mergeMappings(merged, withParams(patch)), withParams(raw));
}

/** `declarations` is the old name of `params`: a patch of one changes the other. */
export function withParams(raw: JsonMapping): JsonMapping {
  if (!Object.hasOwn(raw, 'declarations')) return raw;
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name === 'declarations' ? 'params' : name, value]));
}

function merge(base: Json | undefined, patch: Json): Json {
  return isMapping(patch) ? mergeMappings(isMapping(base) ? base : {}, patch) : patch;
}

function mergeMappings(base: JsonMapping, patch: JsonMapping): JsonMapping {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, merge(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}
