// How does a dashboard look to Grafana?
import type { Dashboard, Panel, PanelType } from './dashboard.ts';

const columns = 24;
const heights: Readonly<Record<PanelType, number>> = { stat: 4, bargauge: 6, text: 4, timeseries: 8, heatmap: 8, table: 8 };
const datasource = { type: 'prometheus', uid: '${datasource}' } as const;

export const uidOf = ({ name }: Pick<Dashboard, 'name'>): string => `polyaxon-${name}`;

export function grafanaDashboard(dashboard: Dashboard, dashboards: readonly Dashboard[]): object {
  return {
    uid: uidOf(dashboard),
    title: `Polyaxon: ${dashboard.title}`,
    description: dashboard.description,
    tags: ['polyaxon'],
    editable: true,
    schemaVersion: 39,
    version: 1,
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    graphTooltip: 1,
    templating: {
      list: [
        { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
        { name: 'platform', label: 'Address of the platform', type: 'textbox', query: 'http://127.0.0.1:8000', current: { text: 'http://127.0.0.1:8000', value: 'http://127.0.0.1:8000' } },
      ],
    },
    links: [
      { type: 'link', title: 'The platform', url: '${platform}/app', targetBlank: true },
      ...dashboards.filter((one) => one !== dashboard).map((one) => ({ type: 'link', title: one.title, url: `/d/${uidOf(one)}`, keepTime: true })),
    ],
    annotations: { list: [] },
    panels: placed(dashboard.panels),
  };
}

/** From left to right, and as high as the highest beside it. */
function placed(panels: readonly Panel[]): object[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return panels.map((panel, index) => {
    const { width = 12, type } = panel;
    const height = heights[type];
    if (x + width > columns) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const gridPos = { x, y, w: width, h: height };
    [x, rowHeight] = [x + width, Math.max(rowHeight, height)];
    return { id: index + 1, gridPos, ...panelOf(panel) };
  });
}

const noAnswer: Readonly<Record<NonNullable<Panel['empty']>, string>> = { 'when healthy': ' It is empty while all is well.', 'without Kafka': ' It is empty without Kafka.' };

function panelOf({ type, title, description, unit, asks, empty }: Panel): object {
  const isNow = type === 'stat' || type === 'bargauge' || type === 'table';
  return {
    type,
    title,
    description: description + (empty ? noAnswer[empty] : ''),
    datasource,
    fieldConfig: { defaults: { unit, ...(type === 'timeseries' && { custom: { fillOpacity: 10, lineWidth: 1, showPoints: 'never' } }) }, overrides: [] },
    options: optionsOf(type),
    targets: asks.map(([expr, legendFormat], index) => ({
      refId: String.fromCharCode(65 + index), datasource, expr, legendFormat, instant: isNow, range: !isNow,
      ...(type === 'heatmap' && { format: 'heatmap' }), ...(type === 'table' && { format: 'table' }),
    })),
  };
}

function optionsOf(type: PanelType): object {
  const last = { calcs: ['lastNotNull'], fields: '', values: false };
  switch (type) {
    case 'stat':
      return { reduceOptions: last, colorMode: 'value', graphMode: 'none', textMode: 'value_and_name', justifyMode: 'auto', orientation: 'auto' };
    case 'bargauge':
      return { reduceOptions: last, displayMode: 'basic', orientation: 'horizontal', showUnfilled: true };
    case 'timeseries':
      return { legend: { displayMode: 'list', placement: 'bottom', showLegend: true }, tooltip: { mode: 'multi', sort: 'desc' } };
    case 'heatmap':
      return { calculate: false, yAxis: { unit: 's' }, cellGap: 1, color: { mode: 'scheme', scheme: 'Blues', steps: 32 } };
    case 'table':
      return { showHeader: true };
    case 'text':
      return { mode: 'markdown' };
    default:
      return type satisfies never;
  }
}
