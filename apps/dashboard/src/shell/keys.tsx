// Which keys do what?
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Of the screen that is shown: a key to what it does, and in which words. */
export interface Keys {
  readonly [key: string]: readonly [words: string, act: () => void];
}

/** As they are when a key is pressed. */
const layers: (() => Keys)[] = [];
const isHelpOpen = signal(false);

/** The latest layer wins; a key it doesn't know goes on to those below. */
export function useKeys(keys: Keys): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const layer = () => current.current;
    layers.push(layer);
    return () => void layers.splice(layers.indexOf(layer), 1);
  }, []);
}

export function listenToKeys(): () => void {
  const press = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]')) return;
    const act = event.key === '?' ? () => (isHelpOpen.value = true) : layers.findLast((layer) => layer()[event.key])?.()[event.key]?.[1];
    if (!act) return;
    event.preventDefault();
    act();
  };
  window.addEventListener('keydown', press);
  return () => window.removeEventListener('keydown', press);
}

export function KeysHelp(): JSX.Element | null {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isHelpOpen.value) dialog.current?.showModal();
  }, [isHelpOpen.value]);
  if (!isHelpOpen.value) return null;
  const known = layers.flatMap((layer) => Object.entries(layer()).map(([key, [words]]) => [key, words] as const));
  return (
    <dialog ref={dialog} class="keys" aria-labelledby="keys-title" onClose={() => (isHelpOpen.value = false)}>
      <h2 id="keys-title">Keys</h2>
      <dl>
        {[...known, ['?', 'this list'] as const].map(([key, words]) => (
          <div key={key}>
            <dt><kbd>{key}</kbd></dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog"><button type="submit" class="button">Close</button></form>
    </dialog>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
