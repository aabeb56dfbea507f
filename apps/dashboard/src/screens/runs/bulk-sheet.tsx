// What exactly will happen to each of the runs that were chosen?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { newKey, troubleOf, type Trouble } from '../../api/request.ts';
import { now } from '../../elements/ago.tsx';
import { Copyable } from '../../elements/copyable.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { addressWith, go } from '../../shell/navigation.ts';
import { plural } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { pagePath, type Which } from '../experiment/address.ts';
import { commandLine } from '../plan/command-lines.ts';
import { closeSheet } from '../plan/sheet.ts';
import { meaningOf, wordOf } from '../plan/verbs.ts';
import { applyOne, askAll, inTurn, type Outcome } from './bulk-apply.ts';
import { jointPlan, sumOf, type Asked, type BulkVerb, type Item } from './joint-plan.ts';
import '../plan/plan.css';

export function BulkSheet({ verb, ids, project }: { verb: BulkVerb; ids: readonly number[]; project: Omit<Which, 'id'> }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const asked = useSignal<ReadonlyMap<number, Asked>>(new Map());
  const outcomes = useSignal<ReadonlyMap<number, Outcome>>(new Map());
  const trouble = useSignal<Trouble | null>(null);
  const isDoing = useSignal(false);
  const keys = useRef(new Map<number, string>());
  const among = ids.join();

  useEffect(() => {
    dialog.current?.showModal();
    return () => document.querySelector<HTMLElement>(`.selection [data-verb="${verb}"]`)?.focus();
  }, []);
  const find = (some: readonly number[], signal: AbortSignal) => askAll(verb, project, some, (one) => (asked.value = new Map([...asked.value, [one.id, one]])), signal);
  useEffect(() => {
    const left = new AbortController();
    find(ids, left.signal).catch((error: unknown) => left.signal.aborted || (trouble.value = troubleOf(error)));
    return () => left.abort();
  }, [among]);

  const isKnown = ids.every((id) => asked.value.has(id));
  const items = isKnown ? jointPlan(verb, ids.map((id) => asked.value.get(id) ?? { id }), now.value) : [];
  const willDo = items.filter(({ id, does }) => does && outcomes.value.get(id)?.is !== 'done');
  const apply = async () => {
    isDoing.value = true;
    await inTurn(willDo, async ({ id }) => {
      const key = keys.current.get(id) ?? newKey();
      keys.current.set(id, key); // the same click twice acts once
      const outcome = await applyOne(verb, { ...project, id }, asked.value.get(id) ?? { id }, key);
      outcomes.value = new Map([...outcomes.value, [id, outcome]]);
      if (outcome.is === 'changed') keys.current.delete(id);
    });
    const changed = ids.filter((id) => outcomes.value.get(id)?.is === 'changed');
    if (changed.length > 0) await find(changed, new AbortController().signal).catch((error: unknown) => (trouble.value = troubleOf(error)));
    isDoing.value = false;
  };
  const isBusy = (!isKnown && !trouble.value) || isDoing.value;
  const mayApply = isKnown && willDo.length > 0 && !isDoing.value;
  return (
    <dialog ref={dialog} class="plan" aria-labelledby="bulk-title" onClose={closeSheet}>
      <header class="plan-head">
        <h2 id="bulk-title">
          {wordOf[verb]} {plural(ids.length, 'run')}
        </h2>
        <p class="quiet">
          {meaningOf[verb]} {isKnown && `Of what you chose: ${sumOf(items)}.`}
        </p>
      </header>
      {trouble.value && <div id="bulk-trouble"><TroubleNote trouble={trouble.value} /></div>}
      {!isKnown && !trouble.value && <Waiting />}
      <ul class="joint" aria-live="polite">
        {items.map((item) => (
          <One key={item.id} item={item} outcome={outcomes.value.get(item.id)} which={{ ...project, id: item.id }} />
        ))}
      </ul>
      {willDo.length > 0 && (
        <details class="elsewhere">
          <summary>The same in a terminal</summary>
          <Copyable label="commands" text={willDo.map(({ id }) => commandLine({ ...project, id }, verb)).join('\n')} />
        </details>
      )}
      <footer class="plan-end">
        {(willDo.length > 0 || !isKnown) && (
          <button type="button" class="button is-main" aria-disabled={!mayApply} aria-describedby={trouble.value ? 'bulk-trouble' : undefined} aria-busy={isBusy} onClick={() => void (mayApply && apply())}>
            {wordOf[verb]} {plural(willDo.length, 'run')}
          </button>
        )}
        {outcomes.value.size > 0 && (
          <button type="button" class="button" onClick={() => go(addressWith({ do: null, selected: null }), { replace: true })}>
            Close, and choose none
          </button>
        )}
        <button type="button" class="button" onClick={closeSheet}>
          {outcomes.value.size > 0 ? 'Close' : 'Cancel'}
        </button>
      </footer>
    </dialog>
  );
}

function One({ item: { id, name, does, text, fix }, outcome, which }: { item: Item; outcome: Outcome | undefined; which: Which }): JSX.Element {
  return (
    <li class={does ? undefined : 'is-refused'}>
      <strong><a href={pagePath(which)}>#{id}</a> {visible(name)}</strong>
      <span>{!does && <strong>Not done: </strong>}{visible(text)}</span>
      {!does && fix && <Copyable text={fix} />}
      {outcome && <span class={`outcome is-${outcome.is}`}>{outcomeText(outcome)}{outcome.is === 'done' && outcome.made !== null && <> <a href={pagePath({ ...which, id: outcome.made })}>#{outcome.made}</a></>}</span>}
    </li>
  );
}

function outcomeText(outcome: Outcome): string {
  if (outcome.is === 'done') return outcome.made === null ? '✓ it was asked to stop' : '✓ made';
  return outcome.is === 'changed' ? 'Not done: it has changed since you looked. This is what would happen now.' : `Not done: ${visible(outcome.why)}`;
}
