// What can a list be searched and sorted by? Each list names its fields; what they mean is the same for all.
import { closest } from '../views/closest.ts';
import { unreadable } from './parse-query.ts';

/**
 * integer: a number or the last part of a unique name. word: case doesn't matter. revision: its first digits are enough. flag: true or false.
 * never: there is none yet, so it is always nil.
 */
export type Kind = 'integer' | 'number' | 'text' | 'word' | 'revision' | 'time' | 'tags' | 'flag' | 'never';

/** Of the row itself; `sql` is over its alias `t`. */
export interface Field {
  readonly kind: Kind;
  readonly sql: string;
  /** Never null: sorting needs no place for those without a value. */
  readonly required?: boolean;
  readonly example: string;
}

/**
 * What a row has any number of, by name, in a table of its own: (`owner`, project_id, name, ...). measures have a `value`, null for NaN; parameters have a `number` when
 * they are one, and always a `text`. The rows go when their owner is deleted, so that a search by them alone needs no look at it.
 */
export interface Side {
  readonly kind: 'measure' | 'parameter';
  readonly table: string;
  readonly owner: string;
  readonly example: string;
}

export interface Searchable {
  /** With its schema; has `id`, `project_id` and `deleted`. */
  readonly table: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** By what stands before the dot: `metrics`. */
  readonly sides: Readonly<Record<string, Side>>;
}

export type Found = { readonly field: Field } | { readonly side: Side; readonly name: string };

/** Longer names and texts are found by their beginning: an index takes no more. */
export const indexedLength = 200;

/** Case doesn't matter in names of fields, only in what stands behind the dot. */
export function findField(searchable: Searchable, name: string, at: number): Found {
  const { fields, sides } = searchable;
  const lower = name.toLowerCase();
  const field = Object.hasOwn(fields, lower) ? fields[lower] : undefined;
  if (field) return { field };
  const dot = name.indexOf('.');
  const prefix = dot < 0 ? '' : lower.slice(0, dot).trim();
  const side = Object.hasOwn(sides, prefix) ? sides[prefix] : undefined;
  const inside = name.slice(dot + 1).trim();
  if (side && inside !== '') return { side, name: inside.slice(0, indexedLength) };
  throw unknownField(searchable, name, at);
}

function unknownField({ fields, sides }: Searchable, name: string, at: number) {
  const prefixes = Object.keys(sides).map((prefix) => `${prefix}.*`);
  const prefix = /^([^.]*)\./.exec(name)?.[1];
  const near = closest(prefix === undefined ? name : `${prefix}.*`, [...Object.keys(fields), ...prefixes])[0];
  const known = [...Object.keys(fields), ...prefixes].join(', ');
  const such = near === undefined ? undefined : near.endsWith('.*') ? sides[near.slice(0, -2)]?.example : fields[near]?.example;
  return unreadable(at, `there is no field ${JSON.stringify(name.slice(0, 100))}${near ? `, did you mean ${near}?` : ''} Known are ${known}`, such);
}
