// Which columns does the reader want?
import type { JSX } from 'preact';
import { visible } from '../../text/visible.ts';
import { titleOf } from './columns.ts';

interface Choice {
  readonly offered: readonly string[];
  readonly chosen: readonly string[];
  readonly choose: (columns: readonly string[]) => void;
}

const kinds = [['', 'Of the run'], ['metrics.', 'Metrics, last value'], ['params.', 'Params']] as const;

export function ColumnChoice({ offered, chosen, choose }: Choice): JSX.Element {
  const toggle = (column: string) => choose(chosen.includes(column) ? chosen.filter((one) => one !== column) : [...chosen, column]);
  return (
    <details class="choice" onKeyDown={closeOnEscape}>
      <summary class="button">Columns</summary>
      <div class="choice-list">
        {kinds.map(([start, title]) => {
          const some = offered.filter((one) => (start ? one.startsWith(start) : !one.includes('.')));
          return some.length > 0 && (
            <fieldset key={title}>
              <legend>{title}</legend>
              {some.map((column) => (
                <label class="check" key={column}>
                  <input type="checkbox" checked={chosen.includes(column)} onChange={() => toggle(column)} />
                  {visible(titleOf(column))}
                </label>
              ))}
            </fieldset>
          );
        })}
      </div>
    </details>
  );
}

function closeOnEscape(event: KeyboardEvent): void {
  if (event.key !== 'Escape') return;
  const details = event.currentTarget as HTMLDetailsElement;
  details.open = false;
  details.querySelector('summary')?.focus();
}
