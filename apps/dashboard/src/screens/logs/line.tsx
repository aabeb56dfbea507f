// How does a line of a console look?
import type { ComponentChildren, JSX } from 'preact';
import type { LogPart } from '#contracts';
import { count } from '../../text/amounts.ts';
import { partsAround } from './hit-pages.ts';
import type { LogHits } from './log-hits.ts';
import { styledLine } from './styled-line.ts';

interface Shown {
  readonly number: number;
  /** Undefined: it is coming. */
  readonly text: string | undefined;
  readonly isMarked: boolean;
  readonly hits: LogHits | null;
  /** Of whom it is the first line, where there are several. */
  readonly begins: LogPart | undefined;
  readonly mark: (line: number, isRange: boolean) => void;
}

export function Line({ number, text, isMarked, hits, begins, mark }: Shown): JSX.Element {
  const { parts, folded } = text === undefined ? { parts: [{ text: '…', style: 'quiet' }], folded: 0 } : styledLine(text);
  const classes = ['line', isMarked && 'is-marked', hits?.isHit(number) && 'is-hit', begins && 'is-first'].filter(Boolean).join(' ');
  return (
    <div class={classes} data-line={number + 1}>
      <span class="line-number" onClick={(event) => mark(number, event.shiftKey)}>{number + 1}</span>
      <span class="line-text">
        {begins && <span class="line-part">#{begins.experiment_id}, attempt {begins.attempt}</span>}
        {parts.map(({ text: part, style }, index) => <span key={index} class={style || undefined}>{found(part, hits)}</span>)}
        {folded > 0 && <span class="quiet"> (written over {count(folded)} times)</span>}
      </span>
    </div>
  );
}

function found(text: string, hits: LogHits | null): ComponentChildren {
  if (!hits || hits.searched.isExpression) return text;
  return partsAround(text, hits.searched.text, hits.searched.matchesCase).map((part, index) => (index % 2 === 1 ? <mark key={index}>{part}</mark> : part));
}
