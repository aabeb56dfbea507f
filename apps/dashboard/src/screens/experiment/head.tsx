// What does somebody see of a run in the first five seconds?
import type { ComponentChildren, JSX } from 'preact';
import { isDone, type CheckpointsBody, type ExperimentBody } from '#contracts';
import { Ago, now } from '../../elements/ago.tsx';
import { StatusMark } from '../../elements/status-mark.tsx';
import { address, addressWith } from '../../shell/navigation.ts';
import { age } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { askedToStop } from '../plan/apply.ts';
import { verbs, wordOf, type Verb } from '../plan/verbs.ts';
import { spent } from '../runs/columns.ts';
import { pagePath, type Which } from './address.ts';
import { answerOf, placeOf, verdictOf } from './answer.ts';

export function Head({ experiment, checkpoints, which }: { experiment: ExperimentBody; checkpoints: CheckpointsBody | undefined; which: Which }): JSX.Element {
  const { mood, text } = answerOf(experiment, checkpoints, now.value);
  const { last_status: status, last_status_message: reason } = experiment;
  const asked = isDone(status) ? undefined : askedToStop.value.get(experiment.id);
  return (
    <header class="head">
      <div class="head-title">
        <h1>
          <span class="quiet">#{experiment.id}</span> {visible(experiment.name ?? '')}
        </h1>
        <StatusMark status={status} />
        {asked !== undefined && <span class="quiet" role="status">stopping, asked {age(asked, now.value)}</span>}
        {reason && isDone(status) && <span class="head-reason">{visible(reason)}</span>}
      </div>
      <div class="head-actions">
        {verbs.map((verb) => <Action key={verb} verb={verb} isNext={verb === 'resume' && isDone(status) && Boolean(checkpoints?.next)} />)}
      </div>
      <p class={`answer is-${mood}`}>{visible(text) || '\u00a0'}</p>
      <Facts experiment={experiment} checkpoints={checkpoints} which={which} />
    </header>
  );
}

/** None is ever dead: what can't be done now says in its plan why not, and what would have to be done first. */
function Action({ verb, isNext }: { verb: Verb; isNext: boolean }): JSX.Element {
  return <a class={`button ${isNext ? 'is-main' : ''}`} href={addressWith({ do: verb, from: null }, address.value)} data-verb={verb}>{wordOf[verb]} …</a>;
}

function Facts({ experiment, checkpoints, which }: { experiment: ExperimentBody; checkpoints: CheckpointsBody | undefined; which: Which }): JSX.Element {
  const { next } = checkpoints ?? {};
  const { source_id: source, cloning_strategy: strategy, started_at: started, attempt } = experiment;
  return (
    <dl class="facts">
      <Fact title="Last good checkpoint">
        {next ? <><a href={pagePath(which, 'checkpoints')}>{visible(placeOf(next))}</a>, <Ago time={next.modifiedAt} />, {verdictOf(next)}</> : '–'}
      </Fact>
      <Fact title="Duration">{spent(experiment, now.value)}{attempt > 1 && `, attempt ${attempt}`}</Fact>
      <Fact title="From">{source === null ? 'nothing, it is an original' : <>{strategy} of <a href={pagePath({ ...which, id: source })}>#{source}</a></>}</Fact>
      <Fact title="Started by">{visible(experiment.user)}, {started ? <Ago time={started} /> : 'not yet'}</Fact>
    </dl>
  );
}

function Fact({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}
