// Is my copy moving, and when is it done?
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { CopyBody } from '#contracts';
import { useResource } from '../../api/resource.ts';
import { Ago, now } from '../../elements/ago.tsx';
import { StatusMark } from '../../elements/status-mark.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { pathOf } from '../../shell/routes.ts';
import { bytes, count, plural } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { doneOf, endedText, isRunning, moodStatus, movingText } from './moving.ts';
import './copies.css';

/** How far one is, no event tells. */
const liveEveryMs = 1000;

export function Copies(): JSX.Element {
  const { body, trouble, reload } = useResource<readonly CopyBody[]>('/copies', { on: ({ type }) => /^(Outputs|ExperimentCopy|ExperimentDone|ExperimentDeleted)/.test(type), everyMs: liveEveryMs });
  const running = body?.filter(isRunning) ?? [];
  const ended = body?.filter((copy) => !isRunning(copy)) ?? [];
  const title = running.length > 0 ? `${plural(running.length, 'copy', 'copies')} running` : 'No copy is running';
  useEffect(() => void (document.title = body ? `${title} · Polyaxon` : 'Copies · Polyaxon'), [title, body === undefined]);
  return (
    <section class="copies">
      <h1>{body ? title : 'Copies'}</h1>
      {trouble && <TroubleNote title={body ? 'This may be old.' : undefined} trouble={trouble} retry={reload} />}
      {!body && !trouble && <Waiting />}
      {body?.length === 0 && <p class="quiet">Nothing was copied in the last 24 hours. A copy of a run goes on from a copy of its outputs: on the page of a run, choose Copy.</p>}
      {running.length > 0 && <Running copies={running} />}
      {ended.length > 0 && <Ended copies={ended} />}
    </section>
  );
}

function Running({ copies }: { copies: readonly CopyBody[] }): JSX.Element {
  return (
    <div class="scroller" tabIndex={0} role="region" aria-label="Copies that run">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Waits for it</th>
            <th scope="col">From</th>
            <th scope="col">Phase</th>
            <th scope="col">Done</th>
            <th scope="col" class="is-number">
              Files
            </th>
            <th scope="col" class="is-number">
              Bytes
            </th>
            <th scope="col">How it goes</th>
            <th scope="col">Cancel</th>
          </tr>
        </thead>
        <tbody>
          {copies.map((copy) => {
            const { experiment_id: id, phase, progress } = copy;
            const { mood, text } = movingText(copy, now.value);
            const done = doneOf(copy);
            return (
              <tr key={id}>
                <th scope="row">
                  <Run copy={copy} />
                </th>
                <td>
                  <Source copy={copy} />
                </td>
                <td>
                  <StatusMark status={moodStatus[phase]} words={phase} />
                </td>
                <td>
                  {done === null ? (
                    <span class="quiet">–</span>
                  ) : (
                    <>
                      <progress value={done} max={1} aria-label={`Copy for #${id}`} /> {Math.floor(done * 100)}%
                    </>
                  )}
                </td>
                <td class="is-number">{progress && progress.files > 0 ? `${count(progress.files_done)} of ${count(progress.files)}` : '–'}</td>
                <td class="is-number">{progress && progress.files > 0 ? `${bytes(progress.bytes_done)} of ${bytes(progress.bytes)}` : '–'}</td>
                <td class={`is-long ${mood === 'doubt' ? 'is-still' : ''}`}>{visible(text)}</td>
                <td>
                  <a class="button is-small" href={`${pageOf(copy)}?do=stop`} aria-label={`Cancel the copy for #${id}`}>
                    Cancel …
                  </a>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Ended({ copies }: { copies: readonly CopyBody[] }): JSX.Element {
  return (
    <>
      <h2>Lately ended</h2>
      <div class="scroller" tabIndex={0} role="region" aria-label="Copies that have ended">
        <table class="table">
          <thead><tr><th scope="col">For</th><th scope="col">From</th><th scope="col">Outcome</th><th scope="col">What came of it</th><th scope="col">Ended</th></tr></thead>
          <tbody>
            {copies.map((copy) => (
              <tr key={copy.experiment_id}>
                <th scope="row"><Run copy={copy} /></th>
                <td><Source copy={copy} /></td>
                <td><StatusMark status={moodStatus[copy.phase]} words={copy.phase} /></td>
                <td class="is-long">{visible(endedText(copy))}</td>
                <td>{copy.ended_at === null ? '–' : <Ago time={copy.ended_at} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Run({ copy }: { copy: CopyBody }): JSX.Element {
  const { experiment_id: id, name, project, started_by: user } = copy;
  return <><a class="run-of" href={pageOf(copy)}>#{id} {visible(name ?? '')}</a> <span class="quiet">of {visible(user)} in {visible(project.replace('.', '/'))}</span></>;
}

function Source({ copy }: { copy: CopyBody }): JSX.Element {
  return copy.source_id === null ? <span class="quiet">–</span> : <a class="run-of" href={pageOf(copy, copy.source_id)}>#{copy.source_id}</a>;
}

function pageOf({ project, experiment_id: own }: CopyBody, id = own): string {
  const [user = '', name = ''] = project.split('.');
  return pathOf.experiment(user, name, id);
}
