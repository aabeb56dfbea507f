// What does a search say? `status: running|failed, metrics.loss: <=0.1, ~name: %foo%, created_at: 2018-10-01 .. 2019-10-01`
import { Refusal } from '#decider';

/** A value as it was written; what it means depends on the field. */
export interface Operand {
  readonly text: string;
  /** Where it stands in the search, from 0. */
  readonly at: number;
  /** In quotes nothing is special: neither `%`, nor `nil`, nor a comma. */
  readonly quoted: boolean;
}

export type Comparison = '<' | '<=' | '>' | '>=';

export type Term =
  | { readonly kind: 'is'; readonly operand: Operand }
  | { readonly kind: 'compare'; readonly comparison: Comparison; readonly operand: Operand }
  /** Both ends belong to it; null: open. */
  | { readonly kind: 'range'; readonly from: Operand | null; readonly to: Operand | null };

/** True when one of its terms is; the other way round when negated. */
export interface Condition {
  readonly field: string;
  readonly at: number;
  readonly negated: boolean;
  readonly terms: readonly Term[];
}

export const example = 'status: running|failed, metrics.loss: <=0.1';

/** Conditions that must all be true. Blanks don't matter; what can't be read is refused with its place, never ignored. */
export function parseQuery(text: string): Condition[] {
  return new Reader(text).conditions();
}

/** `at` counts from 0, people from 1. */
export function unreadable(at: number, why: string, such = example): Refusal {
  return new Refusal('request-invalid', `the search can't be read at character ${at + 1}: ${why}; for example: ${such}`, `polyaxon project experiments -q ${JSON.stringify(such)}`);
}

class Reader {
  #at = 0;

  constructor(private readonly text: string) {}

  conditions(): Condition[] {
    const found: Condition[] = [];
    for (;;) {
      this.#take(/[\s,]*/y);
      if (this.#at >= this.text.length) return found;
      found.push(this.#condition());
    }
  }

  #condition(): Condition {
    const outside = this.#take(/~\s*/y) !== '';
    const at = this.#at;
    const field = this.#take(/(?:"(?:[^"\\]|\\.)*"|[^:,"])+/y).trim();
    if (field === '') throw unreadable(at, 'a condition starts with the name of a field');
    if (this.#take(/:\s*/y) === '') throw unreadable(at, `${JSON.stringify(field)} is not a condition; write field: value`);
    const inside = this.#take(/~\s*/y) !== '';
    return { field: unquoted(field), at, negated: outside !== inside, terms: this.#terms() };
  }

  #terms(): Term[] {
    const terms = [this.#term()];
    while (this.#take(/\s*\|\s*/y) !== '') terms.push(this.#term());
    this.#take(/\s*/y);
    const next = this.text[this.#at];
    if (next !== undefined && next !== ',') throw unreadable(this.#at, `${JSON.stringify(this.text.slice(this.#at, this.#at + 20))} follows a value; conditions are separated by commas, values by |`);
    return terms;
  }

  #term(): Term {
    const sign = this.#take(/(?:<=|>=|<|>|==?)\s*/y).trim();
    if (sign.startsWith('=')) return { kind: 'is', operand: this.#operand() };
    if (sign !== '') return { kind: 'compare', comparison: sign as Comparison, operand: this.#operand() };
    if (this.#takesRange()) return { kind: 'range', from: null, to: this.#operand() };
    const operand = this.#operand();
    if (!this.#takesRange()) return { kind: 'is', operand };
    return { kind: 'range', from: operand, to: this.#ends() ? null : this.#operand() };
  }

  #operand(): Operand {
    const at = this.#at;
    const quoted = this.#take(/"(?:[^"\\]|\\.)*"/y);
    if (quoted !== '') return { text: unquoted(quoted), at, quoted: true };
    if (this.text[at] === '"') throw unreadable(at, 'this quote is never closed');
    const text = this.#take(/(?:(?!\.\.)[^,|])+/y).trim();
    if (text === '') throw unreadable(at, 'a value is missing');
    return { text, at, quoted: false };
  }

  #takesRange(): boolean {
    return this.#take(/\s*\.\.\s*/y) !== '';
  }

  #ends(): boolean {
    return this.#at >= this.text.length || /[,|]/.test(this.text[this.#at] ?? '');
  }

  /** What matches here, which is then behind us. */
  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}

/** `metrics."a:b"` and `"a, b"` without their quotes. */
function unquoted(text: string): string {
  return text.replaceAll(/"((?:[^"\\]|\\.)*)"/g, (_, inside: string) => inside.replaceAll(/\\(.)/g, '$1'));
}
