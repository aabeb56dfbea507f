// What do operators, tests and filters of a template do? What they do in Python, on JSON.
import { TemplateProblem, type Budget } from './budget.ts';
import { isMapping, same, type Json } from './json.ts';
import { pythonText } from './python-text.ts';
import { shown } from './problems.ts';
import { unknown } from './shapes.ts';

export function truthy(value: Json): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** All but `and` and `or`, which don't always look at their right side. */
export function operate(operator: string, left: Json, right: Json, budget: Budget): Json {
  budget.spendOn(left);
  budget.spendOn(right);
  if (operator === '==') return same(left, right);
  if (operator === '!=') return !same(left, right);
  if (operator === '~') return pythonText(left) + pythonText(right);
  if (operator === 'in' || operator === 'not in') return contains(right, left) === (operator === 'in');
  if (typeof left === 'number' && typeof right === 'number') return calculate(operator, left, right);
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right;
  if (operator === '+' && Array.isArray(left) && Array.isArray(right)) return [...(left as readonly Json[]), ...(right as readonly Json[])];
  if (typeof left === 'string' && typeof right === 'string' && /^[<>]/.test(operator)) return compare(operator, left, right);
  throw new TemplateProblem(`${operator} does not go with ${shown(left)} and ${shown(right)}${operator === '+' ? '; texts are joined by ~' : ''}`);
}

function calculate(operator: string, left: number, right: number): Json {
  if (/^[<>]/.test(operator)) return compare(operator, left, right);
  if (right === 0 && ['/', '//', '%'].includes(operator)) throw new TemplateProblem('division by zero');
  return finite(arithmetic[operator]?.(left, right) ?? NaN, operator);
}

const arithmetic: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '//': (left, right) => Math.floor(left / right),
  '%': (left, right) => left - right * Math.floor(left / right),
  '**': (left, right) => left ** right,
};

function compare<Value extends number | string>(operator: string, left: Value, right: Value): boolean {
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}

function contains(holder: Json, value: Json): boolean {
  if (typeof holder === 'string' && typeof value === 'string') return holder.includes(value);
  if (Array.isArray(holder)) return (holder as readonly Json[]).some((item) => same(item, value));
  if (isMapping(holder) && typeof value === 'string') return Object.hasOwn(holder, value);
  throw new TemplateProblem(`in does not go with ${shown(value)} and ${shown(holder)}`);
}

function finite(value: number, of: string): number {
  if (!Number.isFinite(value)) throw new TemplateProblem(`the result of ${of} is not a finite number`);
  return value;
}

const tests: Readonly<Record<string, (value: Json) => boolean>> = {
  none: (value) => value === null,
  true: (value) => value === true,
  false: (value) => value === false,
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  mapping: isMapping,
  sequence: (value) => Array.isArray(value),
};

export function passes(test: string, value: Json): boolean {
  const one = Object.hasOwn(tests, test) ? tests[test] : undefined;
  if (!one) throw new TemplateProblem(`${test}: ${unknown('test', test, [...Object.keys(tests), 'defined', 'undefined'])}`);
  return one(value);
}

type Filter = (value: Json, given: readonly Json[]) => Json | undefined;

/** Each gives undefined for a value it isn't made for. */
const filters: Readonly<Record<string, Filter>> = {
  string: (value) => pythonText(value),
  tojson: (value) => JSON.stringify(value),
  upper: (value) => pythonText(value).toUpperCase(),
  lower: (value) => pythonText(value).toLowerCase(),
  trim: (value) => pythonText(value).trim(),
  length: (value) => (typeof value === 'string' ? value.length : typeof value === 'object' && value !== null ? Object.keys(value).length : undefined),
  int: (value) => numberFrom(value, Math.trunc),
  float: (value) => numberFrom(value, (number) => number),
  abs: (value) => (typeof value === 'number' ? Math.abs(value) : undefined),
  round: (value, [digits = 0]) => {
    const possible = typeof value === 'number' && typeof digits === 'number' && digits >= 0 && digits <= 20;
    return possible ? Number(value.toFixed(digits)) : undefined;
  },
  first: (value) => (typeof value === 'string' || Array.isArray(value) ? (value as string | readonly Json[])[0] : undefined),
  last: (value) => (typeof value === 'string' || Array.isArray(value) ? (value as string | readonly Json[]).at(-1) : undefined),
  join: (value, [separator = '']) => (Array.isArray(value) ? (value as readonly Json[]).map(pythonText).join(pythonText(separator)) : undefined),
};

export function filter(name: string, value: Json, given: readonly Json[], budget: Budget): Json {
  const one = Object.hasOwn(filters, name) ? filters[name] : undefined;
  if (!one) throw new TemplateProblem(`${name}: ${unknown('filter', name, [...Object.keys(filters), 'default'])}`);
  budget.spendOn(value);
  if (name === 'join' && Array.isArray(value)) budget.spend(value.length * pythonText(given[0] ?? '').length);
  const result = one(value, given);
  if (result === undefined) throw new TemplateProblem(`the filter ${name} does not go with ${shown(value)}`);
  budget.spendOn(result);
  return result;
}

function numberFrom(value: Json, round: (number: number) => number): number | undefined {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const number = round(Number(value));
  return Number.isFinite(number) ? number : 0;
}
