// What happened to it, in which order, and who did it?
import type { JSX } from 'preact';
import type { HistoryEntry, Page, StatusBody } from '#contracts';
import { concernsExperiment } from '../../api/happened.ts';
import { useResource } from '../../api/resource.ts';
import { Ago } from '../../elements/ago.tsx';
import { StatusMark } from '../../elements/status-mark.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { visible } from '../../text/visible.ts';
import { apiPath, type Which } from './address.ts';

export function HistoryTab({ which }: { which: Which }): JSX.Element {
  const on = concernsExperiment(which.id);
  const statuses = useResource<Page<StatusBody>>(`${apiPath(which)}/statuses?limit=500`, { on });
  const events = useResource<readonly HistoryEntry[]>(`${apiPath(which)}/history`, { on });
  return (
    <div class="history">
      <section>
        <h2>Statuses</h2>
        {statuses.trouble && <TroubleNote trouble={statuses.trouble} retry={statuses.reload} />}
        {!statuses.body && !statuses.trouble && <Waiting rows={4} />}
        <ol class="statuses">
          {statuses.body?.results.map(({ id, status, message, created_at: at }) => (
            <li key={id}>
              <StatusMark status={status} />
              <Ago time={at} />
              {message && <span class="reason">{visible(message)}</span>}
            </li>
          ))}
        </ol>
      </section>
      <section>
        <h2>Events</h2>
        {events.trouble && <TroubleNote trouble={events.trouble} retry={events.reload} />}
        {!events.body && !events.trouble && <Waiting />}
        <ol class="events">
          {events.body?.map((entry) => <EventRow key={entry.id} entry={entry} />)}
        </ol>
      </section>
    </div>
  );
}

function EventRow({ entry: { type, time, actor, stream, data } }: { entry: HistoryEntry }): JSX.Element {
  return (
    <li>
      <details>
        <summary>
          <span class="event-name">{type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()}</span>
          <span class="quiet">{visible(actor)} <Ago time={time} /></span>
        </summary>
        <p class="quiet mono">{stream}</p>
        <pre tabIndex={0} aria-label={`Data of ${type}`}>{visible(JSON.stringify(data, null, 2))}</pre>
      </details>
    </li>
  );
}
