// What differs between these runs, and what did it change?
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { isDone, stepNames, type ExperimentBody, type RunsSeriesBody } from '#contracts';
import { concernsExperiment } from '../../api/happened.ts';
import { useResource, type Resource } from '../../api/resource.ts';
import { now } from '../../elements/ago.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { address, addressWith, go } from '../../shell/navigation.ts';
import { pathOf } from '../../shell/routes.ts';
import { count, plural } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { FilesBeside } from './files-beside.tsx';
import { OverlayChart } from './overlay-chart.tsx';
import { overOf, pointsFor } from './overlay.ts';
import { extremesOf, idsIn, parted, rowsOf, type CompareRow } from './rows.ts';
import './compare.css';

const liveEveryMs = 5000;
/** Of so many metrics the lowest and highest are asked for, less often: all that was reported is looked through for them. */
const namesMax = 20;
const boundsEveryMs = 15_000;
/** More than is shown of any number. */
const digits = 7;

export function Compare(): JSX.Element {
  const ids = idsIn(address.value.searchParams.get('ids'));
  useEffect(() => void (document.title = `${ids.length > 0 ? `${ids.map((id) => `#${id}`).join(', ')} compared` : 'Compare'} · Polyaxon`), [ids.join()]);
  return (
    <section class="compare">
      <h1>Compare</h1>
      <Choice ids={ids} />
      {ids.length === 0 ? <p class="quiet">Name two runs by their numbers, or choose them in a list of runs.</p> : <Compared key={ids.join()} ids={ids} />}
    </section>
  );
}

function Choice({ ids }: { ids: readonly number[] }): JSX.Element {
  const show = (next: readonly number[]) => go(addressWith({ ids: next.join(',') }));
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const text = String(new FormData(form).get('run') ?? '').replace('#', '');
    show(idsIn([...ids, text].join(',')));
    form.reset();
  };
  return (
    <div class="compare-choice">
      {ids.map((id, index) => (
        <span class="compare-run" key={id}>
          #{id}
          {index > 0 && <button type="button" class="button is-small is-plain" onClick={() => show([id, ...ids.filter((one) => one !== id)])} aria-label={`Put #${id} first`}>first</button>}
          <button type="button" class="button is-small is-plain" onClick={() => show(ids.filter((one) => one !== id))} aria-label={`Leave #${id} out`}>✕</button>
        </span>
      ))}
      <form onSubmit={add}>
        <label>Add run <input name="run" inputMode="numeric" autoComplete="off" size={6} /></label>
        <button type="submit" class="button is-small">Add</button>
      </form>
    </div>
  );
}

/** Made anew for other runs: each has an address of its own to be asked at. */
function Compared({ ids }: { ids: readonly number[] }): JSX.Element {
  const found = ids.map((id) => ({ id, ...useResource<ExperimentBody>(`/experiments/${id}`, { on: concernsExperiment(id) }) }));
  const runs = found.flatMap(({ body }) => body ?? []);
  const isAsked = found.every(({ body, trouble }) => body ?? trouble);
  const isLive = runs.some(({ last_status: status }) => !isDone(status));
  const names = [...new Set(runs.flatMap(({ last_metric: last }) => Object.keys(last)))].filter((name) => !stepNames.includes(name)).sort();
  const asked = address.value.searchParams.get('metric');
  const name = asked !== null && names.includes(asked) ? asked : (names.find((one) => one === 'loss') ?? names[0]);
  const curves = useCurves(runs, isAsked ? name : undefined, isLive);
  // Of all metrics the extremes are enough, which are there however few points are asked for: one question, whichever curve is looked at.
  const bounds = useResource<RunsSeriesBody>(isAsked && names.length > 0 ? seriesPath(runs, names.slice(0, namesMax), { points: 2 }) : null, { everyMs: isLive ? boundsEveryMs : undefined });
  const extremes = useMemo(() => extremesOf([...(curves.shown?.body ?? []), ...(bounds.body ?? [])]), [curves.shown, bounds.body]);
  const rows = useUnchanged(parted(rowsOf(runs, extremes, now.value)));
  const heads = useUnchanged(runs.map(({ id, project, name: called }) => ({ id, project, name: called })));
  // Fifty columns are not drawn again because another metric is looked at.
  const differences = useMemo(() => <Differences heads={heads} {...rows} />, [heads, rows]);
  if (!isAsked) return <Waiting />;
  return (
    <>
      {found.map(({ id, trouble, reload }) => trouble && <TroubleNote key={id} title={`#${id}:`} trouble={trouble} retry={reload} />)}
      {runs.length === 1 && <p class="quiet">One run alone differs from nothing: add another.</p>}
      {runs.length > 1 && differences}
      {curves.trouble && <TroubleNote trouble={curves.trouble} retry={curves.reload} />}
      {curves.shown && name !== undefined && <OverlayChart curves={curves.shown.body} drawn={curves.shown.name} runs={runs} name={name} names={names} />}
      {runs.length > 1 && <FilesBeside runs={runs} />}
    </>
  );
}

type Head = Pick<ExperimentBody, 'id' | 'project' | 'name'>;

function Differences({ heads, different, same }: { heads: readonly Head[]; different: readonly CompareRow[]; same: readonly CompareRow[] }): JSX.Element {
  return (
    <>
      <h2>{different.length === 0 ? 'Nothing differs' : `${plural(different.length, 'difference')}`}</h2>
      {different.length > 0 && <RowTable runs={heads} rows={different} label="What differs" />}
      <details class="compare-same"><summary>{plural(same.length, 'key')} the same</summary><RowTable runs={heads} rows={same} label="What is the same" /></details>
    </>
  );
}

/** The former one, for as long as nothing in it is another. */
function useUnchanged<Value>(value: Value): Value {
  const former = useRef(value);
  if (JSON.stringify(former.current) !== JSON.stringify(value)) former.current = value;
  return former.current;
}

interface Curves extends Pick<Resource<RunsSeriesBody>, 'trouble' | 'reload'> {
  readonly shown: { readonly name: string; readonly body: RunsSeriesBody } | undefined;
}

/** Of this metric; of the one before until they have come, so that nothing is drawn from the beginning. */
function useCurves(runs: readonly ExperimentBody[], name: string | undefined, isLive: boolean): Curves {
  const former = useRef<Curves['shown']>(undefined);
  const points = pointsFor(runs.length, window.innerWidth, address.value.searchParams.has('zoom'));
  const path = name === undefined ? null : seriesPath(runs, [name], { points, digits, ...(overOf(runs) === 'step' && { times: 'false' }) });
  const { body, trouble, reload } = useResource<RunsSeriesBody>(path, { everyMs: isLive ? liveEveryMs : undefined });
  if (body && name !== undefined && former.current?.body !== body) former.current = { name, body };
  return { shown: former.current, trouble, reload };
}

function seriesPath(runs: readonly ExperimentBody[], names: readonly string[], more: Readonly<Record<string, string | number>>): string {
  const asked = [['ids', runs.map(({ id }) => id).join(',')], ...Object.entries(more).map(([key, value]) => [key, String(value)]), ...names.map((name) => ['names', name])];
  return `/experiments/series?${new URLSearchParams(asked).toString()}`;
}

function RowTable({ runs, rows, label }: { runs: readonly Head[]; rows: readonly CompareRow[]; label: string }): JSX.Element {
  return (
    <div class="scroller" tabIndex={0} role="region" aria-label={label}>
      <table class="table compare-table">
        <thead>
          <tr>
            <th scope="col">Key</th>
            {runs.map(({ id, project, name }) => {
              const [user = '', of = ''] = project.split('.');
              return (
                <th scope="col" key={id}>
                  <a href={pathOf.experiment(user, of, id)}>#{count(id)}</a> {visible(name ?? '')}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ section, key, cells, isNumber }) => (
            <tr key={`${section} ${key}`}>
              <th scope="row">
                <span class="quiet">{section}</span> {visible(key)}
              </th>
              {cells.map((cell, index) => (
                <td key={index} class={`${isNumber ? 'figures' : ''} ${index > 0 && cell === cells[0] ? 'quiet' : ''}`}>
                  {cell === null ? <span class="quiet">not set</span> : <span class="cell">{visible(cell)}</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
