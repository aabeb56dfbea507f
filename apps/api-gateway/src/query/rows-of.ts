// Which statement answers a search? Ids first, over indexes alone; what is shown of them is read afterwards.
import { findField, type Field, type Found, type Searchable, type Side } from './fields.ts';
import type { Condition } from './parse-query.ts';
import { unreadable } from './parse-query.ts';
import { sortExample, type SortKey } from './parse-sort.ts';
import { isNil, measurePredicate, parameterPredicate, predicate } from './predicates.ts';
import type { Statement } from './statement.ts';

export interface Search {
  readonly searchable: Searchable;
  readonly projectId: number;
  readonly conditions: readonly Condition[];
  readonly keys: readonly SortKey[];
}

/**
 * Sorted by a measure or a parameter, those that have it come first, in the order of its index; those without come behind, whichever the direction. The two are
 * asked apart, so that neither is sorted.
 */
export type Segment = 'all' | 'with' | 'without';

export interface OrderedBy {
  readonly sql: string;
  /** What its text is cast to, to go on behind it. */
  readonly type: 'text' | 'float8' | 'timestamptz' | 'bigint' | 'boolean';
  readonly descending: boolean;
  readonly nullable: boolean;
}

/** FROM and WHERE of a search, and what its rows are sorted by; the id is always the last key. */
export interface Rows {
  readonly id: string;
  readonly from: string;
  readonly where: readonly string[];
  readonly orderedBy: readonly OrderedBy[];
}

interface Resolved<Of> {
  readonly of: Of;
  readonly found: Found;
}

/** The table of a measure or a parameter that is read first, in place of the rows themselves. */
interface Anchor {
  readonly side: Side;
  readonly name: string;
}

export function segmentsOf({ searchable, keys: [first] }: Search): readonly Segment[] {
  return first && 'side' in findField(searchable, first.field, first.at) ? ['with', 'without'] : ['all'];
}

export function rowsOf(search: Search, segment: Segment, statement: Statement): Rows {
  const { searchable, projectId } = search;
  const project = statement.bind(projectId, 'integer');
  const conditions = search.conditions.map((of) => ({ of, found: findField(searchable, of.field, of.at) }));
  const keys = search.keys.map((of) => ({ of, found: findField(searchable, of.field, of.at) }));
  const [first] = keys;
  const anchor = anchorOf(conditions, keys, segment);
  const isOfRow = ({ found }: Resolved<unknown>) => 'field' in found;
  const id = anchor ? `a.${anchor.side.owner}` : 't.id';
  const where: string[] = [];
  let from = '';
  if (anchor) {
    from = `${anchor.side.table} a`;
    where.push(`a.project_id = ${project}`, `a.name = ${statement.bind(anchor.name, 'text')}`);
    if (segment === 'with' && anchor.side.kind === 'measure') where.push('a.value IS NOT NULL');
  }
  if (!anchor || [...conditions, ...keys].some(isOfRow)) {
    from += anchor ? ` JOIN ${searchable.table} t ON t.id = ${id}` : `${searchable.table} t`;
    where.push(`t.project_id = ${project}`, 'NOT t.deleted');
  }
  const at = { anchor, id, project, statement };
  if (segment === 'without' && first && 'side' in first.found) where.push(`NOT ${exists(first.found, first.found.side.kind === 'measure' ? 's.value IS NOT NULL' : 'true', at)}`);
  where.push(...conditions.map((condition) => conditionSql(condition, at)));
  const orderedBy: OrderedBy[] = [];
  for (const [index, key] of keys.entries()) {
    if (index === 0 && segment === 'without') continue; // nothing to sort them by
    const { join, by } = keySql(key, `k${index}`, index === 0 ? anchor : null, at);
    from += join;
    orderedBy.push(...by);
  }
  return { id, from, where, orderedBy };
}

/** A sort by one begins there; without any condition on the rows themselves, a search for one does too. */
function anchorOf(conditions: readonly Resolved<Condition>[], [first]: readonly Resolved<SortKey>[], segment: Segment): Anchor | null {
  if (first && 'side' in first.found && segment === 'with') return first.found;
  if ((first && segment !== 'all') || conditions.some(({ found }) => 'field' in found)) return null;
  const certain = conditions.find(({ of }) => !of.negated && !of.terms.some(isNil));
  return certain && 'side' in certain.found && !first ? certain.found : null;
}

interface At {
  readonly anchor: Anchor | null;
  readonly id: string;
  readonly project: string;
  readonly statement: Statement;
}

function conditionSql({ of, found }: Resolved<Condition>, at: At): string {
  if ('field' in found) {
    const sql = predicate(found.field.kind, found.field.sql, of.terms, at.statement);
    return of.negated ? `(${sql}) IS NOT TRUE` : sql;
  }
  const onRow = found.side.kind === 'measure' ? measurePredicate : parameterPredicate;
  const isAnchor = at.anchor?.side === found.side && at.anchor.name === found.name;
  const wanted = of.terms.filter((term) => !isNil(term));
  const parts = of.terms.some(isNil) ? [`NOT ${exists(found, 'true', at)}`] : [];
  if (wanted.length > 0) parts.push(isAnchor ? onRow('a', wanted, at.statement) : exists(found, onRow('s', wanted, at.statement), at));
  const sql = parts.length === 1 ? (parts[0] as string) : `(${parts.join(' OR ')})`;
  return of.negated ? `(${sql}) IS NOT TRUE` : sql;
}

function exists({ side, name }: { side: Side; name: string }, condition: string, { id, project, statement }: At): string {
  return `EXISTS (SELECT FROM ${side.table} s WHERE s.${side.owner} = ${id} AND s.project_id = ${project} AND s.name = ${statement.bind(name, 'text')} AND ${condition})`;
}

function keySql({ of, found }: Resolved<SortKey>, alias: string, anchor: Anchor | null, { id, project, statement }: At): { join: string; by: OrderedBy[] } {
  const { descending } = of;
  if ('field' in found) return { join: '', by: [fieldKey(found.field, of)] };
  const [row, nullable] = anchor ? ['a', false] : [alias, true];
  const { side, name } = found;
  const join = anchor ? '' : ` LEFT JOIN ${side.table} ${alias} ON ${alias}.${side.owner} = ${id} AND ${alias}.project_id = ${project} AND ${alias}.name = ${statement.bind(name, 'text')}`;
  const number: OrderedBy = { sql: side.kind === 'measure' ? `${row}.value` : `${row}.number`, type: 'float8', descending, nullable: nullable || side.kind === 'parameter' };
  return { join, by: side.kind === 'measure' ? [number] : [number, { sql: `${row}.text`, type: 'text', descending, nullable }] };
}

function fieldKey({ kind, sql, required = false }: Field, { field, at, descending }: SortKey): OrderedBy {
  const key = { sql, descending, nullable: !required };
  switch (kind) {
    case 'integer':
      return { ...key, type: 'bigint' };
    case 'number':
      return { ...key, type: 'float8' };
    case 'time':
      return { ...key, type: 'timestamptz' };
    case 'flag':
      return { ...key, type: 'boolean' };
    case 'text':
    case 'word':
    case 'revision':
      return { ...key, type: 'text' };
    case 'tags':
    case 'never':
      throw unreadable(at, `a list can't be sorted by ${field}`, sortExample);
    default:
      return kind satisfies never;
  }
}
