// What differs between runs, key by key?
import type { ExperimentBody, Measure, RunsSeriesBody } from '#contracts';
import { count, measure, plain } from '../../text/amounts.ts';
import { pointsOf } from '../charts/curve.ts';
import { spent } from '../runs/columns.ts';

export type Section = 'Params' | 'Metrics' | 'Run' | 'Polyaxonfile';

export interface CompareRow {
  readonly section: Section;
  readonly key: string;
  /** In the order of the runs; null: not set. */
  readonly cells: readonly (string | null)[];
  readonly differs: boolean;
  readonly isNumber: boolean;
}

const runsMax = 50;

/** Of the address: numbers, each once. */
export function idsIn(text: string | null): readonly number[] {
  return [...new Set((text ?? '').split(',').filter((one) => /^[1-9]\d{0,8}$/.test(one.trim())).map(Number))].slice(0, runsMax);
}

/** By the number of the run and the name of a metric that was reported with others of its kind: what counts steps has none. */
export type Extremes = ReadonlyMap<number, ReadonlyMap<string, { readonly lowest: string; readonly highest: string }>>;

export function rowsOf(runs: readonly ExperimentBody[], extremes: Extremes, now: number): CompareRow[] {
  const specifications = runs.map(({ content }) => flat(specificationOf(content)));
  return [
    ...keyed('Params', runs.map(({ params }) => new Map(Object.entries(params))), plain),
    ...metricRows(runs, extremes),
    ...runRows(runs, now),
    ...keyed('Polyaxonfile', specifications, plain),
  ];
}

/** Those that differ are what somebody came for. */
export function parted(rows: readonly CompareRow[]): { readonly different: readonly CompareRow[]; readonly same: readonly CompareRow[] } {
  return { different: rows.filter(({ differs }) => differs), same: rows.filter(({ differs }) => !differs) };
}

function keyed(section: Section, runs: readonly ReadonlyMap<string, unknown>[], text: (value: unknown) => string): CompareRow[] {
  const keys = [...new Set(runs.flatMap((run) => [...run.keys()]))].sort();
  return keys.map((key) => row(section, key, runs.map((run) => (run.has(key) ? text(run.get(key)) : null)), runs.some((run) => typeof run.get(key) === 'number')));
}

function row(section: Section, key: string, cells: readonly (string | null)[], isNumber = false): CompareRow {
  return { section, key, cells, differs: new Set(cells).size > 1, isNumber };
}

/** The last value, and of those whose curve is known the lowest and the highest: which of them is the best only their reader knows. */
function metricRows(runs: readonly ExperimentBody[], known: Extremes): CompareRow[] {
  const names = [...new Set(runs.flatMap(({ last_metric: last }) => Object.keys(last)))].sort();
  return names.flatMap((name) => {
    const extremes = runs.map(({ id }) => known.get(id)?.get(name));
    const of = (which: 'lowest' | 'highest') => row('Metrics', `${name}, ${which}`, extremes.map((one) => one?.[which] ?? null), true);
    return [
      row(
        'Metrics',
        `${name}, last`,
        runs.map(({ last_metric: last }) => (Object.hasOwn(last, name) ? measure(last[name] as Measure) : null)),
        true,
      ),
      ...(extremes.some(Boolean) ? [of('lowest'), of('highest')] : []),
    ];
  });
}

/** Of what counts; thinned curves have them, whatever else they leave out. */
export function extremesOf(curves: RunsSeriesBody): Extremes {
  const known = new Map<number, Map<string, { lowest: string; highest: string }>>();
  for (const { experiment_id: id, series } of curves) {
    const own = known.get(id) ?? new Map<string, { lowest: string; highest: string }>();
    known.set(id, own);
    for (const name of series.names) {
      const finite = pointsOf(series, name).flatMap(({ value, step, isLost }) => (typeof value === 'number' && !isLost ? [{ value, step }] : []));
      const [first] = finite;
      if (!first) continue;
      const text = ({ value, step }: typeof first) => `${measure(value)}${step === null ? '' : ` at ${count(step)}`}`;
      own.set(name, { lowest: text(finite.reduce((a, b) => (b.value < a.value ? b : a))), highest: text(finite.reduce((a, b) => (b.value > a.value ? b : a))) });
    }
  }
  return known;
}

function runRows(runs: readonly ExperimentBody[], now: number): CompareRow[] {
  const facts: readonly (readonly [string, (run: ExperimentBody) => string | null])[] = [
    ['status', ({ last_status: status }) => status.replaceAll('_', ' ')],
    ['reason', ({ last_status_message: reason }) => reason],
    ['name', ({ name }) => name],
    ['project', ({ project }) => project],
    ['started by', ({ user }) => user],
    ['duration', (run) => (run.started_at === null ? null : spent(run, now))],
    ['code', ({ code_revision: code }) => code?.slice(0, 12) ?? null],
    ['command', ({ command }) => command || null],
    ['from', ({ source_id: source, cloning_strategy: strategy }) => (source === null ? null : `${strategy} of #${source}`)],
    ['outputs', ({ outputs_path: path }) => path],
    ['tags', ({ tags }) => (tags.length === 0 ? null : tags.join(', '))],
    ['framework', ({ framework }) => framework],
  ];
  return facts.map(([key, of]) => row('Run', key, runs.map(of)));
}

/** Params were compared as the program got them. */
function specificationOf(content: string): unknown {
  try {
    const { params, declarations, ...rest } = JSON.parse(content) as Record<string, unknown>;
    return rest;
  } catch {
    return {};
  }
}

/** environment.resources.cpu: each value by its path; a list is one thing. */
function flat(value: unknown, within = ''): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map(within === '' ? [] : [[within, value]]);
  return new Map(Object.entries(value).flatMap(([key, one]) => [...flat(one, within === '' ? key : `${within}.${key}`)]));
}
