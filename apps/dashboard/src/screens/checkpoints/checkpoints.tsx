// From where can it go on, and can that be trusted?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { isDone, type CheckpointOfferBody, type CheckpointsBody, type CheckpointSummary, type ExperimentBody, type LineageBody } from '#contracts';
import { concernsExperiment } from '../../api/happened.ts';
import { ask, newKey, troubleOf, type Trouble } from '../../api/request.ts';
import { useResource, type Resource } from '../../api/resource.ts';
import { Ago, now } from '../../elements/ago.tsx';
import { Copyable } from '../../elements/copyable.tsx';
import { StatusMark } from '../../elements/status-mark.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { address, addressWith } from '../../shell/navigation.ts';
import { bytes, count, duration } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { apiPath, pagePath, type Which } from '../experiment/address.ts';
import { placeOf, verdictOf } from '../experiment/answer.ts';
import { recipeOf } from './recipes.ts';
import { holdersOf, savingText, timelineOf, type TimelineOver } from './timeline.ts';
import './checkpoints.css';

/** Only the latest are drawn: nobody tells a thousand marks apart. */
const drawnMax = 200;

interface Shown {
  readonly saved: Resource<CheckpointsBody>;
  readonly experiment: ExperimentBody;
  readonly which: Which;
}

export function Checkpoints({ saved: { body, trouble, reload }, experiment, which }: Shown): JSX.Element {
  if (!experiment.is_managed) return <p class="quiet">It runs elsewhere: the platform does not look into its outputs.</p>;
  if (!body) return trouble ? <TroubleNote trouble={trouble} retry={reload} /> : <Waiting />;
  return (
    <section>
      {trouble && <TroubleNote title="This may be old." trouble={trouble} retry={reload} />}
      {body.problem && <div class="note is-bad">A resume would be refused: {visible(body.problem)}</div>}
      {body.offer && <Given offer={body.offer} />}
      <Keeping experiment={experiment} which={which} path={body.outputs_path} />
      {body.checkpoints.length === 0 ? <NothingSaved experiment={experiment} /> : (
        <>
          <p>{savingText(experiment, body, now.value)}</p>
          <Picture experiment={experiment} body={body} />
          <div class="scroller" tabIndex={0} role="region" aria-label="Checkpoints">
            <table class="table">
              <thead>
                <tr>
                  <th scope="col">Checkpoint</th><th scope="col" class="is-number">Step</th><th scope="col">Verdict</th>
                  <th scope="col">Saved</th><th scope="col" class="is-number">Size</th><th scope="col">Go on from here</th>
                </tr>
              </thead>
              <tbody>
                {body.checkpoints.map((one) => <Row key={one.path} one={one} isNext={one.path === body.next?.path} />)}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}

/** The table below says the same. */
function Picture({ experiment, body }: { experiment: ExperimentBody; body: CheckpointsBody }): JSX.Element | null {
  const over: TimelineOver = address.value.searchParams.get('x') === 'step' ? 'step' : 'time';
  const drawn = { ...body, checkpoints: body.checkpoints.slice(0, drawnMax) };
  const timeline = timelineOf(experiment, drawn, over, now.value);
  return (
    <figure class="timeline">
      <nav class="segments" aria-label="Over what">
        {(['time', 'step'] as const).map((one) => (
          <a key={one} class="button is-small" href={addressWith({ x: one === 'time' ? null : one })} aria-current={one === over ? 'true' : undefined}>
            {one === 'time' ? 'Time' : 'Step'}
          </a>
        ))}
      </nav>
      {!timeline ? (
        <p class="quiet">None of them tells its step.</p>
      ) : (
        <>
          <svg
            class="timeline-picture"
            role="img"
            aria-label={`Saves over ${over}: ${timeline.marks
              .map(({ words }) => words)
              .reverse()
              .join('; ')}`}
            height="36"
            width="100%"
          >
            <line x1="0" x2="100%" y1="18" y2="18" class="timeline-axis" />
            {timeline.marks.map(({ path, at, isWhole, isNext, words }) => (
              <svg key={path} x={`${2 + at * 96}%`} y="18" overflow="visible" class={isWhole ? 'is-whole' : 'is-damaged'}>
                <title>{visible(words)}</title>
                {isNext && <circle r="10" fill="none" stroke="currentColor" stroke-width="1.5" />}
                {isWhole ? <circle r="5" fill="currentColor" /> : <path d="M-5 -5l10 10M5 -5l-10 10" stroke="currentColor" stroke-width="2.5" fill="none" />}
              </svg>
            ))}
          </svg>
          <p class="timeline-ends quiet figures">
            <span>{timeline.ends[0]}</span>
            <span>{timeline.ends[1]}</span>
          </p>
          <p class="timeline-key quiet">
            ● whole · ✕ damaged · ◎ a resume goes on from it{body.checkpoints.length > drawnMax && ` · the latest ${drawnMax} of ${count(body.checkpoints.length)}`}
          </p>
        </>
      )}
    </figure>
  );
}

/** Whether they stay, and who needs them now. */
function Keeping({ experiment, which, path }: { experiment: ExperimentBody; which: Which; path: string }): JSX.Element {
  const trouble = useSignal<Trouble | null>(null);
  const isAsking = useSignal(false);
  const { body: lineage } = useResource<LineageBody>(`${apiPath(which)}/lineage`, { on: concernsExperiment(which.id) });
  const holders = lineage ? holdersOf(lineage, path) : [];
  const change = async () => {
    isAsking.value = true;
    try {
      await ask(`${apiPath(which)}/${experiment.is_pinned ? 'unpin' : 'pin'}`, { method: 'POST', body: {}, key: newKey() });
      trouble.value = null;
    } catch (error) {
      trouble.value = troubleOf(error);
    } finally {
      isAsking.value = false;
    }
  };
  return (
    <div class="keeping">
      <span>{experiment.is_pinned ? 'Pinned: no rule deletes its outputs.' : 'Not pinned: a rule for space may delete its outputs.'}</span>
      <button type="button" class="button is-small" aria-disabled={isAsking.value} aria-busy={isAsking.value} onClick={() => void (isAsking.value || change())}>{experiment.is_pinned ? 'Unpin' : 'Pin'}</button>
      {holders.length > 0 && (
        <span>In use by {holders.map(({ id, how }, index) => <span key={id}>{index > 0 && ', '}<a href={pagePath({ ...which, id })}>#{id}</a> ({how})</span>)}.</span>
      )}
      {trouble.value && <TroubleNote trouble={trouble.value} />}
    </div>
  );
}

function NothingSaved({ experiment }: { experiment: ExperimentBody }): JSX.Element {
  const spentMs = experiment.started_at === null ? null : (experiment.finished_at === null ? now.value : Date.parse(experiment.finished_at)) - Date.parse(experiment.started_at);
  const isLive = !isDone(experiment.last_status) && spentMs !== null;
  return (
    <div class="empty">
      <p>{isLive ? `Nothing that the platform knows was saved in ${duration(spentMs)}: if it dies now, all of that is lost.` : 'Nothing that the platform knows was saved in its outputs.'}</p>
      <p class="quiet">It knows the checkpoints of TensorFlow, Keras and PyTorch. A program that saves in a way of its own goes on with what it finds there. To save, for instance:</p>
      <Copyable label="in Python" text={recipeOf(experiment.framework)} />
    </div>
  );
}

function Row({ one, isNext }: { one: CheckpointSummary; isNext: boolean }): JSX.Element {
  return (
    <tr>
      <th scope="row">{visible(one.path)}{isNext && <span class="tag">a resume goes on from it</span>}</th>
      <td class="is-number">{one.step === null ? '–' : count(one.step)}</td>
      <td class="is-long"><span class="verdict"><StatusMarkOf isWhole={one.problem === null} /> {visible(verdictOf(one))}</span></td>
      <td><Ago time={one.modifiedAt} /></td>
      <td class="is-number">{bytes(one.sizeBytes)}</td>
      <td>
        {one.problem === null ? (
          <>
            <a href={addressWith({ do: 'resume', from: one.path })} aria-label={`Resume from ${one.path}`}>Resume</a>{' · '}
            <a href={addressWith({ do: 'copy', from: one.path })} aria-label={`Copy up to ${one.path}`}>Copy</a>
          </>
        ) : <span class="quiet">not from a damaged one</span>}
      </td>
    </tr>
  );
}

function StatusMarkOf({ isWhole }: { isWhole: boolean }): JSX.Element {
  return <span class="mark-only"><StatusMark status={isWhole ? 'succeeded' : 'failed'} /></span>;
}

const readWords: Readonly<Record<CheckpointOfferBody['read'], string>> = {
  read: 'and its program has read it', 'not-read': 'and its program has not read it', 'started-at-zero': 'and its program has begun at zero all the same',
  unknown: 'whether its program has read it is not known',
};

/** A resume that begins at zero without a word is what everybody fears. */
function Given({ offer: { offered, read, read_how: how, set_aside: aside } }: { offer: CheckpointOfferBody }): JSX.Element {
  const isLost = read === 'not-read' || read === 'started-at-zero';
  return (
    <div class={`note ${isLost ? 'is-bad' : ''}`}>
      <p>
        {offered ? <>It was given <strong>{visible(placeOf(offered))}</strong> ({visible(offered.path)}), {readWords[read]}.</> : 'It began without a checkpoint.'}
        {how && <span class="quiet"> {visible(how)}</span>}
      </p>
      {aside.length > 0 && <p class="quiet">Set aside before it started: {aside.map(({ path }) => visible(path)).join(', ')}</p>}
    </div>
  );
}
