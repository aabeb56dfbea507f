// What may a value be, and how does a problem with it read?
import { isMapping, type Json, type JsonMapping } from './json.ts';
import { nearest } from './nearest.ts';
import { shown, type Lines, type Position, type Problems } from './problems.ts';
import { pythonText } from './python-text.ts';

/**
 * raw: as a user wrote it, where a template may stand for any value. patch: the same, and nothing is required and null removes.
 * rendered: templates are gone; where text is expected, a number that a template left becomes text.
 */
export type Stage = 'raw' | 'patch' | 'rendered';

/** Where a value stands while it is checked. */
export class Place {
  constructor(
    readonly stage: Stage,
    private readonly problems: Problems,
    private readonly lines: Lines,
    private readonly path = '',
    private readonly position?: Position,
    private readonly templates = stage !== 'rendered',
  ) {}

  within(holder: object, key: string | number): Place {
    const path = typeof key === 'number' ? `${this.path}[${key}]` : this.path ? `${this.path}.${key}` : key;
    return new Place(this.stage, this.problems, this.lines, path, this.lines.get(holder)?.get(key) ?? this.position, this.templates);
  }

  /** Where nothing is ever rendered, braces are only braces. */
  withoutTemplates(): Place {
    return new Place(this.stage, this.problems, this.lines, this.path, this.position, false);
  }

  expected(expected: string, found: Json | undefined): Json {
    return this.wrong(`expected ${expected}, found ${shown(found)}`);
  }

  wrong(problem: string): Json {
    this.problems.add(this.position, this.path, problem);
    return null;
  }

  /** A template may still become what is expected. */
  mayBecome(value: Json): boolean {
    return this.templates && typeof value === 'string' && /\{[{%]/.test(value);
  }
}

/**
 * Says what is wrong with a value, and gives it back in its normal form. `says` tells the same as JSON Schema, of what a user writes; a shape without it may be anything there.
 */
export interface Shape {
  (value: Json, place: Place): Json;
  readonly says?: (templates: boolean) => JsonMapping;
}

export function shape(says: JsonMapping | ((templates: boolean) => JsonMapping), check: (value: Json, place: Place) => Json): Shape {
  return Object.assign((value: Json, place: Place) => check(value, place), { says: typeof says === 'function' ? says : () => says });
}

export function schemaOf(one: Shape, templates = true): JsonMapping {
  return one.says?.(templates) ?? {};
}

/** The definition it refers to is in polyaxonfile-schema.ts. */
const orTemplate = (schema: JsonMapping) => (templates: boolean) => (templates ? { anyOf: [schema, { $ref: '#/definitions/template' }] } : schema);

/** What an editor shows beside a key. */
export function about(description: string, one: Shape): Shape {
  return shape((templates) => ({ description, ...schemaOf(one, templates) }), one);
}

export function scalar(expected: string, accepts: (value: Json) => boolean, says: JsonMapping = {}): Shape {
  return shape(orTemplate(says), (value, place) => (accepts(value) || place.mayBecome(value) ? value : place.expected(expected, value)));
}

export const anything: Shape = shape({}, (value) => value);
export const yesOrNo = scalar('true or false', (value) => typeof value === 'boolean', { type: 'boolean' });
export const oneOf = (...words: readonly string[]) => scalar(`one of ${words.join(', ')}`, (value) => words.includes(value as string), { enum: words });
export const matching = (expected: string, pattern: RegExp) =>
  scalar(expected, (value) => typeof value === 'string' && pattern.test(value), { type: 'string', pattern: pattern.source });
export const wholeNumber = (least: number) =>
  scalar(`a whole number from ${least}`, (value) => Number.isSafeInteger(value) && (value as number) >= least, { type: 'integer', minimum: least });
export const number = scalar('a number', (value) => typeof value === 'number', { type: 'number' });

export const text: Shape = shape({ type: 'string' }, (value, place) => {
  if (typeof value === 'string') return value;
  return place.stage === 'rendered' && isNumberOrBoolean(value) ? pythonText(value) : place.expected('text', value);
});

export const neverRendered = (one: Shape): Shape => shape(() => schemaOf(one, false), (value, place) => one(value, place.withoutTemplates()));

/** Labels and variables of the environment: a number is as good as its text. */
export const textOrNumber: Shape = shape({ type: ['string', 'number', 'boolean'] }, (value, place) => {
  if (typeof value === 'string' || !isNumberOrBoolean(value)) return text(value, place);
  return place.stage === 'rendered' ? pythonText(value) : value;
});

export function listOf(item: Shape, expected = 'a list'): Shape {
  const says = (templates: boolean) => orTemplate({ type: 'array', items: schemaOf(item, templates) })(templates);
  return shape(says, (value, place) => {
    if (Array.isArray(value)) return (value as readonly Json[]).map((one, index) => item(one, place.within(value, index)));
    return place.mayBecome(value) ? value : place.expected(expected, value);
  });
}

export function mappingOf(item: Shape, expected = 'a mapping'): Shape {
  const says = (templates: boolean) => orTemplate({ type: 'object', additionalProperties: schemaOf(item, templates) })(templates);
  return shape(says, (value, place) => {
    if (!isMapping(value)) return place.mayBecome(value) ? value : place.expected(expected, value);
    const removed = (one: Json) => one === null && place.stage === 'patch';
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, removed(one) ? null : item(one, place.within(value, key))]));
  });
}

/** A lone value stands for a list of one. */
export function oneOrMore(item: Shape, expected: string): Shape {
  const list = listOf(item, expected);
  const says = (templates: boolean) => ({ anyOf: [schemaOf(item, templates), { type: 'array', items: schemaOf(item, templates) }] });
  return shape(says, (value, place) => (typeof value === 'string' ? [item(value, place)] : list(value, place)));
}

/** Text is one thing, a mapping the same with more to say. */
export function textOrSection(one: Shape, whole: Shape): Shape {
  const says = (templates: boolean) => ({ anyOf: [schemaOf(one, templates), schemaOf(whole, templates)] });
  return shape(says, (value, place) => (isMapping(value) ? whole(value, place) : one(value, place)));
}

export interface Demands {
  readonly required?: readonly string[];
  readonly exactlyOneOf?: readonly string[];
  readonly atMostOneOf?: readonly string[];
  /** What a key is called in messages. */
  readonly word?: string;
}

/** A mapping whose keys are known; a key without a value is as good as absent. */
export function section(keys: Readonly<Record<string, Shape>>, demands: Demands = {}): Shape {
  const { required = [], exactlyOneOf = [], atMostOneOf = exactlyOneOf, word = 'key' } = demands;
  const says = (templates: boolean) => orTemplate(sectionSchema(keys, { required, exactlyOneOf, atMostOneOf }, templates))(templates);
  return shape(says, (value, place) => {
    if (!isMapping(value)) return place.mayBecome(value) ? value : place.expected(`a mapping of ${Object.keys(keys).join(', ')}`, value);
    const given = Object.keys(value).filter((key) => value[key] !== null);
    if (place.stage !== 'patch') {
      for (const key of required) if (!given.includes(key)) place.wrong(`${key} is missing`);
      const chosen = given.filter((key) => atMostOneOf.includes(key));
      if (chosen.length > 1) place.wrong(`expected only one of ${atMostOneOf.join(', ')}, found ${chosen.join(' and ')}`);
      if (exactlyOneOf.length > 0 && chosen.length === 0) place.wrong(`expected one of ${exactlyOneOf.join(', ')}, found none`);
    }
    const entries: [string, Json][] = [];
    for (const [key, one] of Object.entries(value)) {
      const known = Object.hasOwn(keys, key) ? keys[key] : undefined;
      if (!known) place.within(value, key).wrong(unknown(word, key, Object.keys(keys)));
      else if (one !== null) entries.push([key, known(one, place.within(value, key))]);
    }
    return Object.fromEntries(entries);
  });
}

/** `null` is as good as absent, so a key counts as given only when it has a value. */
export const isGiven = (key: string): JsonMapping => ({ required: [key], properties: { [key]: { not: { type: 'null' } } } });

function sectionSchema(keys: Readonly<Record<string, Shape>>, { required, exactlyOneOf, atMostOneOf }: Required<Omit<Demands, 'word'>>, templates: boolean): JsonMapping {
  const properties = Object.entries(keys).map(([key, one]) => {
    const { description, ...schema } = schemaOf(one, templates);
    const nullable = Object.keys(schema).length === 0 ? {} : { anyOf: [schema, { type: 'null' }] };
    return [key, { ...(description !== undefined && { description }), ...(required.includes(key) ? schema : nullable) }];
  });
  const one = atMostOneOf.map(isGiven);
  const choice = exactlyOneOf.length > 0 ? one : [...one, { not: { anyOf: one } }];
  return {
    type: 'object',
    properties: Object.fromEntries(properties) as JsonMapping,
    additionalProperties: false,
    ...(required.length > 0 && { required }),
    ...(one.length > 0 && { oneOf: choice }),
  };
}

export function unknown(word: string, name: string, known: readonly string[]): string {
  const suggestion = nearest(name, known);
  return `unknown ${word}, ${suggestion ? `did you mean ${suggestion}?` : `expected one of ${known.slice(0, 24).join(', ')}`}`;
}

function isNumberOrBoolean(value: Json): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}
