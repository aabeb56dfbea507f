// How do rules and alerts look to Prometheus, and how is it told where the services are?
import { stringify } from 'yaml';
import { services } from '#service-host';
import type { Alert } from './alert.ts';
import { uidOf } from './grafana.ts';
import { duration, type Profile } from './profile.ts';
import { recordingRules } from './recording-rules.ts';

/** Where those who are woken find what to do, and see what is wrong. */
export interface Addresses {
  readonly runbooks: string;
  readonly grafana: string;
}

/** Nobody's: `.example` is for examples. */
export const anywhere: Addresses = { runbooks: 'https://docs.example/runbooks', grafana: 'https://grafana.example' };

const yaml = (document: object): string => `# Made by \`npm run generate\` from tools/monitoring; don't edit.\n${stringify(document, { lineWidth: 0 })}`;

/** `everySeconds`: not given, as Prometheus is told for all. */
export function rulesFile(profile: Profile, everySeconds?: number): string {
  return yaml({ groups: [{ name: 'polyaxon.rules', ...every(everySeconds), rules: recordingRules(profile) }] });
}

export function alertsFile(alerts: readonly Alert[], profile: Profile, addresses: Addresses, everySeconds?: number): string {
  return yaml({ groups: [{ name: 'polyaxon.alerts', ...every(everySeconds), rules: alerts.flatMap((alert) => rulesOf(alert, profile, addresses)) }] });
}

/** Of an alert that can also be a page, both: whoever is woken has the ticket, too. */
export function rulesOf(alert: Alert, profile: Profile, { runbooks, grafana }: Addresses): object[] {
  const { name, severity, dashboard, summary, description, asPage } = alert;
  const rule = (one: Pick<Alert, 'expr' | 'forSeconds'>, as: string) => ({
    alert: name,
    expr: one.expr(profile),
    ...(one.forSeconds > 0 && { for: profile.wait(one.forSeconds) }),
    labels: { severity: as },
    annotations: { summary, description, runbook_url: `${runbooks}/${name}.md`, dashboard_url: `${grafana}/d/${uidOf({ name: dashboard })}` },
  });
  return [rule(alert, severity), ...(asPage ? [rule(asPage, 'page')] : [])];
}

/** Each service under its own name as `job`, which alerts and dashboards go by. */
export function scrapeFile(targets: Readonly<Record<string, readonly string[]>>, everySeconds: number): string {
  return yaml({
    global: { scrape_interval: duration(everySeconds), evaluation_interval: duration(everySeconds) },
    rule_files: ['rules.yaml', 'alerts.yaml'],
    scrape_configs: services.map((service) => ({ job_name: service, static_configs: [{ targets: targets[service] }] })),
  });
}

const every = (seconds: number | undefined) => (seconds === undefined ? {} : { interval: duration(seconds) });
