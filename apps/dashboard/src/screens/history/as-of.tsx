// How was it then, and what is different between then and another time?
import type { JSX } from 'preact';
import type { Difference, ExperimentStateBody } from '#contracts';
import { useResource } from '../../api/resource.ts';
import { NumberField } from '../../elements/number-field.tsx';
import { StatusMark } from '../../elements/status-mark.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { useKeys } from '../../shell/keys.tsx';
import { address, addressWith, go } from '../../shell/navigation.ts';
import { plain } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { apiPath, type Which } from '../experiment/address.ts';
import { Changed } from '../plan/plan-text.tsx';
import { positionIn } from './rows.ts';
import { sentenceOf } from './sentences.ts';

/** Null: now. While somebody looks at an earlier time, nothing that happens moves it. */
export function AsOf({ which, at, of }: { which: Which; at: number | null; of: number }): JSX.Element {
  const from = at === null ? null : positionIn(address.value.searchParams.get('from'), of);
  const query = new URLSearchParams({ ...(at !== null && { at: String(at) }), ...(from !== null && { from: String(from) }) }).toString();
  const { body, trouble, reload } = useResource<ExperimentStateBody>(at === null ? null : `${apiPath(which)}/history/state?${query}`);
  const place = at ?? of;
  const to = (position: number | null) => go(addressWith(position === null ? { at: null, from: null, event: null } : { at: String(Math.min(of, Math.max(1, position))), event: null }), { replace: true });
  useKeys({ ',': ['one event earlier', () => to(place - 1)], '.': ['one event later', () => to(place + 1)] });
  return (
    <div class="as-of">
      <div class="as-of-place">
        <button type="button" class="button is-small" aria-disabled={place <= 1} aria-describedby="history-place" onClick={() => to(place - 1)}>Earlier</button>
        <input type="range" min={1} max={of} step={1} value={place} aria-label="Event to look at" aria-valuetext={`event ${place} of ${of}`} onInput={(event) => to(Number(event.currentTarget.value))} />
        <button type="button" class="button is-small" aria-disabled={place >= of} aria-describedby="history-place" onClick={() => to(place + 1)}>Later</button>
        <label class="as-of-number" id="history-place">
          event <NumberField value={place} max={of} choose={(text) => to(Number(text) || of)} /> of {of}{place === of && ', the last'}
        </label>
        <button type="button" class="button is-small" aria-pressed={at === null} onClick={() => to(null)}>Now</button>
      </div>
      {trouble && <TroubleNote trouble={trouble} retry={reload} />}
      {at !== null && body && <Then state={body} of={of} />}
    </div>
  );
}

function Then({ state, of }: { state: ExperimentStateBody; of: number }): JSX.Element {
  const { at, event, experiment, offer, waits, from, differences } = state;
  const params = Object.entries(experiment.params);
  return (
    <div class="then" aria-live="polite">
      <p><strong>As it was at {new Date(event.time).toLocaleString()}</strong>, after event {at}: {visible(sentenceOf(event))}.</p>
      <p><StatusMark status={experiment.last_status} /> {visible(experiment.last_status_message ?? '')}{experiment.attempt > 1 && ` (attempt ${experiment.attempt})`}</p>
      {waits && <p class="quiet">It waited: {visible(waits.reason)}.</p>}
      <dl class="pairs">
        <Pair name="Goes on from">{offer?.offered ? `${visible(offer.offered.path)}, ${words[offer.read]}` : 'nothing that was known then'}</Pair>
        <Pair name="Params">{params.length === 0 ? 'none' : params.map(([name, value]) => `${visible(name)} ${visible(plain(value))}`).join(' · ')}</Pair>
        <Pair name="Code">{experiment.code_revision?.slice(0, 12) ?? 'none'}</Pair>
        {experiment.name !== null && <Pair name="Name">{visible(experiment.name)}</Pair>}
      </dl>
      <label class="as-of-number">
        Compared with event{' '}
        <NumberField value={from} max={of} choose={(text) => go(addressWith({ from: text }), { replace: true })} />
      </label>
      {differences && <Differences of={differences} />}
    </div>
  );
}

const words = { read: 'which its program has read', 'not-read': 'which its program has not read', 'started-at-zero': 'but it started at zero', unknown: 'not known whether it was read' } as const;

function Differences({ of }: { of: readonly Difference[] }): JSX.Element {
  if (of.length === 0) return <p class="quiet">Nothing is different.</p>;
  return (
    <div class="diff">
      {of.map((one) => <Changed key={one.path} one={one} />)}
    </div>
  );
}

function Pair({ name, children }: { name: string; children: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
