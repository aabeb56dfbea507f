// What was searched, by what is it judged, and which members are the best?
import type { ExperimentBody, GroupBody } from '#contracts';
import { measure, plain } from '../../text/amounts.ts';

export type Direction = 'min' | 'max';

export interface Judged {
  /** Null: nobody has reported one yet. */
  readonly metric: string | null;
  readonly direction: Direction;
}

type Member = Pick<ExperimentBody, 'id' | 'params' | 'last_metric'>;

/** What is usually wanted to be large; whoever means it otherwise can say so. */
const large = /acc|auc|f1|score|reward|return|precision|recall|iou|bleu|\bmap\b/i;

interface Named {
  readonly name?: unknown;
  readonly metric?: unknown;
  readonly optimization?: unknown;
}

/** Of the polyaxonfile: what the search itself goes by. */
function searchedBy({ hptuning }: Pick<GroupBody, 'hptuning'>): { readonly name: string; readonly direction: Direction | null } | null {
  const { hyperband, bo, early_stopping: stopping } = hptuning as { hyperband?: { metric?: Named }; bo?: { metric?: Named }; early_stopping?: readonly Named[] };
  const stop = stopping?.find(({ metric }) => typeof metric === 'string');
  const found = hyperband?.metric ?? bo?.metric ?? (stop && { name: stop.metric, optimization: stop.optimization });
  if (typeof found?.name !== 'string') return null;
  const { optimization } = found;
  return { name: found.name, direction: optimization === 'maximize' ? 'max' : optimization === 'minimize' ? 'min' : null };
}

export function metricsOf(members: readonly Member[]): readonly string[] {
  return [...new Set(members.flatMap((member) => Object.keys(member.last_metric)))].sort();
}

/** `asked`: what the reader has chosen. */
export function judgedBy(group: Pick<GroupBody, 'hptuning'>, members: readonly Member[], asked: { readonly metric: string | null; readonly direction: string | null }): Judged {
  const own = searchedBy(group);
  const metric = asked.metric ?? own?.name ?? metricsOf(members)[0] ?? null;
  const usual = metric !== null && metric === own?.name && own.direction ? own.direction : metric !== null && large.test(metric) ? 'max' : 'min';
  return { metric, direction: asked.direction === 'min' || asked.direction === 'max' ? asked.direction : usual };
}

/** The best first; those without a number for it come last. */
export function ranked<One extends Member>(members: readonly One[], { metric, direction }: Judged): readonly One[] {
  if (metric === null) return members;
  const sign = direction === 'min' ? 1 : -1;
  return [...members].sort((one, other) => {
    const [a, b] = [numberOf(one.last_metric[metric]), numberOf(other.last_metric[metric])];
    if (a === null || b === null) return a === b ? one.id - other.id : a === null ? 1 : -1;
    return (a - b) * sign || one.id - other.id;
  });
}

export function bestOf<One extends Member>(members: readonly One[], judged: Judged): One | null {
  const [first] = ranked(members, judged);
  return first && judged.metric !== null && numberOf(first.last_metric[judged.metric]) !== null ? first : null;
}

/** Of a grid each value is told, of many values where they begin and end. */
const ticksMax = 6;

export interface Axis {
  readonly name: string;
  readonly isMetric: boolean;
  readonly scale: 'linear' | 'log' | 'words';
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  /** Of each member from 0 at the bottom to 1 at the top; null: it has none. */
  readonly places: readonly (number | null)[];
}

/** Params that are searched, or just differ; then what came of them. */
export function paramsOf({ hptuning }: Pick<GroupBody, 'hptuning'>, members: readonly Member[]): readonly string[] {
  const searched = Object.keys((hptuning.matrix as object | undefined) ?? {});
  const all = [...new Set(members.flatMap(({ params }) => Object.keys(params)))].sort();
  const differ = all.filter((name) => new Set(members.map(({ params }) => plain(params[name]))).size > 1);
  return [...new Set([...searched.filter((name) => all.includes(name)), ...differ])];
}

export function axesOf(params: readonly string[], members: readonly Member[], { metric }: Judged): readonly Axis[] {
  const axes = params.map((name) => axisOf(name, false, members.map((member) => member.params[name])));
  return metric === null ? axes : [...axes, axisOf(metric, true, members.map((member) => member.last_metric[metric]))];
}

function axisOf(name: string, isMetric: boolean, values: readonly unknown[]): Axis {
  const numbers = values.map(numberOf);
  const known = numbers.filter((one) => one !== null);
  const areNumbers = isMetric || values.every((value, index) => value === undefined || value === null || numbers[index] !== null);
  return { name, isMetric, ...(areNumbers && known.length > 0 ? numeric(numbers, known) : worded(isMetric ? [] : values)) };
}

/** Over some orders of magnitude only their logarithm tells them apart. */
function numeric(numbers: readonly (number | null)[], known: readonly number[]): Pick<Axis, 'scale' | 'ticks' | 'places'> {
  const [low, high] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
  const isLog = low > 0 && high / low >= 50;
  const on = (value: number) => (isLog ? Math.log(value) : value);
  const place = (value: number) => (low === high ? 0.5 : (on(value) - on(low)) / (on(high) - on(low)));
  const each = [...new Set(known)].sort((a, b) => a - b);
  const ticks = (each.length <= ticksMax ? each : [low, high]).map((value) => ({ at: place(value), text: measure(value) }));
  return { scale: isLog ? 'log' : 'linear', ticks, places: numbers.map((value) => (value === null ? null : place(value))) };
}

function worded(values: readonly unknown[]): Pick<Axis, 'scale' | 'ticks' | 'places'> {
  const texts = values.map((value) => (value === undefined ? null : plain(value)));
  const words = [...new Set(texts.filter((text) => text !== null))].sort();
  const place = (text: string) => (words.length === 1 ? 0.5 : words.indexOf(text) / (words.length - 1));
  return { scale: 'words', ticks: words.map((text) => ({ at: place(text), text })), places: texts.map((text) => (text === null ? null : place(text))) };
}

export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** What a reader who sees no picture gets of it. */
export function summaryOf(members: readonly Member[], judged: Judged, params: readonly string[]): string {
  if (judged.metric === null) return `${members.length} members over ${params.join(', ') || 'no params'}; none has reported a metric yet`;
  const { metric } = judged;
  const values = members.map((member) => numberOf(member.last_metric[metric])).filter((one) => one !== null);
  const best = bestOf(members, judged);
  if (!best) return `${members.length} members; none has a value for ${metric} yet`;
  const with_ = params.map((name) => `${name} ${paramText(best.params[name])}`).join(', ');
  return `${values.length} of ${members.length} members have ${metric}. The best, #${best.id}, has ${measure(best.last_metric[metric])}${with_ && ` with ${with_}`}`;
}

export function paramText(value: unknown): string {
  return typeof value === 'number' ? measure(value) : value === undefined ? '–' : plain(value);
}
