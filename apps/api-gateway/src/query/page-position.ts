// From where does a page of a list go on? A position in the order, which stays where it is while rows come and go.
import { createHash } from 'node:crypto';
import { Refusal } from '#decider';
import type { Rows } from './rows-of.ts';
import type { Statement } from './statement.ts';

export interface Position {
  /** The page ends before it, instead of beginning behind it. */
  readonly before: boolean;
  /** Which segment of the search it is in. */
  readonly segment: number;
  /** The keys of the row there, as Postgres writes them. */
  readonly keys: readonly (string | null)[];
  readonly id: number;
}

/** Opaque to everybody else; good for the very search it came from. */
export function writePosition({ before, segment, keys, id }: Position, search: string): string {
  return Buffer.from(JSON.stringify([fingerprint(search), before ? 1 : 0, segment, id, ...keys])).toString('base64url');
}

export function readPosition(cursor: string, search: string): Position {
  const parsed = parse(cursor);
  if (!Array.isArray(parsed)) throw foreign();
  const [of, before, segment, id, ...keys] = parsed as unknown[];
  const isKey = (key: unknown): key is string | null => key === null || typeof key === 'string';
  if (of !== fingerprint(search) || (before !== 0 && before !== 1) || (segment !== 0 && segment !== 1) || !Number.isSafeInteger(id) || !keys.every(isKey)) throw foreign();
  return { before: before === 1, segment, keys, id: id as number };
}

export function foreign(): Refusal {
  return new Refusal('request-invalid', 'the cursor is of another search: take the address in `next` as it is, or leave the cursor out', 'polyaxon project experiments --page 1');
}

/** The id follows the direction of the last key; newest first without any. */
export function idDescends({ orderedBy }: Pick<Rows, 'orderedBy'>): boolean {
  return orderedBy.at(-1)?.descending ?? true;
}

/** `backwards` is the same order from its end. */
export function orderSql(rows: Rows, backwards: boolean): string {
  const keys = rows.orderedBy.map(({ sql, descending, nullable }) => `${sql} ${descending !== backwards ? 'DESC' : 'ASC'}${nullable ? (backwards ? ' NULLS FIRST' : ' NULLS LAST') : ''}`);
  return [...keys, `${rows.id} ${idDescends(rows) !== backwards ? 'DESC' : 'ASC'}`].join(', ');
}

/** Behind the position in the order of `orderSql`; rows without a value are behind all others. */
export function beyondSql(rows: Rows, { keys, id, before }: Position, statement: Statement): string {
  if (keys.length !== rows.orderedBy.length) throw foreign();
  const places = rows.orderedBy.map(({ type }, index) => (keys[index] === null ? null : statement.bind(keys[index], type)));
  const place = statement.bind(id, 'integer');
  const further = (descending: boolean) => (descending !== before ? '<' : '>');
  const isUniform = rows.orderedBy.every(({ nullable, descending }) => !nullable && descending === idDescends(rows));
  if (isUniform) return `(${[...rows.orderedBy.map(({ sql }) => sql), rows.id].join(', ')}) ${further(idDescends(rows))} (${[...places, place].join(', ')})`;
  let beyond = `${rows.id} ${further(idDescends(rows))} ${place}`;
  for (const [index, { sql, descending, nullable }] of [...rows.orderedBy.entries()].reverse()) {
    const there = places[index] as string | null;
    const same = there === null ? `${sql} IS NULL` : `${sql} = ${there}`;
    const next = there === null ? (before ? `${sql} IS NOT NULL` : 'false') : `${sql} ${further(descending)} ${there}${nullable && !before ? ` OR ${sql} IS NULL` : ''}`;
    beyond = `(${next} OR (${same} AND ${beyond}))`;
  }
  return beyond;
}

function fingerprint(search: string): string {
  return createHash('sha256').update(search).digest('base64url').slice(0, 10);
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown;
  } catch {
    return null;
  }
}
