// What is the value of one `{{ expression }}`? Jinja's grammar; no loops, no calls, and every step is paid for.
/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return --
   the declarations that Jinja ships don't resolve under nodenext, so its tree is read as `Expression` says */
import { parse, tokenize } from '@huggingface/jinja';
import { TemplateProblem, type Budget } from './budget.ts';
import { entryOf, isMapping, jsonNumber, type Json } from './json.ts';
import { nearest } from './nearest.ts';
import { filter, operate, passes, truthy } from './operators.ts';
import { oneLine, shown } from './problems.ts';

/** What templates may refer to. */
export interface Variables {
  readonly names: readonly string[];
  /** undefined: nobody gave it. */
  value(name: string): Json | undefined;
}

/** The nodes of Jinja's tree that have a meaning here. */
export type Expression =
  | { type: 'IntegerLiteral' | 'FloatLiteral'; value: number }
  | { type: 'StringLiteral'; value: string }
  | { type: 'ArrayLiteral' | 'TupleLiteral'; value: readonly Expression[] }
  | { type: 'Identifier'; value: string }
  | { type: 'MemberExpression'; object: Expression; property: Expression; computed: boolean }
  | { type: 'UnaryExpression'; operator: { value: string }; argument: Expression }
  | { type: 'BinaryExpression'; operator: { value: string }; left: Expression; right: Expression }
  | { type: 'Ternary'; condition: Expression; trueExpr: Expression; falseExpr: Expression }
  | { type: 'SelectExpression'; lhs: Expression; test: Expression }
  | { type: 'TestExpression'; operand: Expression; negate: boolean; test: { value: string } }
  | { type: 'FilterExpression'; operand: Expression; filter: Expression }
  | { type: 'CallExpression'; callee: Expression; args: readonly Expression[] };

const bounds = { characters: 1000, tokens: 200 } as const;
const constants = new Map<string, Json>([['true', true], ['True', true], ['false', false], ['False', false], ['none', null], ['None', null]]);

/** Nobody gave this a value; `default` and `is defined` know what to do. */
class Absent extends TemplateProblem {}

/** What stands between the braces; the bounds keep Jinja's recursive parser shallow. */
export function parseExpression(source: string): Expression {
  const unreadable = () => new TemplateProblem(`{{ ${oneLine(source, 60)} }} is not an expression that can be rendered`);
  if (source.length > bounds.characters) throw unreadable();
  try {
    const tokens = tokenize(`{{ ${source} }}`);
    if (tokens.length > bounds.tokens) throw unreadable();
    const { body } = parse(tokens);
    if (body.length !== 1) throw unreadable();
    return body[0];
  } catch {
    throw unreadable();
  }
}

export function evaluate(node: Expression, variables: Variables, budget: Budget): Json {
  const valueOf = (one: Expression) => evaluate(one, variables, budget);
  budget.spend(1);
  switch (node.type) {
    case 'IntegerLiteral':
    case 'FloatLiteral':
      return jsonNumber(node.value, '');
    case 'StringLiteral':
      return node.value;
    case 'ArrayLiteral':
    case 'TupleLiteral':
      return node.value.map(valueOf);
    case 'Identifier':
      return variable(node.value, variables);
    case 'MemberExpression':
      return member(valueOf(node.object), node.computed || node.property.type !== 'Identifier' ? valueOf(node.property) : node.property.value);
    case 'UnaryExpression':
      return unary(node.operator.value, valueOf(node.argument));
    case 'BinaryExpression':
      return binary(node.operator.value, () => valueOf(node.left), () => valueOf(node.right), budget);
    case 'Ternary':
      return valueOf(truthy(valueOf(node.condition)) ? node.trueExpr : node.falseExpr);
    case 'SelectExpression':
      return truthy(valueOf(node.test)) ? valueOf(node.lhs) : '';
    case 'TestExpression':
      return tested(node.test.value, () => valueOf(node.operand)) !== node.negate;
    case 'FilterExpression':
      return filtered(node.filter, () => valueOf(node.operand), valueOf, budget);
    case 'CallExpression':
      throw new TemplateProblem('functions cannot be called in a polyaxonfile; filters can, such as {{ name | upper }}');
    default:
      throw new TemplateProblem('this part of Jinja has no meaning in a polyaxonfile');
  }
}

function variable(name: string, variables: Variables): Json {
  const value = constants.get(name) ?? variables.value(name);
  if (value !== undefined) return value;
  if (constants.has(name)) return null;
  const suggestion = nearest(name, variables.names);
  const known = variables.names.length > 0 ? `known: ${oneLine(variables.names.slice(0, 12).join(', '), 200)}` : 'the file has no params';
  throw new Absent(`unknown variable ${oneLine(name, 60)}, ${suggestion ? `did you mean ${suggestion}? ` : ''}${known}`);
}

function member(holder: Json, key: Json): Json {
  const index = typeof key === 'number' && key < 0 && (Array.isArray(holder) || typeof holder === 'string') ? holder.length + key : key;
  const value = isMapping(holder) ? entryOf(holder, String(key))
    : Array.isArray(holder) || typeof holder === 'string' ? (holder as string | readonly Json[])[typeof index === 'number' ? index : NaN]
    : undefined;
  if (value === undefined) throw new Absent(`${shown(holder)} has no ${shown(key)}`);
  return value;
}

function unary(operator: string, value: Json): Json {
  if (operator === 'not') return !truthy(value);
  if (typeof value !== 'number') throw new TemplateProblem(`${operator} does not go with ${shown(value)}`);
  return operator === '-' ? -value : value;
}

function binary(operator: string, left: () => Json, right: () => Json, budget: Budget): Json {
  const first = left();
  if (operator === 'and') return truthy(first) ? right() : first;
  if (operator === 'or') return truthy(first) ? first : right();
  return operate(operator, first, right(), budget);
}

function tested(test: string, operand: () => Json): boolean {
  if (test !== 'defined' && test !== 'undefined') return passes(test, operand());
  return (ifAbsent(operand, undefined) !== undefined) === (test === 'defined');
}

function filtered(node: Expression, operand: () => Json, valueOf: (one: Expression) => Json, budget: Budget): Json {
  const name = node.type === 'CallExpression' ? node.callee : node;
  const given = node.type === 'CallExpression' ? node.args.map(valueOf) : [];
  if (name.type !== 'Identifier') throw new TemplateProblem('a filter has a plain name');
  if (name.value === 'default' || name.value === 'd') return ifAbsent(operand, given[0] ?? '');
  return filter(name.value, operand(), given, budget);
}

function ifAbsent<Instead>(value: () => Json, instead: Instead): Json | Instead {
  try {
    return value();
  } catch (error) {
    if (error instanceof Absent) return instead;
    throw error;
  }
}
