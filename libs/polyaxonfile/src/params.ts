// Which params does an experiment get, and may they be what they are?
import { TemplateProblem } from './budget.ts';
import type { Variables } from './expression.ts';
import { entryOf, isMapping, jsonNumber, type Json, type JsonMapping } from './json.ts';
import { shown, type Problems } from './problems.ts';
import { NotALiteral, parsePythonLiteral } from './python-literal.ts';
import { pythonText } from './python-text.ts';
import { renderAll } from './render.ts';
import type { Renderer } from './template.ts';

/** A declared input or output, as `inputs` and `outputs` list them. */
export interface Port {
  readonly name: string;
  readonly description?: string;
  readonly type?: string;
  readonly default?: Json;
  readonly value?: Json;
  readonly is_optional?: boolean;
  readonly is_list?: boolean;
  readonly is_flag?: boolean;
  readonly options?: readonly Json[];
}

const referencesDeep = 16;

/** Params may refer to each other, in any order; each is rendered when it is first asked for. */
export class Params implements Variables {
  readonly names: readonly string[];
  private readonly rendered = new Map<string, Json>();
  private readonly open: string[] = [];

  constructor(
    private readonly given: JsonMapping,
    private readonly inputs: ReadonlyMap<string, Port>,
    private readonly context: JsonMapping,
    private readonly renderer: Renderer,
  ) {
    this.names = [...new Set([...Object.keys(given), ...Object.keys(context)])];
  }

  /** As a template writes it: an input that is a flag becomes `--name`, or nothing. */
  value(name: string): Json | undefined {
    if (!Object.hasOwn(this.given, name)) return entryOf(this.context, name);
    const value = this.param(name);
    if (!this.inputs.get(name)?.is_flag) return value;
    return value === true ? `--${name}` : '';
  }

  /** Every one, in the order of the file; what is wrong goes to the problems. */
  all(problems: Problems): JsonMapping {
    return Object.fromEntries(Object.keys(this.given).map((name) => {
      try {
        return [name, this.param(name)];
      } catch (error) {
        if (!(error instanceof TemplateProblem)) throw error;
        problems.add(undefined, `params.${name}`, error.message);
        return [name, null];
      }
    }));
  }

  private param(name: string): Json {
    const known = this.rendered.get(name);
    if (known !== undefined) return known;
    if (this.open.includes(name)) throw new TemplateProblem(`${[...this.open, name].slice(-4).join(' refers to ')}: a circle`);
    if (this.open.length >= referencesDeep) throw new TemplateProblem(`params refer to each other more than ${referencesDeep} deep`);
    this.open.push(name);
    try {
      const value = renderAll(entryOf(this.given, name) ?? null, (text) => this.renderer.render(text, this));
      const typed = ofType(this.inputs.get(name), value);
      this.rendered.set(name, typed);
      return typed;
    } finally {
      this.open.pop();
    }
  }
}

/** What is given, and for what isn't the default of the input. A required input that nobody gave is a problem. */
export function withDefaults(given: JsonMapping, inputs: ReadonlyMap<string, Port>, problems: Problems): JsonMapping {
  const params = new Map(Object.entries(given));
  for (const [name, port] of inputs) {
    if ((params.get(name) ?? null) !== null) continue;
    const fallback = port.default ?? port.value ?? null;
    if (fallback === null && !port.is_optional) problems.add(undefined, `inputs.${name}`, `required, and no param gives it a value; add -P ${name}=<value>`);
    params.set(name, fallback);
  }
  return Object.fromEntries(params);
}

const numeric = /^[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;
const booleans = new Map([['True', true], ['true', true], ['False', false], ['false', false]]);

/** `-P lr=0.9` arrives as text; what looks like a number or boolean is one, unless its input says that it is text. */
function literal(value: Json): Json {
  if (typeof value !== 'string') return value;
  return booleans.get(value) ?? (value.length < 400 && numeric.test(value) ? jsonNumber(Number(value), value) : value);
}

function ofType(port: Port | undefined, value: Json): Json {
  if (!port) return literal(value);
  if (value === null) return null;
  const typed = port.is_list && port.type !== 'list' ? listed(value).map((item) => cast(port, item)) : cast(port, value);
  const allowed = port.options?.map(pythonText);
  for (const one of Array.isArray(typed) && port.is_list ? (typed as readonly Json[]) : [typed]) {
    if (allowed && !allowed.includes(pythonText(one))) throw new TemplateProblem(`expected one of ${allowed.slice(0, 12).join(', ')}, found ${shown(one)}`);
  }
  return typed;
}

function listed(value: Json): readonly Json[] {
  const list = structure(value);
  return Array.isArray(list) ? (list as readonly Json[]) : [list];
}

const expectations: Readonly<Record<string, readonly [expected: string, read: (value: Json) => Json, fits: (value: Json) => boolean]>> = {
  int: ['a whole number', literal, (value) => Number.isInteger(value) || (typeof value === 'string' && /^-?\d+$/.test(value))],
  float: ['a number', literal, (value) => typeof value === 'number' || ['inf', '-inf', 'nan'].includes(String(value))],
  metric: ['a number', literal, (value) => typeof value === 'number'],
  bool: ['true or false', literal, (value) => typeof value === 'boolean'],
  str: ['text', (value) => (typeof value === 'number' || typeof value === 'boolean' ? pythonText(value) : value), (value) => typeof value === 'string'],
  dict: ['a mapping', structure, isMapping],
  list: ['a list', structure, Array.isArray],
  metadata: ['a mapping', structure, isMapping],
  path: ['a path', asIs, (value) => typeof value === 'string' && value !== '' && !value.includes('\0')],
  s3_path: ['a path such as s3://bucket/key', asIs, startsWith(/^s3:\/\/[^/]+/)],
  gcs_path: ['a path such as gs://bucket/key', asIs, startsWith(/^gs:\/\/[^/]+/)],
  azure_path: ['a path such as wasbs://container@account.blob.core.windows.net/key', asIs, startsWith(/^wasbs?:\/\/[^/]+@[^/]+/)],
  uri: ['a URI such as postgres://host/name, or user:password@host', structure, (value) => startsWith(/^[a-z][-+.a-z0-9]*:\/\/\S+$|^[^:@\s]+:[^@\s]+@\S+$/i)(value) || hasKeys(value, 'host')],
  auth: ['user:password, or a mapping of user and password', structure, (value) => startsWith(/^[^:\s]+:\S+$/)(value) || hasKeys(value, 'user', 'password')],
};

function asIs(value: Json): Json {
  return value;
}

function startsWith(pattern: RegExp): (value: Json) => boolean {
  return (value) => typeof value === 'string' && pattern.test(value);
}

function hasKeys(value: Json, ...keys: readonly string[]): boolean {
  return isMapping(value) && keys.every((key) => typeof entryOf(value, key) === 'string');
}

function cast(port: Port, value: Json): Json {
  const expectation = port.type !== undefined && Object.hasOwn(expectations, port.type) ? expectations[port.type] : undefined;
  if (!expectation) return port.type === undefined ? literal(value) : value;
  const [expected, read, fits] = expectation;
  const typed = read(value);
  if (!fits(typed)) throw new TemplateProblem(`expected ${expected}, found ${shown(value)}`);
  return typed;
}

/** `-P layers=[64,32]` */
function structure(value: Json): Json {
  if (typeof value !== 'string' || !/^\s*[[{(]/.test(value)) return value;
  try {
    return parsePythonLiteral(value);
  } catch (error) {
    if (error instanceof NotALiteral) return value;
    throw error;
  }
}
