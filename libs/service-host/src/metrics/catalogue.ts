// Which metrics are there?
import { everyService } from './every-service.ts';
import type { Metric, MetricType, Values } from './metric.ts';
import { ofGateway, ofLogCollector, ofScheduler, ofStorageManager } from './one-service.ts';

/** Of every name in here; what isn't here can't be exported, charted or alerted on. */
export const metricPrefix = 'polyaxon_';

export const catalogue = { ...everyService, ...ofGateway, ...ofScheduler, ...ofStorageManager, ...ofLogCollector } satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof catalogue;
export type NamesOf<Type extends MetricType> = { [Name in MetricName]: (typeof catalogue)[Name]['type'] extends Type ? Name : never }[MetricName];

type LabelsOf<Name extends MetricName> = (typeof catalogue)[Name]['labels'];
export type LabelOf<Name extends MetricName> = keyof LabelsOf<Name> & string;
type ValueOf<Told> = Told extends readonly (infer Value)[] ? Value : Told extends Values ? string : never;
/** A value that is not in the set of its label does not compile. */
export type LabelValues<Name extends MetricName> = { readonly [Label in LabelOf<Name>]: ValueOf<LabelsOf<Name>[Label]> };
