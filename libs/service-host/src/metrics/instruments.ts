// How does a service count, and show, what the catalogue names?
import * as prom from 'prom-client';
import { catalogue, metricPrefix, type LabelOf, type LabelValues, type MetricName, type NamesOf } from './catalogue.ts';
import { toldAtStart, type Metric } from './metric.ts';

/** Nothing, or all labels. */
type Given<Name extends MetricName> = LabelOf<Name> extends never ? [] : [labels: LabelValues<Name>];

export interface CounterOf<Name extends MetricName> {
  /** By 0: shown from now on, or the first one would be a new series, which no alert sees rise. */
  inc(...told: [...Given<Name>, by?: number]): void;
}
export interface GaugeOf<Name extends MetricName> {
  set(...told: [...Given<Name>, value: number]): void;
  inc(...told: [...Given<Name>, by?: number]): void;
  dec(...told: [...Given<Name>, by?: number]): void;
}
export interface HistogramOf<Name extends MetricName> {
  observe(...told: [...Given<Name>, value: number]): void;
  zero(labels: LabelValues<Name>): void;
}

/** Of a service that is opened again in one process, the latest. Those whose values are all known begin at 0. */
export function counter<Name extends NamesOf<'counter'>>(name: Name): CounterOf<Name> {
  const made = new prom.Counter(said(name));
  for (const labels of everySet(catalogue[name])) made.inc(labels, 0);
  return made as unknown as CounterOf<Name>;
}

/** `collect` is asked when somebody looks; what it can't find out stays as it was: without the database the other metrics are wanted all the more. */
export function gauge<Name extends NamesOf<'gauge'>>(name: Name, collect?: (gauge: GaugeOf<Name>) => Promise<void>): GaugeOf<Name> {
  const ask = collect && (() => collect(made as unknown as GaugeOf<Name>).catch(() => undefined));
  const made: prom.Gauge = new prom.Gauge({ ...said(name), ...(ask && { collect: ask }) });
  for (const labels of everySet(catalogue[name])) made.set(labels, 0);
  return made as unknown as GaugeOf<Name>;
}

export function histogram<Name extends NamesOf<'histogram'>>(name: Name): HistogramOf<Name> {
  return new prom.Histogram({ ...said(name), buckets: [...catalogue[name].buckets] }) as unknown as HistogramOf<Name>;
}

function said(name: MetricName): { name: string; help: string; labelNames: string[] } {
  const { help, labels } = catalogue[name];
  prom.register.removeSingleMetric(metricPrefix + name);
  return { name: metricPrefix + name, help: help.replaceAll('`', ''), labelNames: Object.keys(labels) };
}

/** None, as soon as one of its labels is only told later. */
function everySet({ labels }: Metric): Record<string, string>[] {
  let sets: Record<string, string>[] = [{}];
  for (const [label, values] of Object.entries(labels)) sets = values === toldAtStart ? [] : sets.flatMap((set) => values.map((value) => ({ ...set, [label]: value })));
  return sets;
}
