// What could not be handled, why, and what is to become of it?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { DeadLetterBody, DroppedLetterBody, Page } from '#contracts';
import { ask, troubleOf, type Trouble } from '../../api/request.ts';
import { useResource } from '../../api/resource.ts';
import { Ago } from '../../elements/ago.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { plural } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';

/** Asked for again when their number changes: a letter that is tried again and fails again stays, with its new reason. */
export function DeadLetters({ count, changed }: { count: number; changed: () => void }): JSX.Element {
  const { body, trouble, reload } = useResource<Page<DeadLetterBody>>('/admin/dead_letters', { everyMs: count > 0 ? 5000 : undefined });
  const dropped = useResource<Page<DroppedLetterBody>>('/admin/dead_letters/dropped');
  useEffect(() => (reload(), dropped.reload()), [count]);
  const done = () => (reload(), dropped.reload(), changed());
  return (
    <section>
      <h2>Dead letters</h2>
      {trouble && <TroubleNote trouble={trouble} retry={reload} />}
      {body?.results.length === 0 && <p class="quiet">None: every event could be handled.</p>}
      <ul class="letters">
        {body?.results.map((letter) => <Letter key={`${letter.consumer_group}${letter.message_id}`} letter={letter} done={done} />)}
      </ul>
      {dropped.body && dropped.body.results.length > 0 && <Dropped letters={dropped.body.results} />}
    </section>
  );
}

function Letter({ letter, done }: { letter: DeadLetterBody; done: () => void }): JSX.Element {
  const trouble = useSignal<Trouble | null>(null);
  const reason = useSignal('');
  const { consumer_group, message_id, stream, type, reason: why, tries, died_at: died, is_replayed: isReplayed, data } = letter;
  const post = async (what: 'replay' | 'drop', more: object = {}) => {
    trouble.value = null;
    try {
      await ask(`/admin/dead_letters/${what}`, { method: 'POST', body: { consumer_group, message_id, ...more } });
    } catch (error) {
      trouble.value = troubleOf(error);
    }
    done();
  };
  const mayDrop = reason.value.trim() !== '';
  return (
    <li class="note is-bad">
      <p><strong>{type}</strong> of <span class="mono">{visible(stream)}</span>, for the {consumer_group}: {visible(why)}</p>
      <p class="quiet small">given up <Ago time={died} /> after {plural(tries, 'try', 'tries')}{isReplayed && ', about to be tried again'}</p>
      <details>
        <summary>What is in it</summary>
        <pre class="letter-data" tabIndex={0} aria-label={`Data of ${type}`}>{data === null ? 'It is not in the store.' : visible(JSON.stringify(data, null, 2))}</pre>
      </details>
      <p><button type="button" class="button is-small" onClick={() => void post('replay')}>Try again</button></p>
      <details>
        <summary>Drop it</summary>
        <form class="letter-drop" onSubmit={(event) => (event.preventDefault(), void (mayDrop && post('drop', { reason: reason.value })))}>
          <label class="field" id={`why-${message_id}`}>
            Why nobody shall handle it; kept with your name
            <input value={reason.value} maxLength={1000} autoComplete="off" onInput={(event) => (reason.value = event.currentTarget.value)} />
          </label>
          <button type="submit" class="button is-small is-bad" aria-disabled={!mayDrop} aria-describedby={`why-${message_id}`}>{mayDrop ? 'Drop it for good' : 'Drop it for good: say why first'}</button>
        </form>
      </details>
      {trouble.value && <TroubleNote trouble={trouble.value} />}
    </li>
  );
}

function Dropped({ letters }: { letters: readonly DroppedLetterBody[] }): JSX.Element {
  return (
    <details>
      <summary>{plural(letters.length, 'letter was', 'letters were')} dropped</summary>
      <ul class="dropped">
        {letters.map(({ consumer_group: group, message_id: id, type, stream, dropped_by: by, dropped_because: because, dropped_at: at, reason }) => (
          <li key={`${group}${id}`}>
            {type} of <span class="mono">{visible(stream)}</span>, for the {group}: dropped by {visible(by)} <Ago time={at} />: {visible(because)} <span class="quiet">({visible(reason)})</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
