// How does a command get from the page into a terminal?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';

const saidMs = 1500;

export function Copyable({ text, label }: { text: string; label?: string }): JSX.Element {
  const copied = useSignal(false);
  const place = useRef<HTMLElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      copied.value = true;
      window.setTimeout(() => (copied.value = false), saidMs);
    } catch {
      if (place.current) window.getSelection()?.selectAllChildren(place.current); // not allowed: it is selected, and a key away
    }
  };
  return (
    <div class="copyable">
      {label && <span class="copyable-label">{label}</span>}
      <pre tabIndex={0} aria-label={label ?? 'command'}>
        <code ref={place}>{text}</code>
      </pre>
      <button type="button" class="button is-small" onClick={() => void copy()}>
        {copied.value ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}
