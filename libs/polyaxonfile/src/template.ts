// What does a text with `{{ }}` and `{% if %}` in it become?
import { Budget, TemplateProblem } from './budget.ts';
import { evaluate, parseExpression, type Expression, type Variables } from './expression.ts';
import type { Json } from './json.ts';
import { truthy } from './operators.ts';
import { oneLine } from './problems.ts';
import { pythonText } from './python-text.ts';

type Piece = string | Expression | Choice;
interface Branch {
  /** null: the else. */
  readonly test: Expression | null;
  readonly pieces: Piece[];
}
interface Choice {
  readonly type: 'Choice';
  readonly branches: Branch[];
}

const choicesDeep = 16;
const tagCharacters = 1000;
const costOfTag = 100;

/** Renders the texts of one polyaxonfile, all from one budget. */
export class Renderer {
  private readonly budget = new Budget();
  private readonly expressions = new Map<string, Expression>();

  /** A text that is nothing but one `{{ expression }}` keeps the type of its value; any other stays text. */
  render(text: string, variables: Variables): Json {
    if (!/\{[{%]/.test(text)) return text;
    const pieces = this.pieces(text);
    const [only] = pieces;
    if (pieces.length === 1 && typeof only === 'object' && only.type !== 'Choice') return evaluate(only, variables, this.budget);
    return this.join(pieces, variables);
  }

  /** Nothing is evaluated; what could never be rendered is refused all the same. */
  check(text: string): void {
    if (/\{[{%]/.test(text)) this.pieces(text);
  }

  private join(pieces: readonly Piece[], variables: Variables): string {
    return pieces.map((piece) => {
      const written = typeof piece === 'string' ? piece : piece.type === 'Choice' ? this.chosen(piece, variables) : this.written(piece, variables);
      this.budget.spend(written.length);
      return written;
    }).join('');
  }

  private written(expression: Expression, variables: Variables): string {
    const value = evaluate(expression, variables, this.budget);
    this.budget.spendOn(value);
    return pythonText(value);
  }

  private chosen({ branches }: Choice, variables: Variables): string {
    const branch = branches.find(({ test }) => test === null || truthy(evaluate(test, variables, this.budget)));
    return branch ? this.join(branch.pieces, variables) : '';
  }

  private pieces(text: string): Piece[] {
    const root: Piece[] = [];
    const open: Choice[] = [];
    let pieces = root;
    for (const part of partsOf(text)) {
      if (part.tag !== undefined) this.budget.spend(costOfTag);
      if (part.text !== undefined) pieces.push(part.text);
      else if (part.tag === '{{') pieces.push(this.expression(part.body));
      else pieces = this.statement(part.body, open, pieces, root);
    }
    if (open.length > 0) throw new TemplateProblem('{% if %} without {% endif %}');
    return root;
  }

  /** Gives back where the next pieces go. */
  private statement(body: string, open: Choice[], pieces: Piece[], root: Piece[]): Piece[] {
    const [, word = '', test = ''] = /^(\w*)\s*([^]*)$/.exec(body) ?? [];
    const branch = (expression: Expression | null): Branch => ({ test: expression, pieces: [] });
    const current = open.at(-1);
    if (word === 'if') {
      const choice: Choice = { type: 'Choice', branches: [branch(this.expression(test))] };
      if (open.push(choice) > choicesDeep) throw new TemplateProblem(`{% if %} is nested more than ${choicesDeep} deep`);
      pieces.push(choice);
      return choice.branches[0]?.pieces ?? root;
    }
    if (word !== 'elif' && word !== 'else' && word !== 'endif')
      throw new TemplateProblem(`{% ${oneLine(word || body, 20)} %} is not allowed; a polyaxonfile knows {{ expressions }}, {% if %} and {% raw %} only`);
    if (!current) throw new TemplateProblem(`{% ${word} %} without {% if %}`);
    if (word === 'endif') {
      open.pop();
      return open.at(-1)?.branches.at(-1)?.pieces ?? root;
    }
    if (current.branches.at(-1)?.test === null) throw new TemplateProblem(`{% ${word} %} after {% else %}`);
    const next = branch(word === 'elif' ? this.expression(test) : null);
    current.branches.push(next);
    return next.pieces;
  }

  private expression(source: string): Expression {
    const known = this.expressions.get(source);
    if (known) return known;
    const expression = parseExpression(source);
    this.expressions.set(source, expression);
    return expression;
  }
}

type Part = { readonly text: string; readonly tag?: undefined } | { readonly tag: '{{' | '{%'; readonly body: string; readonly text?: undefined };

/** Text and tags in turn. `{#` is left alone: in a command it is the length of a shell variable far more often than a comment. */
function* partsOf(text: string): Generator<Part> {
  const opening = /\{[{%]/g;
  const raw = /\{%-?\s*endraw\s*-?%\}/g;
  let [position, trim] = [0, false];
  const between = (end: number, trimEnd: boolean): Part => {
    const part = text.slice(position, end);
    const start = trim ? part.trimStart() : part;
    return { text: trimEnd ? start.trimEnd() : start };
  };
  for (;;) {
    opening.lastIndex = position;
    const found = opening.exec(text);
    const before = between(found?.index ?? text.length, found !== null && text[opening.lastIndex] === '-');
    if (before.text) yield before;
    if (!found) return;
    const tag = found[0] as '{{' | '{%';
    const end = endOf(text, opening.lastIndex, tag === '{{' ? '}}' : '%}');
    const inside = text.slice(opening.lastIndex, end);
    const body = inside.replace(/^-/, '').replace(/-$/, '').trim();
    [position, trim] = [end + 2, inside.endsWith('-')];
    if (tag === '{%' && body === 'raw') {
      raw.lastIndex = position;
      const close = raw.exec(text);
      if (!close) throw new TemplateProblem('{% raw %} without {% endraw %}');
      yield between(close.index, false);
      [position, trim] = [raw.lastIndex, close[0].endsWith('-%}')];
    } else yield { tag, body };
  }
}

/** Closing braces inside a quoted text close nothing. Looks no further than an expression may be long. */
function endOf(text: string, from: number, close: '}}' | '%}'): number {
  const within = text.slice(from, from + tagCharacters);
  for (const found of within.matchAll(/'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"|\}\}|%\}/g)) if (found[0] === close) return from + found.index;
  const opened = close === '}}' ? '{{' : '{%';
  throw new TemplateProblem(`${opened} is not closed by ${close} within ${tagCharacters} characters; literal braces are written {{ '${opened}' }}`);
}
