// Which numbers is a curve made of?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { SeriesBody } from '#contracts';
import { count, measure } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { attemptName, pointsOf } from './curve.ts';

const pageSize = 50;

/** The same as the picture, for whoever reads it or can't see it; a page at a time. */
export function PointTable({ body, name }: { body: SeriesBody; name: string }): JSX.Element {
  const place = useId();
  const isOpen = useSignal(false);
  const page = useSignal(0);
  const points = isOpen.value ? pointsOf(body, name) : [];
  const pages = Math.max(1, Math.ceil(points.length / pageSize));
  const at = Math.min(page.value, pages - 1);
  const turn = (by: number) => (page.value = Math.min(pages - 1, Math.max(0, at + by)));
  const shown = points.slice(at * pageSize, (at + 1) * pageSize);
  return (
    <details onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>As a table</summary>
      <div class="scroller" tabIndex={0} role="region" aria-label={`Values of ${visible(name)}`}>
        <table class="table">
          <thead><tr><th scope="col" class="is-number">Step</th><th scope="col" class="is-number">{visible(name)}</th><th scope="col">Reported</th><th scope="col">By</th><th scope="col">Counts</th></tr></thead>
          <tbody>
            {shown.map(({ step, value, time, attempt, isLost }, index) => (
              <tr key={index}>
                <td class="is-number">{step === null ? '–' : count(step)}</td><td class="is-number">{measure(value)}</td><td>{new Date(time).toLocaleString()}</td>
                <td>{attemptName(body.attempts, attempt)}</td><td>{isLost ? 'no, it was done again' : 'yes'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="table-pages">
        <span id={place} class="figures" role="status">{points.length === 0 ? 'nothing' : `${count(at * pageSize + 1)}–${count(at * pageSize + shown.length)} of ${count(points.length)}`}</span>
        <button type="button" class="button is-small" aria-disabled={at === 0} aria-describedby={place} onClick={() => turn(-1)}>Before</button>
        <button type="button" class="button is-small" aria-disabled={at === pages - 1} aria-describedby={place} onClick={() => turn(1)}>After</button>
      </div>
    </details>
  );
}
