// How is this very thing done without the page?
import type { JSX } from 'preact';
import type { CloneRequest } from '#contracts';
import { Copyable } from '../../elements/copyable.tsx';
import type { Which } from '../experiment/address.ts';
import { commandLine, curlLine } from './command-lines.ts';
import type { Verb } from './verbs.ts';

export function SameElsewhere({ which, verb, request }: { which: Which; verb: Verb; request?: CloneRequest }): JSX.Element {
  return (
    <details class="elsewhere">
      <summary>The same in a terminal</summary>
      <Copyable label="command" text={commandLine(which, verb, request)} />
      <Copyable label="curl" text={curlLine(window.location.origin, which, verb, request)} />
      {request?.update_code && <p class="quiet">On the command line <code>-u</code> uploads the folder it is called in; the page runs what was uploaded last.</p>}
    </details>
  );
}
