// What was asked for, word for word?
import type { JSX } from 'preact';
import type { ExperimentBody } from '#contracts';
import { Copyable } from '../../elements/copyable.tsx';
import { visible } from '../../text/visible.ts';
import { getLine } from '../plan/command-lines.ts';
import type { Which } from './address.ts';

export function Specification({ experiment: { content }, which }: { experiment: ExperimentBody; which: Which }): JSX.Element {
  return (
    <section>
      {content.trim() === '' ? (
        <p class="quiet">It has none: it is only tracked.</p>
      ) : (
        <pre class="specification" tabIndex={0} aria-label="Polyaxonfile"><code>{visible(readable(content))}</code></pre>
      )}
      <Copyable label="all of it" text={getLine(which)} />
    </section>
  );
}

/** JSON was written by a program, for programs. */
function readable(content: string): string {
  try {
    return JSON.stringify(JSON.parse(content), null, 2);
  } catch {
    return content;
  }
}
