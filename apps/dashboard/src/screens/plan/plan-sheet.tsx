// What exactly will happen, and is it safe?
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { visible } from '../../text/visible.ts';
import { CloneSheet } from './clone-sheet.tsx';
import { closeSheet, type Sheet } from './sheet.ts';
import { StopSheet } from './stop-sheet.tsx';
import { meaningOf, wordOf, type Verb } from './verbs.ts';
import './plan.css';

/** The sheet is a part of the address: a link shows it, and the way back closes it. Focus returns to what opened it, which the browser remembers. */
export function PlanSheet({ verb, ...sheet }: Sheet & { verb: Verb }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => (opener?.isConnected && opener !== document.body ? (opener as HTMLElement) : document.querySelector<HTMLElement>(`[data-verb="${verb}"]`))?.focus();
  }, []);
  return (
    <dialog ref={dialog} class="plan" aria-labelledby="plan-title" onClose={closeSheet}>
      <header class="plan-head">
        <h2 id="plan-title">{wordOf[verb]} #{sheet.which.id} {visible(sheet.experiment.name ?? '')}</h2>
        <p class="quiet">{meaningOf[verb]}</p>
      </header>
      {verb === 'stop' ? <StopSheet {...sheet} /> : <CloneSheet verb={verb} {...sheet} />}
    </dialog>
  );
}
