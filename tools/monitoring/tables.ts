// What do the docs say of metrics and alerts?
import { catalogue, services, type Metric, type MetricName } from '#service-host';
import type { Alert } from './alert.ts';
import { duration } from './profile.ts';

const metrics = Object.entries(catalogue) as [MetricName, Metric][];
const titles: Readonly<Record<(typeof services)[number], string>> = { 'api-gateway': 'gateway', scheduler: 'scheduler', 'storage-manager': 'storage-manager', 'log-collector': 'log-collector' };

export function metricTables(): string {
  const isOfAll = ({ services: some }: Metric) => some.length === services.length;
  const parts: [title: string, those: [MetricName, Metric][]][] = [
    ['every service', metrics.filter(([, metric]) => isOfAll(metric) && !metric.with)],
    ['with Kafka, every service', metrics.filter(([, metric]) => isOfAll(metric) && metric.with)],
    ...services.map((service): [string, [MetricName, Metric][]] => [titles[service], metrics.filter(([, metric]) => !isOfAll(metric) && metric.services.includes(service))]),
  ];
  return parts.map(([title, those]) => [`| ${title} | | |`, '|---|---|---|', ...those.map(([name, metric]) => row(name, metric))].join('\n')).join('\n\n');
}

const uses = { alert: 'alert', chart: 'chart', debug: '' } as const;

function row(name: MetricName, { type, labels, help, use }: Metric): string {
  const told = Object.keys(labels).length > 0 ? `{${Object.keys(labels).join(',')}}` : '';
  return `| \`${name}${told}\` | ${type === 'histogram' ? 'histogram: ' : ''}${help.replaceAll('|', '\\|')} | ${uses[use]} |`;
}

export function alertTable(alerts: readonly Alert[]): string {
  const row = ({ name, severity, summary, forSeconds, asPage }: Alert) =>
    `| [${name}](runbooks/${name}.md) | ${severity}${asPage ? ', or page' : ''} | ${summary.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, 'a $1')} | ${forSeconds === 0 ? 'at once' : duration(forSeconds)} |`;
  return ['| alert | | | after |', '|---|---|---|---|', ...alerts.map(row)].join('\n');
}

