// Which rows are on a page of a list, and how many are there in all?
import type { Pool } from 'pg';
import type { Searchable } from './fields.ts';
import { beyondSql, foreign, orderSql, readPosition, writePosition, type Position } from './page-position.ts';
import { parseQuery, type Condition } from './parse-query.ts';
import { parseSort } from './parse-sort.ts';
import { rowsOf, segmentsOf, type Search, type Segment } from './rows-of.ts';
import { Statement } from './statement.ts';

export interface Asked {
  /** `status: running|failed, metrics.loss: <=0.1` */
  readonly query?: string;
  /** `-metrics.loss, started_at`; newest first without it. */
  readonly sort?: string;
  readonly limit: number;
  /** How many rows come before; counted from the beginning unless there is a cursor. */
  readonly offset: number;
  /** Of `next` or `previous`: the page begins there, whatever has come or gone before it. */
  readonly cursor?: string;
}

export interface Listed {
  readonly count: number;
  readonly ids: readonly number[];
  /** Null: there is nothing to go on from. */
  readonly next: string | null;
  readonly previous: string | null;
}

interface Placed {
  readonly id: number;
  readonly segment: number;
  readonly keys: readonly (string | null)[];
}

export class Listing {
  constructor(private readonly pool: Pool) {}

  /** `scope` are conditions that come with the address; a search that can't be read is refused. */
  async page(searchable: Searchable, projectId: number, asked: Asked, scope: readonly Condition[] = []): Promise<Listed> {
    const search: Search = { searchable, projectId, conditions: [...scope, ...parseQuery(asked.query ?? '')], keys: parseSort(asked.sort ?? '') };
    const of = JSON.stringify([searchable.table, projectId, search.conditions, search.keys]);
    const position = asked.cursor === undefined ? null : readPosition(asked.cursor, of);
    const [count, placed] = await Promise.all([this.#count({ ...search, keys: [] }, 'all'), this.#placed(search, asked, position)]);
    const cursorOf = (row: Placed | undefined, before: boolean) => (row ? writePosition({ ...row, before }, of) : null);
    return { count, ids: placed.map(({ id }) => id), next: cursorOf(placed.at(-1), false), previous: cursorOf(placed[0], true) };
  }

  async #placed(search: Search, { limit, offset }: Asked, position: Position | null): Promise<Placed[]> {
    const segments = segmentsOf(search);
    if (position && position.segment >= segments.length) throw foreign();
    const backwards = position?.before ?? false;
    const order = segments.map((_, index) => index).filter((index) => !position || (backwards ? index <= position.segment : index >= position.segment));
    if (backwards) order.reverse();
    const placed: Placed[] = [];
    let skip = position ? 0 : offset;
    for (const [turn, index] of order.entries()) {
      const segment = segments[index] as Segment;
      const found = await this.#read(search, segment, { limit: limit - placed.length, skip, from: position?.segment === index ? position : null, backwards });
      placed.push(...found.map((row) => ({ ...row, segment: index })));
      if (placed.length === limit || turn === order.length - 1) break;
      skip = found.length > 0 || skip === 0 ? 0 : Math.max(0, skip - (await this.#count(search, segment)));
    }
    return backwards ? placed.reverse() : placed;
  }

  async #read(search: Search, segment: Segment, { limit, skip, from, backwards }: { limit: number; skip: number; from: Position | null; backwards: boolean }): Promise<Omit<Placed, 'segment'>[]> {
    const { text, values, keys } = pageStatement(search, segment, { limit, skip, from, backwards });
    const { rows } = await this.pool.query<Record<string, string | null> & { id: number }>({ text, values }).catch((error: Error & { code?: string }) => {
      throw from && error.code?.startsWith('22') ? foreign() : error; // what it holds is no value of its key
    });
    return rows.map((row) => ({ id: row.id, keys: Array.from({ length: keys }, (_, index) => row[`key_${index}`] ?? null) }));
  }

  async #count(search: Search, segment: Segment): Promise<number> {
    const { text, values } = countStatement(search, segment);
    const { rows } = await this.pool.query<{ count: number }>({ text, values });
    return rows[0]?.count ?? 0;
  }
}

/** Nothing of what a user wrote is in the text: only names of columns, and places for values. */
export function pageStatement(search: Search, segment: Segment, { limit, skip, from, backwards }: { limit: number; skip: number; from: Position | null; backwards: boolean }) {
  const statement = new Statement();
  const rows = rowsOf(search, segment, statement);
  const where = [...rows.where, ...(from ? [beyondSql(rows, from, statement)] : [])];
  const keys = rows.orderedBy.map(({ sql }, index) => `, (${sql})::text AS key_${index}`).join('');
  const text = `SELECT ${rows.id} AS id${keys} FROM ${rows.from} WHERE ${where.join(' AND ')}
    ORDER BY ${orderSql(rows, backwards)} LIMIT ${statement.bind(limit, 'bigint')}${skip > 0 ? ` OFFSET ${statement.bind(skip, 'bigint')}` : ''}`;
  return { text, values: statement.values, keys: rows.orderedBy.length };
}

export function countStatement(search: Search, segment: Segment) {
  const statement = new Statement();
  const { from, where } = rowsOf(search, segment, statement);
  return { text: `SELECT count(*)::int AS count FROM ${from} WHERE ${where.join(' AND ')}`, values: statement.values };
}
