// How did one metric go, in each of the runs?
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { ExperimentBody, RunsSeriesBody } from '#contracts';
import { zoomIn, zoomText } from '../../elements/plot/columns.ts';
import { Plot } from '../../elements/plot/plot.tsx';
import { address, addressWith, go } from '../../shell/navigation.ts';
import { measure } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { xText } from '../charts/words.ts';
import { overlayOf, overOf } from './overlay.ts';

interface Shown {
  readonly curves: RunsSeriesBody;
  readonly runs: readonly ExperimentBody[];
  readonly name: string;
  /** Of which metric the curves are: until those of another have come, they stay. */
  readonly drawn: string;
  readonly names: readonly string[];
}

export function OverlayChart({ curves, runs, name, drawn, names }: Shown): JSX.Element {
  const over = overOf(runs);
  const overlay = useMemo(() => overlayOf(curves, drawn, over), [curves, drawn, over]);
  const summary = `${drawn} of ${runs.map(({ id, last_metric: metrics }) => `#${id}, last ${Object.hasOwn(metrics, drawn) ? measure(metrics[drawn]) : 'not set'}`).join('; ')}`;
  return (
    <figure class={`overlay ${drawn === name ? '' : 'is-former'}`} aria-busy={drawn !== name}>
      <figcaption>
        <h2>Curves</h2>
        <label>
          Metric{' '}
          <select value={name} onChange={(event) => go(addressWith({ metric: event.currentTarget.value, zoom: null }), { replace: true })}>
            {names.map((one) => (
              <option key={one} value={one}>
                {visible(one)}
              </option>
            ))}
          </select>
        </label>
        <ul class="overlay-key" aria-label="Lines">
          {overlay.lines.map(({ label, ink }) => (
            <li key={label}>
              <span class={`swatch plot-ink-${ink % 10}`} aria-hidden="true" />
              {label}
            </li>
          ))}
        </ul>
      </figcaption>
      <Plot
        {...overlay}
        summary={visible(summary)}
        xText={(x) => xText(over, x)}
        yText={measure}
        zoom={zoomIn(address.value.searchParams.get('zoom'))}
        setZoom={(zoom) => go(addressWith({ zoom: zoomText(zoom) }), { replace: true })}
        sync="compare"
      />
      {address.value.searchParams.has('zoom') && (
        <button type="button" class="button is-small" onClick={() => go(addressWith({ zoom: null }), { replace: true })}>
          Show all
        </button>
      )}
    </figure>
  );
}
