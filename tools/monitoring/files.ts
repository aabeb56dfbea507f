// What is made of the catalogue for those who run the platform?
import { services } from '#service-host';
import { alerts } from './alerts.ts';
import { dashboards } from './dashboards.ts';
import { grafanaDashboard } from './grafana.ts';
import { asShipped } from './profile.ts';
import { alertsFile, rulesFile, scrapeFile, type Addresses } from './prometheus.ts';
import { runbookPage } from './runbook.ts';
import { alertTable, metricTables } from './tables.ts';

const scrapeEverySeconds = 15;
/** As in docker-compose.yml. */
const composed = Object.fromEntries(services.map((service) => [service, [`${service}:8000`]]));

/** Whole files, by their paths in this repository. */
export function monitoringFiles(addresses: Addresses, targets: Readonly<Record<string, readonly string[]>> = composed): ReadonlyMap<string, string> {
  return new Map([
    ['deploy/prometheus/rules.yaml', rulesFile(asShipped)],
    ['deploy/prometheus/alerts.yaml', alertsFile(alerts, asShipped, addresses)],
    ['deploy/prometheus/prometheus.yaml', scrapeFile(targets, scrapeEverySeconds)],
    ...dashboards.map((one) => [`deploy/grafana/${one.name}.json`, `${JSON.stringify(grafanaDashboard(one, dashboards), null, 2)}\n`] as const),
    ...alerts.map((alert) => [`docs/runbooks/${alert.name}.md`, runbookPage(alert, dashboards)] as const),
  ]);
}

/** The page with what stands between its marks. */
export function observabilityPage(page: string): string {
  const between = (name: string, text: string, whole: string): string => {
    const marks = new RegExp(`(<!-- ${name}: npm run generate -->\\n)[^]*(<!-- /${name} -->)`);
    if (!marks.test(whole)) throw new Error(`docs/observability.md has lost its marks <!-- ${name}: npm run generate --> and <!-- /${name} -->`);
    return whole.replace(marks, (_, from: string, to: string) => `${from}${text}\n${to}`);
  };
  return between('alerts', alertTable(alerts), between('metrics', metricTables(), page));
}
