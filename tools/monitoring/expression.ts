// How is a question put to Prometheus, so that a metric or a label that isn't there does not compile?
import { metricPrefix, type LabelOf, type MetricName, type NamesOf } from '#service-host';

/** `value`, `!value`, `~pattern` or `!~pattern`. `job` is the service, `le` the bound of a bucket. */
type Matchers<Name extends MetricName> = { readonly [Label in LabelOf<Name> | 'job']?: string };

export function series<Name extends MetricName>(name: Name, matchers: Matchers<Name> = {}): string {
  return metricPrefix + name + selector(matchers);
}

export function bucketsOf<Name extends NamesOf<'histogram'>>(name: Name, matchers: Matchers<Name> = {}): string {
  return `${metricPrefix}${name}_bucket${selector(matchers)}`;
}

export function quantile(share: number, name: NamesOf<'histogram'>, window: string, by: readonly string[] = []): string {
  return `histogram_quantile(${share}, sum by (${['le', ...by].join(', ')}) (rate(${bucketsOf(name)}[${window}])))`;
}

/** As the service is called in the scrape configuration. */
export const up = (job: string): string => `up{job="${job}"}`;

function selector(matchers: Readonly<Record<string, string | undefined>>): string {
  const told = Object.entries(matchers).map(([label, value = '']) => {
    const [, operator = '', rest = ''] = /^(!~|!|~|)(.*)$/.exec(value) ?? [];
    return `${label}${{ '': '=', '!': '!=', '~': '=~', '!~': '!~' }[operator]}"${rest}"`;
  });
  return told.length === 0 ? '' : `{${told.join(', ')}}`;
}
