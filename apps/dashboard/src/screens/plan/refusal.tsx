// Why not, and what would have to be done first?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { ClonePlan } from '#contracts';
import { Ago } from '../../elements/ago.tsx';
import { Copyable } from '../../elements/copyable.tsx';
import { addressWith } from '../../shell/navigation.ts';
import { visible } from '../../text/visible.ts';
import { pagePath, type Which } from '../experiment/address.ts';
import { riskOf } from './request.ts';
import type { CloneVerb } from './verbs.ts';

interface Refused {
  readonly verb: CloneVerb;
  readonly refusal: NonNullable<ClonePlan['refusal']>;
  readonly which: Which;
  readonly insist: () => void;
}

export function Refusal({ verb, refusal: { code, detail, fix, cause }, which, insist }: Refused): JSX.Element {
  const risk = riskOf(verb, code);
  return (
    <div class="note is-bad" id="plan-refusal" role="alert">
      <p><strong>Refused.</strong> {visible(detail)}</p>
      {cause && (
        <p class="quiet">
          It comes of <a href={`${pagePath({ ...which, id: cause.experiment_id }, 'history')}?event=${cause.event_id}`}>what {visible(cause.actor)} did with #{cause.experiment_id}</a>, <Ago time={cause.time} />.
        </p>
      )}
      {fix && <Copyable text={fix} />}
      <Mending fix={fix} which={which} />
      {risk && <Insistence risk={risk} which={which} insist={insist} />}
      <p class="quiet note-end">{code}</p>
    </div>
  );
}

/** The command that mends it, as a click where the page can do the same. */
function Mending({ fix, which }: { fix: string | null; which: Which }): JSX.Element | null {
  const [, id, verb] = /-xp (\d+) (stop|resume|restart|get)\b/.exec(fix ?? '') ?? [];
  if (id === undefined || verb === undefined) return null;
  const other = { ...which, id: Number(id) };
  const to = other.id === which.id ? addressWith({ do: verb === 'get' ? null : verb, from: null }) : `${pagePath(other)}${verb === 'get' ? '' : `?do=${verb}`}`;
  return <p><a class="button is-small" href={to}>{verb === 'get' ? `Look at #${id}` : `${verb.charAt(0).toUpperCase()}${verb.slice(1)} #${id} …`}</a></p>;
}

/** Typed, so that nobody does it by habit. */
function Insistence({ risk, which, insist }: { risk: string; which: Which; insist: () => void }): JSX.Element {
  const typed = useSignal('');
  return (
    <details>
      <summary>Do it all the same</summary>
      <p>{risk}</p>
      <label class="field">
        To insist, type {which.id}
        <input value={typed.value} inputMode="numeric" autoComplete="off" onInput={(event) => ((typed.value = event.currentTarget.value), typed.value.trim() === String(which.id) && insist())} />
      </label>
    </details>
  );
}
