// How does Python write a value? Programs are given theirs on a command line, and most of them are Python.
import { type Json } from './json.ts';

/** As `str()`: what a template writes. */
export function pythonText(value: Json): string {
  return typeof value === 'string' ? value : pythonLiteral(value);
}

/** As `repr()`. */
export function pythonLiteral(value: Json): string {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  return `{${Object.entries(value).map(([key, item]) => `${quoted(key)}: ${pythonLiteral(item)}`).join(', ')}}`;
}

const named = new Map([['\n', '\\n'], ['\t', '\\t'], ['\r', '\\r'], ['\\', '\\\\']]);

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\p{Cc}\p{Cs}\\'"]/gu, (character) => {
    if (character === quote) return `\\${quote}`;
    if (character === "'" || character === '"') return character;
    const code = character.charCodeAt(0);
    return named.get(character) ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`);
  });
  return `${quote}${escaped}${quote}`;
}
