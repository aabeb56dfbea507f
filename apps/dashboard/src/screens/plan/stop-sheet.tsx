// What does a stop cost now?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { isDone } from '#contracts';
import { newKey, troubleOf, type Trouble } from '../../api/request.ts';
import { now } from '../../elements/ago.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { wordsOf } from '../../text/statuses.ts';
import { visible } from '../../text/visible.ts';
import { answerOf } from '../experiment/answer.ts';
import { applyStop } from './apply.ts';
import { SameElsewhere } from './same-elsewhere.tsx';
import { closeSheet, type Sheet } from './sheet.ts';

export function StopSheet({ experiment, checkpoints, which }: Sheet): JSX.Element {
  const trouble = useSignal<Trouble | null>(null);
  const isAsking = useSignal(false);
  const key = useRef(newKey());
  const isOver = isDone(experiment.last_status);
  const { mood, text } = answerOf(experiment, checkpoints, now.value);
  const stop = async () => {
    isAsking.value = true;
    trouble.value = null;
    try {
      await applyStop(which, key.current);
      closeSheet();
    } catch (error) {
      trouble.value = troubleOf(error);
    } finally {
      isAsking.value = false;
    }
  };
  return (
    <>
      {isOver ? <p class="note">It has ended already: it is {wordsOf(experiment.last_status)}. There is nothing to stop.</p> : <p class={`answer is-${mood}`}>{visible(text)}</p>}
      {trouble.value && <TroubleNote trouble={trouble.value} />}
      <SameElsewhere which={which} verb="stop" />
      <footer class="plan-end">
        {!isOver && (
          <button type="button" class="button is-main" aria-disabled={isAsking.value} aria-busy={isAsking.value} onClick={() => void (isAsking.value || stop())}>
            {isAsking.value ? 'Asking' : 'Stop'} #{which.id}
          </button>
        )}
        <button type="button" class="button" onClick={closeSheet}>{isOver ? 'Close' : 'Keep it running'}</button>
      </footer>
    </>
  );
}
