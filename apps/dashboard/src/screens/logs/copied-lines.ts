// What does somebody get who copies lines of a log?
import { styledLine } from './styled-line.ts';

export const copiedLinesMax = 20_000;

/** As text: without colours, and of what was written over the last state. */
export function copiedText(lines: readonly string[]): string {
  return lines.map((line) => `${styledLine(line).parts.map(({ text }) => text).join('')}\n`).join('');
}
