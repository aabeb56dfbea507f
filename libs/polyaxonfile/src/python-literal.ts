// What does the text of a Python literal say? The original command line sends an override as `repr()` of a dict.
import { jsonNumber, type Json } from './json.ts';
import { pythonText } from './python-text.ts';

const depthMax = 32;

/** The text is no Python literal that JSON can hold; it may still be YAML. */
export class NotALiteral extends Error {}

/** Linear in the text: every character is looked at once, by sticky patterns that never look back. */
export function parsePythonLiteral(text: string): Json {
  const reader = new LiteralReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

const blank = /[ \t\r\n\f]*/y;
const word = /[A-Za-z_][A-Za-z_0-9.]*/y;
const number = /[-+]?(?:(?:\d+(?:_\d+)*)?\.\d+|\d+(?:_\d+)*\.?)(?:[eE][-+]?\d+)?/y;
const signedWord = /[-+](?:inf|nan)\b/y;
const stringBody = /(?:[^'"\\\n]+)/y;
const escape = /\\(?:(?<named>[\\'"abfnrtv])|x(?<x>[0-9a-fA-F]{2})|u(?<u>[0-9a-fA-F]{4})|U(?<U>[0-9a-fA-F]{8})|(?<octal>[0-7]{1,3})|(?<newline>\n))/y;
const meanings: Readonly<Record<string, string>> = { '\\': '\\', "'": "'", '"': '"', a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
const words = new Map<string, Json>([['True', true], ['False', false], ['None', null], ['inf', 'inf'], ['nan', 'nan']]);

class LiteralReader {
  private position = 0;

  constructor(private readonly text: string) {}

  value(depth: number): Json {
    if (depth > depthMax) throw new NotALiteral('nested too deeply');
    this.blank();
    const next = this.text[this.position];
    if (next === '{') return this.dictOrSet(depth);
    if (next === '[') return this.items('[', ']', depth);
    if (next === '(') return this.items('(', ')', depth);
    if (next === "'" || next === '"') return this.string();
    if (/^[bB]['"]/.test(this.text.slice(this.position, this.position + 2))) return this.bytes();
    return this.matches(signedWord)?.replace('+', '') ?? this.number() ?? this.word(depth);
  }

  end(): void {
    this.blank();
    if (this.position < this.text.length) throw new NotALiteral('something follows');
  }

  private dictOrSet(depth: number): Json {
    this.take('{');
    const items: Json[] = [];
    const entries = new Map<string, Json>();
    while (!this.took('}')) {
      const item = this.value(depth + 1);
      if (this.took(':')) entries.set(keyText(item), this.value(depth + 1));
      else items.push(item);
      if (entries.size > 0 && items.length > 0) throw new NotALiteral('half a dict, half a set');
      if (!this.took(',') && this.peek() !== '}') throw new NotALiteral('expected , or }');
    }
    return items.length > 0 ? items : Object.fromEntries(entries);
  }

  /** A list; a tuple becomes one, and a lone value in parentheses stays itself. */
  private items(open: string, close: string, depth: number): Json {
    this.take(open);
    const items: Json[] = [];
    let comma = false;
    while (!this.took(close)) {
      items.push(this.value(depth + 1));
      comma = this.took(',');
      if (!comma && this.peek() !== close) throw new NotALiteral(`expected , or ${close}`);
    }
    return open === '(' && items.length === 1 && !comma ? (items[0] as Json) : items;
  }

  private string(): string {
    const quote = this.text[this.position++];
    const pieces: string[] = [];
    for (;;) {
      pieces.push(this.matches(stringBody) ?? '');
      const next = this.text[this.position];
      if (next === quote) break;
      if (next === '\\') pieces.push(this.escaped());
      else if (next === "'" || next === '"') pieces.push(next);
      else throw new NotALiteral('a string is never closed');
      if (next !== '\\') this.position++;
    }
    this.position++;
    return pieces.join('');
  }

  /** Python keeps the backslash of an escape it doesn't know, but never writes one: such text is JSON or YAML. */
  private escaped(): string {
    escape.lastIndex = this.position;
    const groups = escape.exec(this.text)?.groups;
    if (!groups) throw new NotALiteral('an unknown escape');
    this.position = escape.lastIndex;
    if (groups.named !== undefined) return meanings[groups.named] ?? '';
    if (groups.newline !== undefined) return '';
    const code = groups.octal === undefined ? parseInt(groups.x ?? groups.u ?? groups.U ?? '', 16) : parseInt(groups.octal, 8);
    if (code > 0x10ffff) throw new NotALiteral('no such character');
    return String.fromCodePoint(code);
  }

  private bytes(): string {
    this.position++;
    const characters = this.string();
    return new TextDecoder().decode(Uint8Array.from(characters, (character) => character.charCodeAt(0)));
  }

  private number(): Json | undefined {
    const digits = this.matches(number);
    if (digits === undefined) return undefined;
    if (/^[-+]?0\d/.test(digits) && /^[-+]?\d+$/.test(digits)) throw new NotALiteral('a leading zero');
    if (/[\w.]/.test(this.text[this.position] ?? '')) throw new NotALiteral('not a number');
    const plain = digits.replaceAll('_', '');
    return jsonNumber(Number(plain), plain);
  }

  private word(depth: number): Json {
    const name = this.matches(word);
    const value = name === undefined ? undefined : words.get(name);
    if (value !== undefined) return value;
    if (name === 'set') {
      this.take('(');
      this.take(')');
      return [];
    }
    if (name === 'datetime.timezone.utc') return '+00:00';
    if (name?.startsWith('datetime.') && this.peek() === '(') return this.time(name, depth);
    throw new NotALiteral('an unknown name');
  }

  private time(name: string, depth: number): Json {
    this.take('(');
    const given: Json[] = [];
    const named = new Map<string, Json>();
    while (!this.took(')')) {
      this.blank();
      const key = this.matches(/[a-z]+(?==)/y);
      if (key !== undefined) {
        this.take('=');
        named.set(key, this.value(depth + 1));
      } else given.push(this.value(depth + 1));
      if (!this.took(',') && this.peek() !== ')') throw new NotALiteral('expected , or )');
    }
    return timeText(name, given, named);
  }

  private matches(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.position = pattern.lastIndex;
    return found;
  }

  private blank(): void {
    this.matches(blank);
  }

  private peek(): string | undefined {
    this.blank();
    return this.text[this.position];
  }

  private took(character: string): boolean {
    if (this.peek() !== character) return false;
    this.position++;
    return true;
  }

  private take(character: string): void {
    if (!this.took(character)) throw new NotALiteral(`expected ${character}`);
  }
}

function keyText(key: Json): string {
  if (typeof key === 'object' && key !== null) throw new NotALiteral('a key that is no text');
  const text = pythonText(key);
  if (text === '__proto__') throw new NotALiteral('a key that nobody may use');
  return text;
}

/** As Python's `str()` of the same moment or duration; a duration only ever appears as the offset of a time zone. */
function timeText(name: string, given: readonly Json[], named: ReadonlyMap<string, Json>): Json {
  const [year, month, day, hour, minute, second, microsecond] = given.map((part) => String(part).padStart(2, '0'));
  if (name === 'datetime.timezone') return given[0] ?? '+00:00';
  if (name === 'datetime.timedelta') return offset(Number(named.get('days') ?? given[0] ?? 0) * 86_400 + Number(named.get('seconds') ?? given[1] ?? 0));
  if (year === undefined || month === undefined || day === undefined) throw new NotALiteral('not a date');
  const date = `${year.padStart(4, '0')}-${month}-${day}`;
  if (name === 'datetime.date') return date;
  if (name !== 'datetime.datetime') throw new NotALiteral('an unknown name');
  const fraction = microsecond === undefined ? '' : `.${microsecond.padStart(6, '0')}`;
  return `${date} ${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}${fraction}${pythonText(named.get('tzinfo') ?? '')}`;
}

function offset(seconds: number): string {
  if (!Number.isFinite(seconds)) throw new NotALiteral('not a duration');
  const minutes = Math.abs(Math.trunc(seconds / 60));
  return `${seconds < 0 ? '-' : '+'}${String(Math.trunc(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
