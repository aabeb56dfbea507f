// How does a line of a console look?
import type { JSX } from 'preact';
import { count } from '../../text/amounts.ts';
import { styledLine } from './styled-line.ts';

interface Shown {
  readonly number: number;
  /** Undefined: it is coming. */
  readonly text: string | undefined;
  readonly isMarked: boolean;
  readonly mark: (line: number, isRange: boolean) => void;
}

export function Line({ number, text, isMarked, mark }: Shown): JSX.Element {
  const { parts, folded } = text === undefined ? { parts: [{ text: '…', style: 'quiet' }], folded: 0 } : styledLine(text);
  return (
    <div class={`line ${isMarked ? 'is-marked' : ''}`} data-line={number + 1}>
      <span class="line-number" onClick={(event) => mark(number, event.shiftKey)}>{number + 1}</span>
      <span class="line-text">
        {parts.map(({ text: part, style }, index) => (style ? <span key={index} class={style}>{part}</span> : part))}
        {folded > 0 && <span class="quiet"> (written over {count(folded)} times)</span>}
      </span>
    </div>
  );
}
