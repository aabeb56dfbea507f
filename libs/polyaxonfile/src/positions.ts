// Where in its file is what a path names?
import { entryOf, isMapping, type Json, type JsonMapping } from './json.ts';
import type { Lines, Position } from './problems.ts';

const known = new WeakMap<JsonMapping, Lines>();

export function rememberPositions(specification: JsonMapping, lines: Lines): void {
  known.set(specification, lines);
}

/** Of the innermost part of `environment.secret_refs[0]` that was written down; undefined: this is not as it was read, or it is not there. */
export function positionOf(specification: JsonMapping, path: string): Position | undefined {
  const lines = known.get(specification);
  let holder: Json | undefined = specification;
  let position: Position | undefined;
  for (const segment of path.match(/[^.[\]]+/g) ?? []) {
    if (!lines || typeof holder !== 'object' || holder === null) break;
    const name: string = holder === specification && segment === 'params' && !Object.hasOwn(specification, 'params') ? 'declarations' : segment;
    const key: string | number = Array.isArray(holder) ? Number(name) : name;
    position = lines.get(holder)?.get(key) ?? position;
    holder = Array.isArray(holder) ? (holder as readonly Json[])[Number(name)] : isMapping(holder) ? entryOf(holder, name) : undefined;
  }
  return position;
}
