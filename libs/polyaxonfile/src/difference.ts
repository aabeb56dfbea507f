// What would an override change?
import type { Difference } from '#contracts';
import { isMapping, same, type JsonMapping } from './json.ts';
import { withParams } from './override.ts';
import type { RawSpecification } from './parse.ts';

/** Key by key, in the order of the file; a list or scalar is one thing, as it is for an override. */
export function difference(before: RawSpecification, after: RawSpecification): Difference[] {
  return [...differences(withParams(before), withParams(after), '')];
}

function* differences(before: JsonMapping, after: JsonMapping, within: string): Generator<Difference> {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const path = within ? `${within}.${key}` : key;
    const was = Object.hasOwn(before, key) ? before[key] : undefined;
    const is = Object.hasOwn(after, key) ? after[key] : undefined;
    if (was === undefined) yield { path, change: 'added', after: is };
    else if (is === undefined) yield { path, change: 'removed', before: was };
    else if (isMapping(was) && isMapping(is)) yield* differences(was, is, path);
    else if (!same(was, is)) yield { path, change: 'changed', before: was, after: is };
  }
}
