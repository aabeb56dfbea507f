// What does a condition on one value mean in SQL?
import type { Kind } from './fields.ts';
import { unreadable, type Comparison, type Operand, type Term } from './parse-query.ts';
import type { Statement } from './statement.ts';
import { spanOf } from './times.ts';

/** SQL that is true, false or null of a column. */
export function predicate(kind: Kind, column: string, terms: readonly Term[], statement: Statement): string {
  return anyOf(terms.map((term) => (isNil(term) ? nil(kind, column) : one(kind, column, term, statement))));
}

/** Of a row of measures, whose value is null when it is NaN: NaN is neither above nor below anything. */
export function measurePredicate(alias: string, terms: readonly Term[], statement: Statement): string {
  return anyOf(
    terms.map((term) =>
      term.kind === 'is' && /^nan$/i.test(term.operand.text) ? `${alias}.value IS NULL` : numeric(`${alias}.value`, 'float8', term, statement, realOf),
    ),
  );
}

/** Of a row of parameters: numbers compare as numbers, however they were written; everything else is text. */
export function parameterPredicate(alias: string, terms: readonly Term[], statement: Statement): string {
  return anyOf(
    terms.map((term) => {
      if (term.kind !== 'is') return numeric(`${alias}.number`, 'float8', term, statement, realOf);
      const { text, quoted } = term.operand;
      if (isReal(text)) return numeric(`${alias}.number`, 'float8', term, statement, realOf);
      if (!quoted && text.includes('%')) return `${alias}.text ILIKE ${statement.bind(pattern(text), 'text')}`;
      return `(${alias}.number IS NULL AND ${alias}.text = left(${statement.bind(/^(true|false)$/i.test(text) ? text.toLowerCase() : text, 'text')}, 200))`;
    }),
  );
}

export function isNil(term: Term): boolean {
  return term.kind === 'is' && !term.operand.quoted && /^(nil|null)$/i.test(term.operand.text);
}

function nil(kind: Kind, column: string): string {
  if (kind === 'never') return 'true';
  return kind === 'tags' ? `${column} = '[]'::jsonb` : `${column} IS NULL`;
}

function one(kind: Kind, column: string, term: Term, statement: Statement): string {
  switch (kind) {
    case 'integer':
      return numeric(column, 'bigint', term, statement, wholeOf);
    case 'number':
      return numeric(column, 'float8', term, statement, realOf);
    case 'time':
      return timely(column, term, statement);
    case 'never':
      return 'false';
    case 'flag':
      return `${column} = ${statement.bind(flagOf(theOne(kind, term)), 'boolean')}`;
    case 'tags':
      return tagged(column, theOne(kind, term), statement);
    case 'text':
    case 'word':
    case 'revision':
      return written(kind, column, theOne(kind, term), statement);
    default:
      return kind satisfies never;
  }
}

function numeric(column: string, type: string, term: Term, statement: Statement, read: (operand: Operand) => number): string {
  switch (term.kind) {
    case 'is':
      return `${column} = ${statement.bind(read(term.operand), type)}`;
    case 'compare':
      return `${column} ${term.comparison} ${statement.bind(read(term.operand), type)}`;
    case 'range': {
      const [from, to] = [term.from && read(term.from), term.to && read(term.to)];
      if (term.from && from !== null && to !== null && from > to) throw emptyRange(term.from, term.to as Operand);
      return allOf([from !== null && `${column} >= ${statement.bind(from, type)}`, to !== null && `${column} <= ${statement.bind(to, type)}`]);
    }
    default:
      return term satisfies never;
  }
}

/** A day is all of it: `<= 2019-10-01` takes that day in, and `> 2019-10-01` begins with the next. */
function timely(column: string, term: Term, statement: Statement): string {
  const at = (time: string) => statement.bind(time, 'timestamptz');
  switch (term.kind) {
    case 'is': {
      const { start, end } = timeOf(term.operand);
      return `(${column} >= ${at(start)} AND ${column} < ${at(end)})`;
    }
    case 'compare': {
      const { start, end } = timeOf(term.operand);
      const bounds: Record<Comparison, () => string> = {
        '<': () => `${column} < ${at(start)}`, '<=': () => `${column} < ${at(end)}`, '>': () => `${column} >= ${at(end)}`, '>=': () => `${column} >= ${at(start)}`,
      };
      return bounds[term.comparison]();
    }
    case 'range': {
      const [from, to] = [term.from && timeOf(term.from), term.to && timeOf(term.to)];
      if (term.from && from && to && from.start >= to.end) throw emptyRange(term.from, term.to as Operand);
      return allOf([from && `${column} >= ${at(from.start)}`, to && `${column} < ${at(to.end)}`]);
    }
    default:
      return term satisfies never;
  }
}

function written(kind: 'text' | 'word' | 'revision', column: string, { text, quoted }: Operand, statement: Statement): string {
  if (!quoted && text.includes('%')) return `${column} ILIKE ${statement.bind(pattern(text), 'text')}`;
  if (kind === 'revision') return `${column} LIKE ${statement.bind(`${escaped(text.toLowerCase())}%`, 'text')}`;
  return kind === 'word' ? `${column} = lower(${statement.bind(text, 'text')})` : `${column} = ${statement.bind(text, 'text')}`;
}

function tagged(column: string, { text, quoted }: Operand, statement: Statement): string {
  if (quoted || !text.includes('%')) return `${column} ? ${statement.bind(text, 'text')}`;
  return `EXISTS (SELECT FROM jsonb_array_elements_text(${column}) tag WHERE tag ILIKE ${statement.bind(pattern(text), 'text')})`;
}

function theOne(kind: Kind, term: Term): Operand {
  if (term.kind === 'is') return term.operand;
  const { at } = (term.kind === 'compare' ? term.operand : (term.from ?? term.to)) as Operand;
  throw unreadable(at, `<, > and .. are for numbers and dates; this field takes ${kind === 'flag' ? 'true or false' : 'values, and % for any text'}`, kind === 'flag' ? 'independent: true' : 'name: %foo%|bar');
}

function wholeOf({ text, at }: Operand): number {
  const number = Number(/^(?:[-\w]+\.)*(-?\d{1,15})$/.exec(text)?.[1]);
  if (Number.isNaN(number)) throw unreadable(at, `${shown(text)} is not a whole number`, 'id: 20 .. 30');
  return number;
}

const real = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const infinite = /^([-+]?)inf(inity)?$/i;

export function isReal(text: string): boolean {
  return real.test(text) || infinite.test(text);
}

export function realOf({ text, at }: Operand): number {
  const [, sign] = infinite.exec(text) ?? [];
  if (sign !== undefined) return sign === '-' ? -Infinity : Infinity;
  if (!real.test(text)) throw unreadable(at, `${shown(text)} is not a number`, 'metrics.loss: <=0.1');
  return Number(text);
}

function timeOf({ text, at }: Operand) {
  const span = spanOf(text);
  if (!span) throw unreadable(at, `${shown(text)} is not a date`, 'created_at: 2018-10-01 .. 2019-10-01');
  return span;
}

function flagOf({ text, at }: Operand): boolean {
  if (/^(true|yes|1)$/i.test(text)) return true;
  if (/^(false|no|0)$/i.test(text)) return false;
  throw unreadable(at, `${shown(text)} is neither true nor false`, 'independent: true');
}

function emptyRange(from: Operand, to: Operand) {
  return unreadable(from.at, `nothing lies between ${shown(from.text)} and ${shown(to.text)}: the smaller comes first`, `metrics.loss: 0.1 .. 0.5`);
}

function anyOf(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] as string) : `(${parts.join(' OR ')})`;
}

function allOf(parts: readonly (string | false | null)[]): string {
  return `(${parts.filter(Boolean).join(' AND ')})`;
}

/** Only `%` is special. */
function pattern(text: string): string {
  return escaped(text).replaceAll('\\%', '%');
}

function escaped(text: string): string {
  return text.replaceAll(/[\\_%]/g, '\\$&');
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
