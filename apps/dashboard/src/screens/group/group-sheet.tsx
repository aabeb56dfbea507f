// What exactly will happen to the members of a group?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { GroupBody, GroupResumePlan } from '#contracts';
import { ask, newKey, troubleOf, type Trouble } from '../../api/request.ts';
import { Copyable } from '../../elements/copyable.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { visible } from '../../text/visible.ts';
import { closeSheet } from '../plan/sheet.ts';
import { wordOf } from '../plan/verbs.ts';
import { groupPath, type GroupAddress } from './group-address.ts';
import { groupCommand, resumeTold, stopTold } from './group-plan.ts';
import '../plan/plan.css';

interface Sheet {
  readonly verb: 'stop' | 'resume';
  readonly group: GroupBody;
  readonly which: GroupAddress;
}

export function GroupSheet({ verb, group, which }: Sheet): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const isPendingOnly = useSignal(false);
  const plan = useSignal<GroupResumePlan | null>(null);
  const trouble = useSignal<Trouble | null>(null);
  const isAsking = useSignal(false);
  const hasChanged = useSignal(false);
  const key = useRef(newKey());
  const planNow = () => ask<GroupResumePlan>(`${groupPath(which)}/resume/plan`, { method: 'POST', body: {} });
  useEffect(() => {
    dialog.current?.showModal();
    if (verb === 'resume') planNow().then((found) => (plan.value = found), (error: unknown) => (trouble.value = troubleOf(error)));
    return () => document.querySelector<HTMLElement>(`[data-verb="${verb}"]`)?.focus();
  }, []);
  const stop = stopTold(group, isPendingOnly.value);
  const mayApply = !isAsking.value && (verb === 'stop' ? stop.does : plan.value !== null && plan.value.refusal === null);
  const isBusy = isAsking.value || (verb === 'resume' && !plan.value && !trouble.value);
  const why = verb === 'stop' ? 'group-stop' : trouble.value ? 'group-trouble' : 'group-refusal';
  const apply = async () => {
    isAsking.value = true;
    [trouble.value, hasChanged.value] = [null, false];
    try {
      const latest = verb === 'resume' ? await planNow() : null;
      if (latest && JSON.stringify(latest) !== JSON.stringify(plan.value)) [plan.value, hasChanged.value] = [latest, true];
      else {
        await ask(`${groupPath(which)}/${verb}`, { method: 'POST', body: verb === 'stop' && isPendingOnly.value ? { pending: true } : {}, key: key.current });
        closeSheet();
      }
    } catch (error) {
      trouble.value = troubleOf(error);
    } finally {
      isAsking.value = false;
    }
  };
  return (
    <dialog ref={dialog} class="plan" aria-labelledby="group-plan-title" onClose={closeSheet}>
      <header class="plan-head">
        <h2 id="group-plan-title">
          {wordOf[verb]} group {group.id} {visible(group.name ?? '')}
        </h2>
      </header>
      <div aria-live="polite">
        {hasChanged.value && <p class="note is-doubt">It has changed since you looked. This is what would happen now.</p>}
        {trouble.value && (
          <div id="group-trouble">
            <TroubleNote trouble={trouble.value} />
          </div>
        )}
        {verb === 'stop' && <p id="group-stop">{stop.text}</p>}
        {verb === 'stop' && stop.does && (
          <label class="check">
            <input type="checkbox" checked={isPendingOnly.value} onChange={(event) => (isPendingOnly.value = event.currentTarget.checked)} /> Only those that have not
            started
          </label>
        )}
        {verb === 'resume' && !plan.value && !trouble.value && <Waiting rows={2} />}
        {plan.value?.refusal && (
          <div id="group-refusal" class="note is-bad" role="alert">
            <p>
              <strong>Refused.</strong> {visible(plan.value.refusal.detail)}
            </p>
            {plan.value.refusal.fix && <Copyable text={plan.value.refusal.fix} />}
          </div>
        )}
        {plan.value && !plan.value.refusal && <p>{resumeTold(plan.value)}</p>}
      </div>
      <details class="elsewhere">
        <summary>The same in a terminal</summary>
        <Copyable label="command" text={groupCommand(which, verb, isPendingOnly.value)} />
      </details>
      <footer class="plan-end">
        <button type="button" class="button is-main" aria-disabled={!mayApply} aria-describedby={why} aria-busy={isBusy} onClick={() => void (mayApply && apply())}>
          {wordOf[verb]} group {group.id}
        </button>
        <button type="button" class="button" onClick={closeSheet}>
          Cancel
        </button>
      </footer>
    </dialog>
  );
}
