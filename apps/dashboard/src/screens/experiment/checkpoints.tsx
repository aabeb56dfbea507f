// From where can it go on, and can that be trusted?
import type { JSX } from 'preact';
import type { CheckpointOfferBody, CheckpointsBody, CheckpointSummary } from '#contracts';
import type { Resource } from '../../api/resource.ts';
import { Ago } from '../../elements/ago.tsx';
import { StatusMark } from '../../elements/status-mark.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { addressWith } from '../../shell/navigation.ts';
import { bytes, count } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { placeOf, verdictOf } from './answer.ts';

export function Checkpoints({ saved: { body, trouble, reload }, isManaged }: { saved: Resource<CheckpointsBody>; isManaged: boolean }): JSX.Element {
  if (!isManaged) return <p class="quiet">It runs elsewhere: the platform does not look into its outputs.</p>;
  if (!body) return trouble ? <TroubleNote trouble={trouble} retry={reload} /> : <Waiting />;
  return (
    <section>
      {trouble && <TroubleNote title="This may be old." trouble={trouble} retry={reload} />}
      {body.problem && <div class="note is-bad">A resume would be refused: {visible(body.problem)}</div>}
      {body.offer && <Given offer={body.offer} />}
      {body.checkpoints.length === 0 ? (
        <p class="quiet">None that the platform knows is in its outputs: it knows those of TensorFlow, Keras and PyTorch. A program that saves in a way of its own goes on with what it finds there.</p>
      ) : (
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
      )}
    </section>
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
