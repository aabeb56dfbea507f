// Which metrics does the reader want to see?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { plural } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';

interface Choice {
  readonly offered: readonly string[];
  readonly chosen: readonly string[];
  readonly choose: (names: readonly string[]) => void;
}

/** Of thousands nobody reads a list. */
const listedMax = 100;

export function MetricChoice({ offered, chosen, choose }: Choice): JSX.Element {
  const wanted = useSignal('');
  const found = offered.filter((name) => name.toLowerCase().includes(wanted.value.trim().toLowerCase()));
  const listed = [...chosen.filter((name) => !found.includes(name)), ...found].slice(0, listedMax);
  const toggle = (name: string) => choose(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  return (
    <details class="metric-choice">
      <summary class="button is-small">Metrics ({chosen.length} of {offered.length})</summary>
      <div class="metric-list">
        <label class="field">Find<input type="search" value={wanted.value} spellcheck={false} onInput={(event) => (wanted.value = event.currentTarget.value)} /></label>
        {listed.map((name) => (
          <label class="check" key={name}><input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} />{visible(name)}</label>
        ))}
        {found.length > listed.length && <p class="quiet">{plural(found.length - listed.length, 'more metric')}: type a part of the name.</p>}
      </div>
    </details>
  );
}
