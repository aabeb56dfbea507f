// What does a request's body say, also one that Python wrote?
import { Refusal } from '#decider';

/**
 * Any JSON value, a bare string included; empty is undefined. Python writes NaN and Infinity as they are: they become the texts
 * `nan`, `inf` and `-inf`, which every JSON can hold and which mean the same to Python.
 * A key `__proto__` is refused: whoever sends one means harm.
 */
export function readJson(text: string): unknown {
  if (text.trim() === '') return undefined;
  const reviver = /__proto__|\\u/i.test(text) ? refusePrototype : undefined;
  try {
    return JSON.parse(text, reviver);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (!/NaN|Infinity/.test(text)) throw invalid(error as Error);
  }
  try {
    return JSON.parse(asTexts(text), reviver);
  } catch (error) {
    throw error instanceof Refusal ? error : invalid(error as Error);
  }
}

const words: Readonly<Record<string, string>> = { NaN: 'nan', Infinity: 'inf', '-Infinity': '-inf' };

/** Strings are matched first, so that one that speaks of NaN keeps it; one without an end matches too, so that no input makes the search start over and over. */
export function asTexts(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*(?:"|\\?$)|-?\bInfinity\b|\bNaN\b/gs, (found) => (found.startsWith('"') ? found : JSON.stringify(words[found])));
}

function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new Refusal('request-invalid', 'a key __proto__ is not accepted');
  return value;
}

function invalid(error: Error): Refusal {
  return new Refusal('request-invalid', `the body is not JSON: ${error.message}`);
}
