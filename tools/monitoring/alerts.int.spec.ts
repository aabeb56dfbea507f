// Does each alert stay silent, fire with the right words, and resolve, as Prometheus' own tool sees it?
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { hasPrometheus } from '#testing';
import { programOf } from '../stack/prometheus/provide.ts';
import { timelines, type Timeline } from './alert-timelines.ts';
import { alerts } from './alerts.ts';
import { dashboards } from './dashboards.ts';
import { uidOf } from './grafana.ts';
import { fast } from './profile.ts';
import { alertsFile, anywhere, rulesFile } from './prometheus.ts';

const shipped = join(resolve(dirname(fileURLToPath(import.meta.url)), '../..'), 'deploy/prometheus');
const ruleFiles = ['rules.yaml', 'alerts.yaml'].map((name) => join(shipped, name));

it('there is a story for every alert', () => expect(new Set(timelines.map(({ alert }) => alert))).toEqual(new Set(alerts.map(({ name }) => name))));

if (hasPrometheus()) {
  const scratch = mkdtempSync(join(tmpdir(), 'polyaxon-promtool-'));
  afterAll(() => rmSync(scratch, { recursive: true }));

  const promtool = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(programOf('promtool'), args, { encoding: 'utf8' });
    return { status, said: `${stdout}${stderr}` };
  };
  const written = (name: string, text: string): string => {
    writeFileSync(join(scratch, name), text);
    return join(scratch, name);
  };
  const test = (timeline: Timeline) => promtool('test', 'rules', written('test.yaml', stringify(testOf(timeline))));

  it('rules and alerts are taken, as they are shipped and as they are tried', () => {
    expect(promtool('check', 'rules', ...ruleFiles)).toMatchObject({ status: 0 });
    expect(promtool('check', 'rules', written('rules.yaml', rulesFile(fast, 1)), written('alerts.yaml', alertsFile(alerts, fast, anywhere, 1)))).toMatchObject({ status: 0 });
  });

  it.each(timelines.map((timeline) => [timeline.alert, timeline.when ?? '', timeline] as const))('%s %s', (_, __, timeline) => {
    expect(test(timeline)).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') });
  });

  it('would not pass with other words, nor fire later', () => {
    const [timeline] = timelines.filter(({ alert }) => alert === 'DeadLetters') as [Timeline];
    expect(test({ ...timeline, description: 'something else' }).status).not.toBe(0);
    expect(test({ ...timeline, firesAt: timeline.silentAt }).status).not.toBe(0);
    expect(test({ ...timeline, resolvedAt: timeline.firesAt }).status).not.toBe(0);
  });

  it('every question of a dashboard is one', () => {
    const asks = dashboards.flatMap(({ name, panels }) => panels.flatMap(({ asks }, panel) => asks.map(([expr], ask) => ({ record: `${name}:panel${panel}:ask${ask}`, expr: filledIn(expr) }))));
    expect(asks.length).toBeGreaterThan(70);
    expect(promtool('check', 'rules', written('dashboards.yaml', stringify({ groups: [{ name: 'dashboards', rules: asks }] })))).toMatchObject({ status: 0 });
  });

  it('the example of a configuration is one', () => {
    expect(readFileSync(join(shipped, 'prometheus.yaml'), 'utf8')).toContain('job_name: api-gateway');
    expect(promtool('check', 'config', join(shipped, 'prometheus.yaml'))).toMatchObject({ status: 0 });
  });
}

const filledIn = (expr: string): string => expr.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h');

function testOf({ alert: name, everySeconds = 60, series, silentAt, firesAt, resolvedAt, labels, summary, description, alsoPage, recorded }: Timeline): object {
  const { dashboard } = alerts.find((one) => one.name === name)!;
  const annotations = { summary, description, runbook_url: `${anywhere.runbooks}/${name}.md`, dashboard_url: `${anywhere.grafana}/d/${uidOf({ name: dashboard })}` };
  const firing = [labels, ...(alsoPage ? [{ ...labels, severity: 'page' }] : [])].map((own) => ({ exp_labels: own, exp_annotations: annotations }));
  const at = (minutes: number, expected: readonly object[]) => ({ eval_time: `${minutes}m`, alertname: name, exp_alerts: expected });
  return {
    rule_files: ruleFiles,
    evaluation_interval: `${everySeconds}s`,
    tests: [
      {
        interval: `${everySeconds}s`,
        input_series: Object.entries(series).map(([one, values]) => ({ series: one.startsWith('up{') ? one : `polyaxon_${one}`, values })),
        alert_rule_test: [at(silentAt, []), at(firesAt, firing), at(resolvedAt, [])],
        ...(recorded && { promql_expr_test: [{ expr: recorded.expr, eval_time: `${recorded.at}m`, exp_samples: [{ labels: recorded.expr, value: recorded.value }] }] }),
      },
    ],
  };
}
