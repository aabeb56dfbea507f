// What will a resume, a restart or a copy be, and is that what is wanted?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ClonePlan } from '#contracts';
import { newKey, troubleOf, type Trouble } from '../../api/request.ts';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { address, go } from '../../shell/navigation.ts';
import { pathOf } from '../../shell/routes.ts';
import { visible } from '../../text/visible.ts';
import { pagePath } from '../experiment/address.ts';
import { applyPlan, planOf } from './apply.ts';
import { PlanText } from './plan-text.tsx';
import { Refusal } from './refusal.tsx';
import { noWishes, requestOf } from './request.ts';
import { SameElsewhere } from './same-elsewhere.tsx';
import { closeSheet, type Sheet } from './sheet.ts';
import { wordOf, type CloneVerb } from './verbs.ts';
import { WishForm } from './wish-form.tsx';

/** So long after the last letter it is asked again what would happen. */
const settleMs = 350;

export function CloneSheet({ verb, checkpoints, which }: Sheet & { verb: CloneVerb }): JSX.Element {
  const wishes = useSignal({ ...noWishes, from: address.value.searchParams.get('from') ?? '' });
  const plan = useSignal<ClonePlan | null>(null);
  const trouble = useSignal<Trouble | null>(null);
  const changedBecause = useSignal<string | null>(null);
  const isAsking = useSignal(false);
  const key = useRef(newKey());
  const request = requestOf(verb, wishes.value);
  const asked = JSON.stringify(request);

  useEffect(() => {
    const left = new AbortController();
    const timer = window.setTimeout(() => {
      planOf(which, verb, request, left.signal).then(
        (found) => ((plan.value = found), (trouble.value = null)),
        (error: unknown) => left.signal.aborted || ((trouble.value = troubleOf(error)), (plan.value = null)),
      );
    }, plan.value ? settleMs : 0);
    key.current = newKey();
    return () => (window.clearTimeout(timer), left.abort());
  }, [asked]);

  const apply = async () => {
    if (!plan.value) return;
    isAsking.value = true;
    changedBecause.value = null;
    trouble.value = null;
    try {
      const applied = await applyPlan(which, verb, request, { seen: plan.value, key: key.current });
      if ('made' in applied) go('group_type' in applied.made ? pathOf.runs(which.user, which.project) : pagePath({ ...which, id: applied.made.id }));
      else [plan.value, changedBecause.value, key.current] = [applied.changed, applied.why, newKey()];
    } catch (error) {
      trouble.value = troubleOf(error);
    } finally {
      isAsking.value = false;
    }
  };
  const why = plan.value?.refusal ? 'plan-refusal' : trouble.value ? 'plan-trouble' : undefined;
  const isBusy = isAsking.value || (!plan.value && !trouble.value);
  const mayApply = plan.value !== null && plan.value.refusal === null && !isAsking.value;
  return (
    <>
      <div class="plan-body">
        <WishForm verb={verb} wishes={wishes.value} checkpoints={checkpoints} change={(change) => (wishes.value = { ...wishes.value, ...change })} />
        <div class="plan-what" aria-live="polite">
          {changedBecause.value && <p class="note is-doubt" role="status">Nothing was done: {visible(changedBecause.value)}. This is what would happen now.</p>}
          {trouble.value && <div id="plan-trouble"><TroubleNote trouble={trouble.value} /></div>}
          {!plan.value && !trouble.value && <Waiting />}
          {plan.value?.refusal && <Refusal verb={verb} refusal={plan.value.refusal} which={which} insist={() => (wishes.value = { ...wishes.value, force: true })} />}
          {plan.value && <PlanText plan={plan.value} />}
        </div>
      </div>
      <SameElsewhere which={which} verb={verb} request={request} plan={plan.value} />
      <footer class="plan-end">
        <button type="button" class="button is-main" aria-disabled={!mayApply} aria-describedby={why} aria-busy={isBusy} onClick={() => void (mayApply && apply())}>
          {wordOf[verb]} #{which.id}
        </button>
        <button type="button" class="button" onClick={closeSheet}>Cancel</button>
      </footer>
    </>
  );
}
