// Did the resume continue, and what was lost?
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { isDone, type ExperimentBody, type SeriesBody } from '#contracts';
import { useResource } from '../../api/resource.ts';
import { Copyable } from '../../elements/copyable.tsx';
import { zoomed, zoomIn, zoomText, type Zoom } from '../../elements/plot/columns.ts';
import { Plot } from '../../elements/plot/plot.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { address, addressWith, go } from '../../shell/navigation.ts';
import { measure, plural } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { apiPath, pagePath, type Which } from '../experiment/address.ts';
import { chosenIn, chosenText } from './chosen.ts';
import { curveOf, overIn, overs, type Over } from './curve.ts';
import { MetricChoice } from './metric-choice.tsx';
import { PointTable } from './point-table.tsx';
import { boundariesOf, headline, summaryOf, xText, type Boundary } from './words.ts';
import './charts.css';

/** Metrics are no events: while a run reports them they are asked for. */
const liveEveryMs = 5000;
const points = 1000;

export function Charts({ which, experiment }: { which: Which; experiment: ExperimentBody }): JSX.Element {
  const asked = address.value.searchParams;
  const chosen = chosenIn(asked.get('metrics'));
  const query = new URLSearchParams([['points', String(points)], ...(chosen ?? []).map((name) => ['names', name])]);
  const family = useRef<ReadonlySet<number>>(new Set([which.id]));
  const { body, trouble, reload } = useResource<SeriesBody>(`${apiPath(which)}/series?${query.toString()}`, {
    on: ({ experimentId }) => experimentId !== null && family.current.has(experimentId), everyMs: isDone(experiment.last_status) ? undefined : liveEveryMs,
  });
  useEffect(() => void (family.current = new Set([which.id, ...(body?.attempts.map(({ experiment_id: id }) => id) ?? [])])), [body]);
  if (!body) return trouble ? <TroubleNote trouble={trouble} retry={reload} /> : <Waiting />;
  if (body.names.length === 0 && body.step_name === null) return <NoMetrics isLive={!isDone(experiment.last_status)} />;
  const shown = chosen ?? Object.keys(body.attempts[0]?.metrics ?? {});
  const over = overIn(asked.get('x'), body);
  return (
    <section class="charts">
      {trouble && <TroubleNote title="This may be old." trouble={trouble} retry={reload} />}
      <p class={`charts-headline ${body.lost_steps > 0 ? 'is-lost' : ''}`}>{headline(body)}</p>
      <div class="charts-head">
        <MetricChoice offered={body.names} chosen={shown} choose={(names) => go(addressWith({ metrics: chosenText(names) || ',' }), { replace: true })} />
        <OverChoice body={body} over={over} />
        <ZoomButtons body={body} names={shown} over={over} />
      </div>
      {shown.length === 0 && <p class="quiet">No metric is chosen.</p>}
      <div class="charts-all">
        {shown.map((name) => <Chart key={name} body={body} name={name} over={over} />)}
      </div>
      {body.attempts.some(({ offered }) => offered) && <p class="quiet small">▲ a checkpoint was given, and its program has read it; △ that is not known, or it has not.</p>}
      <Boundaries boundaries={boundariesOf(body)} which={which} />
    </section>
  );
}

function Chart({ body, name, over }: { body: SeriesBody; name: string; over: Over }): JSX.Element {
  const curve = useMemo(() => curveOf(body, name, over), [body, name, over]);
  const summary = useMemo(() => summaryOf(body, name), [body, name]);
  return (
    <figure class="chart">
      <figcaption>
        <h2>{visible(name)}</h2>
        <p class="quiet">{visible(summary)}{curve.placeless > 0 && ` ${plural(curve.placeless, 'report')} without a step: to be seen over time.`}</p>
      </figcaption>
      <Plot {...curve} summary={visible(summary)} xText={(x) => xText(over, x)} yText={measure} zoom={zoomHere()} setZoom={setZoom} sync={`charts-${over}`} />
      <PointTable body={body} name={name} />
    </figure>
  );
}

function zoomHere(): Zoom {
  return zoomIn(address.value.searchParams.get('zoom'));
}

function setZoom(zoom: Zoom): void {
  go(addressWith({ zoom: zoomText(zoom) }), { replace: true });
}

const overWords: Readonly<Record<Over, string>> = { step: 'Step', time: 'Time', work: 'Work paid for' };

function OverChoice({ body, over }: { body: SeriesBody; over: Over }): JSX.Element {
  const offered = overs.filter((one) => one !== 'step' || body.step_name !== null);
  return (
    <nav class="segments" aria-label="Over what">
      {offered.map((one) => <a key={one} class="button is-small" href={addressWith({ x: one, zoom: null })} aria-current={one === over ? 'true' : undefined}>{overWords[one]}</a>)}
    </nav>
  );
}

const ways = [['in', 'Closer', '+'], ['out', 'Wider', '−'], ['left', 'Earlier', '←'], ['right', 'Later', '→']] as const;

/** What dragging does, for those who don't drag. */
function ZoomButtons({ body, names, over }: { body: SeriesBody; names: readonly string[]; over: Over }): JSX.Element | null {
  const all = useMemo(() => {
    const xs = names.flatMap((name) => curveOf(body, name, over).lines.flatMap((line) => line.points.map(({ x }) => x)));
    return xs.reduce<[number, number]>(([least, most], x) => [Math.min(least, x), Math.max(most, x)], [Infinity, -Infinity]);
  }, [body, names.join(), over]);
  if (all[0] > all[1]) return null;
  return (
    <div class="segments" role="group" aria-label="Part that is shown">
      {ways.map(([how, words, sign]) => <button key={how} type="button" class="button is-small" aria-label={words} title={words} onClick={() => setZoom(zoomed(zoomHere(), all, how))}>{sign}</button>)}
      {zoomHere() && <button type="button" class="button is-small" onClick={() => setZoom(null)}>All</button>}
    </div>
  );
}

function Boundaries({ boundaries, which }: { boundaries: readonly Boundary[]; which: Which }): JSX.Element | null {
  if (boundaries.length === 0) return null;
  return (
    <section class="boundaries">
      <h2>Where it went on</h2>
      <ol>
        {boundaries.map(({ id, name, ended, wentOn, doubt, changes, lost }) => (
          <li key={name}>
            <p>{visible(ended)}. <a href={pagePath({ ...which, id }, 'charts')}>{name}</a>{visible(wentOn)}.</p>
            {doubt && <p class="is-doubted">{visible(doubt)}</p>}
            {changes.length > 0 && <p class="quiet mono">{visible(changes.join(', '))}</p>}
            <p class={lost ? 'is-lost' : 'quiet'}>{lost ? `${lost}.` : 'Nothing was lost.'}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}

function NoMetrics({ isLive }: { isLive: boolean }): JSX.Element {
  return (
    <div class="empty">
      <p>{isLive ? 'It has reported no metrics yet.' : 'It reported no metrics.'} In its program:</p>
      <Copyable label="in Python" text={'from polyaxon_client.tracking import log_metrics\n\nlog_metrics(step=step, loss=loss)'} />
      <p class="quiet">With the step in it, what a resume did again can be told from what counts.</p>
    </div>
  );
}
