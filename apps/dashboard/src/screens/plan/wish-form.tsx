// What shall be different?
import type { JSX } from 'preact';
import type { CheckpointsBody } from '#contracts';
import { visible } from '../../text/visible.ts';
import { placeOf } from '../experiment/answer.ts';
import type { Wishes } from './request.ts';
import type { CloneVerb } from './verbs.ts';

interface Form {
  readonly verb: CloneVerb;
  readonly wishes: Wishes;
  readonly checkpoints: CheckpointsBody | undefined;
  readonly change: (change: Partial<Wishes>) => void;
}

export function WishForm({ verb, wishes, checkpoints, change }: Form): JSX.Element {
  const whole = checkpoints?.checkpoints.filter(({ problem }) => problem === null) ?? [];
  const isKnown = wishes.from === '' || whole.some(({ path }) => path === wishes.from);
  return (
    <form class="wishes" onSubmit={(event) => event.preventDefault()}>
      <label class="field">
        What is different
        <textarea rows={6} spellcheck={false} autoCapitalize="none" placeholder={'params:\n  lr: 0.01'} value={wishes.override} onInput={(event) => change({ override: event.currentTarget.value })} />
      </label>
      {verb !== 'restart' && (
        <label class="field">
          Go on from
          <select value={wishes.from} onChange={(event) => change({ from: event.currentTarget.value })}>
            <option value="">the newest whole checkpoint</option>
            {!isKnown && <option value={wishes.from}>{visible(wishes.from)}</option>}
            {whole.map((one) => <option key={one.path} value={one.path}>{visible(one.step === null ? one.path : `${placeOf(one)} (${one.path})`)}</option>)}
          </select>
        </label>
      )}
      <label class="field">
        Name
        <input value={wishes.name} maxLength={64} spellcheck={false} placeholder="none" onInput={(event) => change({ name: event.currentTarget.value })} />
      </label>
      <label class="check">
        <input type="checkbox" checked={wishes.newestCode} onChange={(event) => change({ newestCode: event.currentTarget.checked })} />
        Run the code that was uploaded last
      </label>
      {wishes.force && (
        <label class="check">
          <input type="checkbox" checked onChange={() => change({ force: false })} />
          Although it would be refused
        </label>
      )}
    </form>
  );
}
