// What is said of a metric before anything was counted?
import type { Service } from '#contracts';

export type Unit = 'seconds' | 'bytes' | 'count' | 'yes or no' | 'unix time';

/** Known only when the service runs, and bounded by what the service is made of: its routes, its events, its stores. Never by its use. */
export const toldAtStart = 'told at start';
export type Values = readonly string[] | typeof toldAtStart;
export type Labels = Readonly<Record<string, Values>>;

/** `alert`: one is made of it; `chart`: it is in a dashboard; `debug`: in none, for who looks for the cause. A test compares. */
export type Use = 'alert' | 'chart' | 'debug';

interface Told<L extends Labels> {
  readonly help: string;
  readonly unit: Unit;
  readonly use: Use;
  readonly labels?: L;
  /** Only there. */
  readonly with?: 'kafka';
}

export interface Metric<Type extends MetricType = MetricType, L extends Labels = Labels> extends Required<Omit<Told<L>, 'with'>> {
  readonly type: Type;
  readonly services: readonly Service[];
  readonly with: 'kafka' | undefined;
  /** Of a histogram, without the last one. */
  readonly buckets: readonly number[];
}

export type MetricType = 'counter' | 'gauge' | 'histogram';
type None = Readonly<Record<never, Values>>;

/** Three ways to say what these services export. */
export function exportedBy(services: readonly Service[]) {
  const of = <Type extends MetricType, L extends Labels>(type: Type, { labels, with: where, ...told }: Told<L>, buckets: readonly number[] = []): Metric<Type, L> =>
    ({ type, services, buckets, with: where, labels: labels ?? ({} as L), ...told });
  return {
    counter: <const L extends Labels = None>(told: Told<L>) => of('counter', told),
    gauge: <const L extends Labels = None>(told: Told<L>) => of('gauge', told),
    histogram: <const L extends Labels = None>({ buckets, ...told }: Told<L> & { readonly buckets: readonly number[] }) => of('histogram', told as unknown as Told<L>, buckets),
  };
}
