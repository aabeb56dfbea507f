// How does what a program wrote for a terminal look here?
import Anser from 'anser';
import { visible } from '../../text/visible.ts';

export interface Styled {
  readonly text: string;
  /** Of the page's own style sheet: nothing of what was printed becomes style or markup. */
  readonly style: string;
}

export interface StyledLine {
  readonly parts: readonly Styled[];
  /** How often the line was written over: a progress bar. */
  readonly folded: number;
}

const lengthMax = 20_000;
const known = /^ansi-(?:bright-)?(black|red|green|yellow|blue|magenta|cyan|white)$/;
const decorations = new Set(['bold', 'dim', 'italic', 'underline', 'strikethrough']);

export function styledLine(line: string): StyledLine {
  const states = line.replace(/\r+$/, '').split('\r');
  const last = states.findLast((state) => state !== '') ?? '';
  const cut = last.length > lengthMax ? `${last.slice(0, lengthMax)} … ${last.length - lengthMax} more characters: they are in the download` : last;
  return { parts: cut.includes('\u001b') ? partsOf(cut) : [{ text: visible(cut), style: '' }], folded: states.length - 1 };
}

function partsOf(line: string): Styled[] {
  const parts = Anser.ansiToJson(line, { json: true, use_classes: true, remove_empty: true });
  return parts.map(({ content, fg, decorations: had }) => ({ text: visible(content), style: styleOf(fg, had) }));
}

function styleOf(foreground: string | null, had: readonly string[]): string {
  const [, colour] = known.exec(foreground ?? '') ?? [];
  return [...(colour ? [`ansi-${colour}`] : []), ...had.filter((one) => decorations.has(one)).map((one) => `ansi-${one}`)].join(' ');
}
