// How is this very thing done without the page?
import type { JSX } from 'preact';
import type { ClonePlan, CloneRequest } from '#contracts';
import { Copyable } from '../../elements/copyable.tsx';
import type { Which } from '../experiment/address.ts';
import { commandLine, curlLine } from './command-lines.ts';
import type { Verb } from './verbs.ts';

interface Shown {
  readonly which: Which;
  readonly verb: Verb;
  readonly request?: CloneRequest;
  readonly plan?: ClonePlan | null;
}

export function SameElsewhere({ which, verb, request, plan }: Shown): JSX.Element {
  return (
    <details class="elsewhere">
      <summary>The same in a terminal</summary>
      <Copyable label="command" text={commandLine(which, verb, request)} />
      <Copyable label="curl" text={curlLine(window.location.origin, which, verb, request)} />
      {plan && !request?.update_code && (
        <>
          <Copyable label="only if" text={`--plan-token ${plan.token}`} />
          <p class="quiet">With it, as the button sends it, nothing is done once anything that this plan has seen is different, or after {new Date(plan.valid_until).toLocaleTimeString()}.</p>
        </>
      )}
      {request?.update_code && <p class="quiet">On the command line <code>-u</code> uploads the folder it is called in; the page runs what was uploaded last.</p>}
    </details>
  );
}
