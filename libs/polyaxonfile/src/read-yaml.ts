// What does YAML (or JSON, which is YAML) say, how far may it go, and on which line is what?
import {
  Composer, CST, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, Parser, type Alias, type Document, type Pair, type ParsedNode, type Scalar,
} from 'yaml';
import { jsonNumber, type Json } from './json.ts';
import type { Lines, Position, Problems } from './problems.ts';

/** Far more than a person writes; little enough to be refused in no time. */
const bounds = { tokens: 40_000, depth: 32, indicatorsPerLine: 32, directives: 4, errors: 4, aliases: 100, nodes: 40_000, characters: 1024 * 1024 } as const;

/** Everything is checked before YAML builds anything: what a bomb would become never exists. */
export function readYaml(text: string, problems: Problems, lines: Lines): Json {
  const counter = new LineCounter();
  const composer = new Composer({ schema: 'core', merge: false, intAsBigInt: true, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
  const tokens = boundedTokens(text, counter, problems);
  const [document, second] = composer.compose(tokens, true, text.length);
  const placeOf = (offset: number | undefined): Position | undefined => {
    if (offset === undefined) return undefined;
    const { line, col } = counter.linePos(offset);
    return col > 0 ? { line, column: col } : { line };
  };
  if (!document) return null;
  for (const { message, pos } of document.errors) problems.add(placeOf(pos[0]), '', `is not YAML: ${sentence(message)}`);
  for (const { message, pos } of document.warnings) problems.add(placeOf(pos[0]), '', sentence(message));
  if (second) problems.add(placeOf(second.range[0]), '', 'a second document starts; expected one only');
  problems.throwIfAny();
  return new Conversion(problems, lines, placeOf).document(document);
}

/** The lexer's tokens on their way to the parser, which would recurse as deep as they nest. */
function* boundedTokens(text: string, counter: LineCounter, problems: Problems): Generator<CST.Token> {
  const parser = new Parser(counter.addNewLine);
  counter.addNewLine(0);
  let [line, tokens, brackets, indicators, directives, errors] = [1, 0, 0, 0, 0, 0];
  for (const lexeme of new Lexer().lex(text)) {
    tokens++;
    const type = CST.tokenType(lexeme);
    if (type === 'flow-map-start' || type === 'flow-seq-start') brackets++;
    else if (type === 'flow-map-end' || type === 'flow-seq-end') brackets--;
    else if (type === 'flow-error-end') brackets = 0;
    else if (type === 'newline') indicators = 0;
    else if (type === 'directive-line') directives++;
    else if (brackets === 0 && (type === 'seq-item-ind' || type === 'explicit-key-ind' || type === 'map-value-ind')) indicators++;
    if (brackets < 0) problems.refuse({ line }, '', `${lexeme} closes nothing`);
    if (brackets > bounds.depth || indicators > bounds.indicatorsPerLine) problems.refuse({ line }, '', `nested more than ${bounds.depth} levels deep`);
    if (directives > bounds.directives) problems.refuse({ line }, '', `more than ${bounds.directives} directives`);
    if (tokens > bounds.tokens) problems.refuse({ line }, '', `more than ${bounds.tokens} words and signs`);
    if (lexeme.includes('\n')) line += lexeme.split('\n').length - 1;
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error' && ++errors > bounds.errors) problems.refuse({ line }, '', `is not YAML: ${sentence(token.message)}`);
      yield token;
    }
  }
  yield* parser.end();
}

type Node = ParsedNode | Alias | null | undefined;

/** Nodes to JSON by hand, because only here are lines, aliases and sizes known. An alias counts as all it stands for. */
class Conversion {
  private nodes = 0;
  private aliases = 0;
  private characters = 0;
  private readonly anchors = new Map<string, Node>();

  constructor(
    private readonly problems: Problems,
    private readonly lines: Lines,
    private readonly placeOf: (offset: number | undefined) => Position | undefined,
  ) {}

  document(document: Document.Parsed): Json {
    return this.value(document.contents, '', 0);
  }

  private value(node: Node, path: string, depth: number): Json {
    if (!node) return null;
    const place = this.placeOf(node.range?.[0]);
    if (++this.nodes > bounds.nodes) this.problems.refuse(place, path, `holds more than ${bounds.nodes} values`);
    if (depth > bounds.depth) this.problems.refuse(place, path, `nested more than ${bounds.depth} levels deep`);
    if (isAlias(node)) return this.aliased(node, path, depth, place);
    const value = isMap(node) ? this.mapping(node.items, path, depth)
      : isSeq(node) ? this.list(node.items, path, depth)
      : this.scalar(node, path, place);
    if (node.anchor) this.anchors.set(node.anchor, node);
    return value;
  }

  /** An anchor is known once its node is complete, so none can hold itself. */
  private aliased(alias: Alias, path: string, depth: number, place: Position | undefined): Json {
    if (++this.aliases > bounds.aliases) this.problems.refuse(place, path, `more than ${bounds.aliases} aliases are used`);
    if (!this.anchors.has(alias.source)) this.problems.refuse(place, path, `*${alias.source} refers to no anchor above it`);
    return this.value(this.anchors.get(alias.source), path, depth);
  }

  private mapping(pairs: readonly Pair<unknown, unknown>[], path: string, depth: number): Json {
    const entries = new Map<string, Json>();
    const lines = new Map<string | number, Position>();
    for (const { key: keyNode, value } of pairs) {
      const place = this.placeOf((keyNode as Node)?.range?.[0]);
      const key = this.key(keyNode as Node, path, place);
      if (entries.has(key)) this.problems.refuse(place, path, `${JSON.stringify(key.slice(0, 60))} is there twice`);
      if (place !== undefined) lines.set(key, place);
      entries.set(key, this.value(value as Node, path ? `${path}.${key}` : key, depth + 1));
    }
    const mapping = Object.fromEntries(entries);
    this.lines.set(mapping, lines);
    return mapping;
  }

  private list(items: readonly Node[], path: string, depth: number): Json {
    const lines = new Map<string | number, Position>();
    const list = items.map((item, index) => {
      const place = this.placeOf(item?.range?.[0]);
      if (place !== undefined) lines.set(index, place);
      return this.value(item, `${path}[${index}]`, depth + 1);
    });
    this.lines.set(list, lines);
    return list;
  }

  private key(node: Node, path: string, place: Position | undefined): string {
    if (!isScalar(node) || node.value === null)
      return this.problems.refuse(place, path, 'expected a plain text as key; a value that starts with {{ needs quotes');
    const key = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    if (key === '<<') this.problems.refuse(place, path, 'merge keys (<<) are not supported; write the keys out');
    if (key === '__proto__') this.problems.refuse(place, path, 'no key may be called __proto__');
    this.grow(key, path, place);
    return key;
  }

  private scalar({ value, source }: Scalar, path: string, place: Position | undefined): Json {
    if (typeof value === 'bigint') return jsonNumber(Number(value), this.grow(value.toString(), path, place));
    if (typeof value === 'number') return jsonNumber(value, source ?? '');
    if (typeof value === 'boolean' || value === null) return value;
    if (typeof value === 'string') return this.grow(value, path, place);
    return this.problems.refuse(place, path, 'expected text, a number, true, false or null');
  }

  private grow(text: string, path: string, place: Position | undefined): string {
    this.characters += text.length;
    if (this.characters > bounds.characters) this.problems.refuse(place, path, `its aliases make it larger than ${bounds.characters / 1024} KiB`);
    return text;
  }
}

/** YAML's own words, without the advice that is meant for programmers. */
function sentence(message: string): string {
  return message.replace(/\s+/g, ' ').replace(/ at line \d+, column \d+:?.*$/, '').slice(0, 160);
}
