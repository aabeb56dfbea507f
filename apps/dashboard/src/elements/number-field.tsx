// How is a number written in while what stands around it changes?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

interface Field {
  readonly value: number | null;
  readonly max: number;
  readonly choose: (text: string) => void;
}

/** From 1 on. What is half written stays until it is chosen, however often the page is drawn meanwhile. */
export function NumberField({ value, max, choose }: Field): JSX.Element {
  const written = useSignal<string | null>(null);
  return (
    <input
      type="number"
      min={1}
      max={max}
      value={written.value ?? value ?? ''}
      onInput={(event) => (written.value = event.currentTarget.value)}
      onChange={(event) => {
        written.value = null;
        choose(event.currentTarget.value);
      }}
    />
  );
}
