// Do alerts, dashboards and the catalogue say the same, in a shape that Prometheus and Grafana take?
import { catalogue, counter, type Metric, type MetricName, type Unit } from '#service-host';
import { alerts } from './alerts.ts';
import { dashboards } from './dashboards.ts';
import { series } from './expression.ts';
import { grafanaDashboard } from './grafana.ts';
import { asShipped, duration, fast } from './profile.ts';
import { names, recordingRules } from './recording-rules.ts';
import { runbookPage } from './runbook.ts';

const metrics = Object.entries(catalogue) as [MetricName, Metric][];
const rules = recordingRules(asShipped);

/** Also those that are in it by way of a rule. */
function namesIn(text: string): Set<string> {
  const whole = [text, ...rules.filter(({ record }) => text.includes(record)).map(({ expr }) => expr)].join('\n');
  return new Set([...whole.matchAll(/\bpolyaxon_(\w+)/g)].map(([, name = '']) => (name in catalogue ? name : name.replace(/_bucket$/, ''))));
}

const alerted = namesIn(alerts.flatMap(({ expr, asPage }) => [expr(asShipped), asPage?.expr(asShipped)]).join('\n'));
const charted = namesIn(dashboards.flatMap(({ panels }) => panels.flatMap(({ asks }) => asks.map(([expr]) => expr))).join('\n'));

describe('the catalogue', () => {
  it('knows what each metric is for', () => {
    const used = (name: string) => (alerted.has(name) ? 'alert' : charted.has(name) ? 'chart' : 'debug');
    expect(metrics.map(([name]) => [name, used(name)])).toEqual(metrics.map(([name, { use }]) => [name, use]));
  });
  it('has all that is asked for', () => expect([...alerted, ...charted].filter((name) => !(name in catalogue))).toEqual([]));

  const endings: Readonly<Record<Unit, RegExp>> = { seconds: /_seconds(_total)?$/, bytes: /_bytes(_left|_lost)?(_total)?$/, count: /./, 'yes or no': /./, 'unix time': /_seconds$/ };
  it.each(metrics)('%s: its name says unit and kind, its labels are few', (name, { type, unit, labels, help, buckets, services }) => {
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(name).toMatch(endings[unit]);
    expect(help.length).toBeGreaterThan(8);
    expect(services.length).toBeGreaterThan(0);
    expect(buckets.length > 0).toBe(type === 'histogram');
    for (const label of Object.keys(labels)) expect(label).not.toMatch(/experiment|user|project|file|path|id$/);
  });

  it('is all that can be exported or asked for', () => {
    const wrong = () => {
      // @ts-expect-error -- no such metric
      counter('nothing_total');
      // @ts-expect-error -- no counter
      counter('ready');
      // @ts-expect-error -- not one of its values
      counter('runs_finished_total').inc({ outcome: 'vanished' });
      // @ts-expect-error -- its label is missing
      counter('runs_finished_total').inc();
      // @ts-expect-error -- no such label
      series('ready', { outcome: 'x' });
    };
    expect(wrong).toBeInstanceOf(Function);
  });
});

describe('alerts', () => {
  it('are sixteen, each with a name of its own', () => expect(new Set(alerts.map(({ name }) => name)).size).toBe(16));
  it.each(alerts)('$name says what it is, where to look and what to do', (alert) => {
    expect(alert.summary).toMatch(/^[A-Z{].{10,80}[^.]$/);
    expect(alert.description).toMatch(/\.$|\)\.$/);
    const { means, look, mend } = alert.runbook;
    expect([means.length > 80, look.length > 0, mend.length > 0]).toEqual([true, true, true]);
    const titles = dashboards.flatMap(({ panels }) => panels.map(({ title }) => title));
    for (const [, title = ''] of [...look, ...mend, means].join('\n').matchAll(/\*([A-Z][^*]+\?)\*/g)) expect(titles).toContain(title);
    for (const [mentioned] of [...look, ...mend, means].join('\n').matchAll(/\b(?:[A-Z][a-z]+){2,}\b/g)) if (!/^(Kubernetes|OpenTelemetry)/.test(mentioned)) expect(alerts.map(({ name }) => name)).toContain(mentioned);
    expect(runbookPage(alert, dashboards)).toContain(alert.expr(asShipped));
  });
  it('of the test are the same in less time', () => {
    for (const { expr } of alerts) expect(expr(fast).replaceAll(/\d+[smhd]\]|> \d+/g, '')).toBe(expr(asShipped).replaceAll(/\d+[smhd]\]|> \d+/g, ''));
    expect([asShipped.wait(90), asShipped.window(21_600), fast.window(300), fast.window(86_400), fast.wait(300), fast.age(30)]).toEqual(['90s', '6h', '5s', '15s', '5s', 3]);
    expect(duration(86_400)).toBe('1d');
  });
  it('ask for no rule that isn\'t there', () => {
    const recorded = rules.map(({ record }) => record);
    const asked = [...alerts.map(({ expr }) => expr(asShipped)), ...dashboards.flatMap(({ panels }) => panels.flatMap(({ asks }) => asks.map(([expr]) => expr)))].join('\n');
    for (const [name] of asked.matchAll(/polyaxon:[\w:]+/g)) expect(recorded).toContain(name);
    expect(recorded).toContain(names.lostWorkRatio);
  });
});

interface GrafanaPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig: { readonly defaults: { readonly unit: string } };
  readonly datasource: { readonly uid: string };
  readonly targets: readonly { readonly refId: string; readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

/** Grafana swallows what is wrong in silence. */
describe.each(dashboards.map((one) => [one.name, JSON.parse(JSON.stringify(grafanaDashboard(one, dashboards)))] as const))('dashboard %s', (_, told) => {
  const { uid, title, panels, templating } = told as { uid: string; title: string; panels: GrafanaPanel[]; templating: { list: { name: string; type: string }[] } };

  it('has an address of its own, a question for a title, and at most 20 panels', () => {
    expect(uid).toMatch(/^[a-z-]{1,40}$/);
    expect(dashboards.filter(({ name }) => uid === `polyaxon-${name}`)).toHaveLength(1);
    expect(title).toMatch(/\?$/);
    expect(panels.length).toBeLessThanOrEqual(20);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map((panel) => panel.title)).size).toBe(panels.length);
  });

  it.each(panels.map((panel) => [panel.title, panel] as const))('%s', (_title, { type, title: question, description, fieldConfig, datasource, targets }) => {
    expect(['stat', 'timeseries', 'table', 'heatmap', 'bargauge', 'text']).toContain(type);
    expect(question).toMatch(/^[A-Z].*\?$/);
    expect(description).toMatch(/\.$/);
    expect(fieldConfig.defaults.unit).toBeTruthy();
    expect(targets.length).toBeGreaterThan(0);
    for (const one of [datasource, ...targets.map((target) => target.datasource)]) expect(one.uid).toBe('${datasource}');
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  it('lays panels beside each other, never over each other', () => {
    const taken = new Set<string>();
    for (const { gridPos: { x, y, w, h } } of panels) {
      expect(x + w).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column += 1) {
        for (let row = y; row < y + h; row += 1) {
          expect(taken.has(`${column} ${row}`)).toBe(false);
          taken.add(`${column} ${row}`);
        }
      }
    }
  });

  it('uses no variable that it does not declare', () => {
    const declared = new Set([...templating.list.map(({ name }) => name), '__rate_interval', '__range']);
    const used = [...JSON.stringify(told).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name);
    expect(used.filter((name) => !declared.has(name as string))).toEqual([]);
    expect(templating.list.find(({ name }) => name === 'datasource')?.type).toBe('datasource');
  });
});

