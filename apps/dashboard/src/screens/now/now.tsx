// What needs somebody, what runs, and what has ended since they looked?
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { DismissalBody, DoneBody, NeedBody, NowBody, NowExperiment, RunningBody } from '#contracts';
import { ask, troubleOf, type Trouble } from '../../api/request.ts';
import { useResource } from '../../api/resource.ts';
import { Ago, now } from '../../elements/ago.tsx';
import { Copyable } from '../../elements/copyable.tsx';
import { StatusMark } from '../../elements/status-mark.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { pathOf } from '../../shell/routes.ts';
import { duration, plural } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { Projects } from '../projects/projects.tsx';
import { actsAfter, actsOn, metricsText, needTitle, nowTitle, savedText, type Act } from './now-text.ts';
import './now.css';

/** Metrics and saves are no events. */
const everyMs = 5000;
/** What happens between services changes nothing here. */
const changing = /^(Experiment|Run(Held|Started|Succeeded|Failed|Stopped|AttemptFailed|CheckpointSeen)$)/;

export function Now({ reader }: { reader: string }): JSX.Element {
  const { body, trouble, reload } = useResource<NowBody>('/now', { on: ({ type }) => changing.test(type), everyMs });
  const dismissed = useSignal<readonly DismissalBody[]>([]);
  const failure = useSignal<Trouble | null>(null);
  const title = body ? nowTitle(body) : 'Now';
  useEffect(() => void (document.title = `${title} · Polyaxon`), [title]);
  const tell = async (what: readonly DismissalBody[], how: 'dismissals' | 'dismissals/undo') => {
    failure.value = null;
    try {
      await ask(`/now/${how}`, { method: 'POST', body: { dismissed: what } });
      dismissed.value = how === 'dismissals' ? what : [];
    } catch (error) {
      failure.value = troubleOf(error);
    }
    reload();
  };
  const dismiss = (what: readonly DismissalBody[]) => void tell(what, 'dismissals');
  return (
    <article class="now">
      <h1 class="unseen">Now</h1>
      {trouble && <TroubleNote trouble={trouble} retry={reload} title={body ? 'This may be old.' : undefined} />}
      {failure.value && <TroubleNote trouble={failure.value} />}
      {!body && !trouble && <Waiting />}
      {dismissed.value.length > 0 && (
        <p class="note undo" role="status">
          {plural(dismissed.value.length, 'row')} dismissed.{' '}
          <button type="button" class="button is-small" onClick={() => void tell(dismissed.value, 'dismissals/undo')}>Undo</button>
        </p>
      )}
      {body && !body.has_runs && <FirstRun />}
      {body?.has_runs && <Shown body={body} dismiss={dismiss} />}
      <Projects user={reader} reader={reader} isPart />
    </article>
  );
}

function Shown({ body, dismiss }: { body: NowBody; dismiss: (what: readonly DismissalBody[]) => void }): JSX.Element {
  const { needs, running, running_count: runningCount, done, done_count: doneCount } = body;
  return (
    <>
      <Section title="Needs you" empty={needs.length === 0 && 'Nothing needs you.'}>
        <ul class="rows">{needs.map((need) => <Need key={`${need.kind}${need.experiment.id}`} need={need} dismiss={dismiss} />)}</ul>
      </Section>
      <Section title={runningCount > running.length ? `Running, the latest ${running.length} of ${runningCount}` : 'Running'} empty={running.length === 0 && 'Nothing is running.'}>
        <ul class="rows">{running.map((one) => <Running key={one.experiment.id} one={one} />)}</ul>
      </Section>
      <Section title={doneCount > done.length ? `Done since you looked, the latest ${done.length} of ${doneCount}` : 'Done since you looked'} empty={done.length === 0 && 'Nothing that you have not seen.'}>
        <ul class="rows">{done.map((one) => <Done key={one.experiment.id} one={one} dismiss={dismiss} />)}</ul>
        <p><button type="button" class="button is-small" onClick={() => dismiss(done.map(({ experiment }) => ({ experiment: experiment.id, kind: 'done' })))}>I have seen these</button></p>
      </Section>
    </>
  );
}

function Need({ need, dismiss }: { need: NeedBody; dismiss: (what: readonly DismissalBody[]) => void }): JSX.Element {
  const { experiment, kind, text, since, fix } = need;
  return (
    <Row experiment={experiment} status={<StatusMark status={kind === 'failed' ? 'failed' : 'warning'} words={needTitle(need)} />} when={<Ago time={since} />} acts={actsOn(need)}
      more={<DismissButton what={{ experiment: experiment.id, kind }} dismiss={dismiss} />}>
      <p class="row-text">{visible(text)}</p>
      {fix && kind === 'refused' && <Copyable text={fix} />}
    </Row>
  );
}

function Running({ one }: { one: RunningBody }): JSX.Element {
  const { experiment, started_at: started, last_metric: metrics } = one;
  const at = (tab?: 'logs') => pathOf.experiment(experiment.user, experiment.project, experiment.id, tab);
  return (
    <Row experiment={experiment} status={<StatusMark status={experiment.last_status} />} when={`for ${duration(now.value - Date.parse(started))}`}
      acts={[{ words: 'Logs', to: at('logs') }, { words: 'Stop …', to: `${at()}?do=stop` }]}>
      <p class="row-text figures">{[visible(metricsText(metrics)), savedText(one, now.value)].filter((part) => part !== '').join(' · ')}</p>
    </Row>
  );
}

function Done({ one, dismiss }: { one: DoneBody; dismiss: (what: readonly DismissalBody[]) => void }): JSX.Element {
  const { experiment, finished_at: end, started_at: start, last_metric: metrics } = one;
  const took = start === null ? '' : `took ${duration(Date.parse(end) - Date.parse(start))}`;
  return (
    <Row experiment={experiment} status={<StatusMark status={experiment.last_status} />} when={<Ago time={end} />} acts={actsAfter(experiment)}
      more={<DismissButton what={{ experiment: experiment.id, kind: 'done' }} dismiss={dismiss} />}>
      <p class="row-text figures">{[took, visible(metricsText(metrics))].filter((part) => part !== '').join(' · ')}</p>
    </Row>
  );
}

function DismissButton({ what, dismiss }: { what: DismissalBody; dismiss: (what: readonly DismissalBody[]) => void }): JSX.Element {
  return <button type="button" class="button is-small is-plain" aria-label={`Dismiss #${what.experiment}`} onClick={() => dismiss([what])}>Dismiss</button>;
}

interface RowParts {
  readonly experiment: NowExperiment;
  readonly status: JSX.Element;
  readonly when: ComponentChildren;
  readonly acts: readonly Act[];
  readonly more?: JSX.Element;
  readonly children: ComponentChildren;
}

function Row({ experiment: { id, name, user, project }, status, when, acts, more, children }: RowParts): JSX.Element {
  return (
    <li class="row">
      <div class="row-what">
        <p class="row-title">
          <a href={pathOf.experiment(user, project, id)}>#{id} {visible(name ?? '')}</a> {status} <span class="quiet">{when} · <a href={pathOf.runs(user, project)}>{visible(project)}</a></span>
        </p>
        {children}
      </div>
      <div class="row-acts">
        {acts.map(({ words, to }) => <a key={words} class="button is-small" href={to} aria-label={`${words} #${id}`}>{words}</a>)}
        {more}
      </div>
    </li>
  );
}

function FirstRun(): JSX.Element {
  return (
    <section class="first-run">
      <h2>Run something</h2>
      <p>In the folder of your code, with a <code>polyaxonfile.yml</code> that says what to run:</p>
      <Copyable label="make a project" text="polyaxon project create --name mnist --init" />
      <Copyable label="run it" text="polyaxon run -u -f polyaxonfile.yml" />
      <Copyable label="see what it prints" text="polyaxon experiment logs -f" />
      <p class="quiet">Its program saves into <code>POLYAXON_RUN_OUTPUTS_PATH</code>; from there a resume goes on. What it does is here as soon as it does it.</p>
    </section>
  );
}

function Section({ title, empty, children }: { title: string; empty: string | false; children: ComponentChildren }): JSX.Element {
  return (
    <section>
      <h2>{title}</h2>
      {empty ? <p class="quiet">{empty}</p> : children}
    </section>
  );
}
