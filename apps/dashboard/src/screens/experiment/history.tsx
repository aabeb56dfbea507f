// What happened to it, in which order, who did it, and how was it then?
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ExperimentStateBody, HistoryEntry, Page, StatusBody } from '#contracts';
import { concernsExperiment } from '../../api/happened.ts';
import { useResource } from '../../api/resource.ts';
import { Ago, now } from '../../elements/ago.tsx';
import { StatusMark } from '../../elements/status-mark.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { address, addressWith } from '../../shell/navigation.ts';
import { duration, plural } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { arrowsOf, type Arrow, type Arrows } from '../history/arrows.ts';
import { AsOf } from '../history/as-of.tsx';
import { missingEffect, positionIn, positionOf, rowsOf, type Happening, type Row } from '../history/rows.ts';
import { sentenceOf } from '../history/sentences.ts';
import '../history/history.css';
import { apiPath, type Which } from './address.ts';

export function HistoryTab({ which }: { which: Which }): JSX.Element {
  const on = concernsExperiment(which.id);
  const statuses = useResource<Page<StatusBody>>(`${apiPath(which)}/statuses?limit=500`, { on });
  const events = useResource<readonly HistoryEntry[]>(`${apiPath(which)}/history`, { on });
  const latest = useResource<ExperimentStateBody>(`${apiPath(which)}/history/state`, { on });
  const { searchParams } = address.value;
  const arrows = arrowsOf(events.body ?? []);
  const { hash } = address.value;
  const isThere = events.body !== undefined;
  useEffect(() => void (hash.startsWith('#event-') && document.getElementById(hash.slice(1))?.querySelector('summary')?.focus()), [hash, isThere]);
  const at = positionIn(searchParams.get('at'), events.body?.length ?? 0) ?? positionOf(searchParams.get('event'), events.body ?? []);
  return (
    <div class="history">
      <section class="history-events">
        <h2>What happened</h2>
        {events.trouble && <TroubleNote trouble={events.trouble} retry={events.reload} />}
        {!events.body && !events.trouble && <Waiting />}
        {events.body && events.body.length > 0 && <AsOf which={which} at={at} of={events.body.length} />}
        <ol class="events">
          {events.body && rowsOf(events.body).map((row) => <EventRow key={keyOf(row)} row={row} arrows={arrows} at={at} />)}
          {latest.body && <Missing state={latest.body} />}
        </ol>
      </section>
      <section>
        <h2>Statuses</h2>
        {statuses.trouble && <TroubleNote trouble={statuses.trouble} retry={statuses.reload} />}
        {!statuses.body && !statuses.trouble && <Waiting rows={4} />}
        <ol class="statuses">
          {statuses.body?.results.map(({ id, status, message, created_at: time }) => (
            <li key={id}>
              <StatusMark status={status} />
              <Ago time={time} />
              {message && <span class="reason">{visible(message)}</span>}
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

function keyOf(row: Row): string {
  return row.is === 'event' ? row.happening.entry.id : row.is === 'folded' ? `folded ${row.happenings[0].entry.id}` : `idle ${row.key}`;
}

function EventRow({ row, arrows, at }: { row: Row; arrows: readonly Arrows[]; at: number | null }): JSX.Element {
  if (row.is === 'idle') return <li class="event-idle quiet">nothing for {duration(row.ms)}</li>;
  if (row.is === 'event') return <li><Event happening={row.happening} arrows={arrows} afterMs={row.afterMs} at={at} /></li>;
  const holdsPlace = row.happenings.some(({ position }) => position === at);
  return (
    <li>
      <details open={holdsPlace}>
        <summary class="quiet">{plural(row.happenings.length, 'step')} between the services</summary>
        {row.happenings.map((happening) => <Event key={happening.entry.id} happening={happening} arrows={arrows} afterMs={null} at={at} />)}
      </details>
    </li>
  );
}

function Event({ happening: { position, entry }, arrows, afterMs, at }: { happening: Happening; arrows: readonly Arrows[]; afterMs: number | null; at: number | null }): JSX.Element {
  const { type, time, stream, data } = entry;
  const { from = null, to = [] } = arrows[position - 1] ?? {};
  return (
    <div id={`event-${position}`} class={`event ${position === at ? 'is-here' : ''}`}>
      <details>
        <summary>
          <span class="event-name">{visible(sentenceOf(entry))}</span>
          <span class="quiet">{afterMs !== null && afterMs < 60_000 && `after ${afterMs < 1000 ? `${afterMs} ms` : duration(afterMs)}, `}<Ago time={time} /></span>
        </summary>
        <p class="quiet mono">{type} in {stream}</p>
        <pre tabIndex={0} aria-label={`Data of ${type}`}>{visible(JSON.stringify(data, null, 2))}</pre>
      </details>
      <a class="event-place" href={addressWith({ at: String(position), event: null })} aria-label={`As it was after event ${position}`} aria-current={position === at ? 'true' : undefined}>{position}</a>
      {(from !== null || to.length > 0) && (
        <p class="event-arrows quiet">
          {from && <ArrowLink arrow={from} sign="↰" says="came of event" when="before" />}
          {to.map((arrow) => <ArrowLink key={arrow.position} arrow={arrow} sign="↳" says="led to event" when="later" />)}
        </p>
      )}
    </div>
  );
}

/** To the event at its other end, which is unfolded and has the focus then. */
function ArrowLink({ arrow: { position, service, afterMs }, sign, says, when }: { arrow: Arrow; sign: string; says: string; when: string }): JSX.Element {
  const place = addressWith({ at: String(position), event: null }).replace(/#.*/, '');
  return (
    <a class="event-arrow" href={`${place}#event-${position}`}>
      <span aria-hidden="true">{sign}</span> {says} {position} of the {service}, {afterMs < 1000 ? `${afterMs} ms` : duration(afterMs)} {when}
    </a>
  );
}

/** Its own row, as it is what somebody looks for. */
function Missing({ state }: { state: ExperimentStateBody }): JSX.Element | null {
  const wait = missingEffect(state.waits, now.value);
  if (!wait) return null;
  const waited = duration(now.value - Date.parse(wait.since));
  return (
    <li>
      <div class={`note ${wait.kind === 'missing' ? 'is-doubt' : ''}`}>
        <p><strong>{wait.kind === 'missing' ? `Missing for ${waited}:` : `For ${waited}:`}</strong> {visible(wait.reason)}.</p>
        <p class="quiet">It goes on with {visible(wait.released_by)}.</p>
      </div>
    </li>
  );
}
