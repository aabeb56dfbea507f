// Which experiments does a search mean? `status: running|failed, metrics.loss: <=0.1, ~name: %foo%, created_at: 2018-10-01 .. 2019-10-01`
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { Refusal } from '#decider';

type Kind = 'text' | 'number' | 'time' | 'tags' | 'json-number' | 'json';

interface Field {
  readonly sql: string;
  readonly kind: Kind;
}

const columns: Readonly<Record<string, Field>> = {
  id: { sql: 'experiment.id', kind: 'number' },
  name: { sql: 'experiment.name', kind: 'text' },
  description: { sql: 'experiment.description', kind: 'text' },
  status: { sql: 'experiment.last_status', kind: 'text' },
  user: { sql: 'experiment.requested_by', kind: 'text' },
  framework: { sql: 'experiment.framework', kind: 'text' },
  backend: { sql: 'experiment.backend', kind: 'text' },
  commit: { sql: 'experiment.code_revision', kind: 'text' },
  tags: { sql: 'experiment.tags', kind: 'tags' },
  cloning_strategy: { sql: 'experiment.cloning_strategy', kind: 'text' },
  original: { sql: 'experiment.source_id', kind: 'number' },
  created_at: { sql: 'experiment.created_at', kind: 'time' },
  updated_at: { sql: 'experiment.updated_at', kind: 'time' },
  started_at: { sql: 'experiment.started_at', kind: 'time' },
  finished_at: { sql: 'experiment.finished_at', kind: 'time' },
};

/** Adds the conditions of the search; a field or value it doesn't know is refused, never ignored. */
export function applyQuery<Row extends ObjectLiteral>(builder: SelectQueryBuilder<Row>, query: string): void {
  query.split(',').map((part) => part.trim()).filter(Boolean).forEach((part, index) => {
    const colon = part.indexOf(':');
    if (colon < 1) throw invalid(`"${part}" is not a condition; write field: value`);
    const name = part.slice(0, colon).trim();
    const negated = name.startsWith('~') || part.slice(colon + 1).trim().startsWith('~');
    const value = part.slice(colon + 1).trim().replace(/^~/, '').trim();
    const { sql, parameters } = condition(fieldOf(name.replace(/^~/, '').trim(), `q${index}`), value, `q${index}`);
    builder.andWhere(negated ? `NOT coalesce((${sql}), false)` : sql, parameters);
  });
}

/** `-metrics.loss, started_at`; newest first when nothing else is asked. */
export function applySort<Row extends ObjectLiteral>(builder: SelectQueryBuilder<Row>, sort: string): void {
  const parts = sort.split(',').map((part) => part.trim()).filter(Boolean);
  parts.forEach((part, index) => {
    const descending = part.startsWith('-');
    const { field, parameters } = fieldOf(part.replace(/^-/, ''), `s${index}`);
    builder.addSelect(field.sql, `sort_${index}`).setParameters(parameters);
    builder.addOrderBy(`sort_${index}`, descending ? 'DESC' : 'ASC', 'NULLS LAST');
  });
  builder.addOrderBy('experiment.id', 'DESC');
}

interface BoundField {
  readonly field: Field;
  readonly parameters: ObjectLiteral;
}

function fieldOf(name: string, key: string): BoundField {
  const known = Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (known) return { field: known, parameters: {} };
  const [, kind, path] = /^(params|metrics?)\.(.{1,200})$/.exec(name) ?? [];
  if (kind === 'params') return { field: { sql: `experiment.params ->> :${key}path`, kind: 'json' }, parameters: { [`${key}path`]: path } };
  if (kind) {
    const values = '(SELECT lm.values FROM api_gateway.last_metrics lm WHERE lm.experiment_id = experiment.id)';
    return { field: { sql: `(${values} ->> :${key}path)::float8`, kind: 'json-number' }, parameters: { [`${key}path`]: path } };
  }
  throw invalid(`there is no field "${name}"; known are ${Object.keys(columns).join(', ')}, params.* and metrics.*`);
}

function condition({ field, parameters }: BoundField, value: string, key: string): { sql: string; parameters: ObjectLiteral } {
  const range = /^(.+?)\s*\.\.\s*(.+)$/.exec(value);
  if (range) {
    const [from, to] = [typed(field, range[1] as string), typed(field, range[2] as string)];
    return { sql: `${ordered(field)} BETWEEN :${key}from AND :${key}to`, parameters: { ...parameters, [`${key}from`]: from, [`${key}to`]: to } };
  }
  const [, operator, operand] = /^(<=|>=|<|>)\s*(.+)$/.exec(value) ?? [];
  if (operator && operand) return { sql: `${ordered(field)} ${operator} :${key}value`, parameters: { ...parameters, [`${key}value`]: typed(field, operand) } };
  if (value.includes('%') && field.kind === 'text') return { sql: `${field.sql} ILIKE :${key}value`, parameters: { ...parameters, [`${key}value`]: value } };
  const values = value.split('|').map((one) => one.trim());
  if (field.kind === 'tags') return { sql: `${field.sql} ?| :${key}value`, parameters: { ...parameters, [`${key}value`]: values } };
  if (field.kind === 'json') return { sql: `${field.sql} IN (:...${key}value)`, parameters: { ...parameters, [`${key}value`]: values } };
  return { sql: `${field.sql} IN (:...${key}value)`, parameters: { ...parameters, [`${key}value`]: values.map((one) => typed(field, one)) } };
}

/** Parameters are kept as JSON text: only what is a number takes part in an ordering. */
function ordered(field: Field): string {
  return field.kind === 'json' ? `(CASE WHEN ${field.sql} ~ '^-?[0-9.]+([eE][-+]?[0-9]+)?$' THEN (${field.sql})::float8 END)` : field.sql;
}

function typed(field: Field, value: string): string | number {
  if (field.kind === 'text' || field.kind === 'tags') return value;
  if (field.kind === 'time') {
    if (Number.isNaN(Date.parse(value))) throw invalid(`"${value}" is not a date such as 2026-11-22`);
    return new Date(value).toISOString();
  }
  const number = Number(value);
  if (!Number.isFinite(number) || (field.kind === 'number' && Math.abs(number) > 2_147_483_647)) throw invalid(`"${value}" is not a number`);
  return number;
}

function invalid(why: string): Refusal {
  return new Refusal('request-invalid', `the search can't be read: ${why}`, 'polyaxon project experiments -q "status: running"');
}
