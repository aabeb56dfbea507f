// What is a dashboard made of, before it is Grafana's?

export type DashboardName = 'served' | 'runs' | 'work' | 'storage' | 'events' | 'services';

/** Those that every Grafana has. */
export type PanelType = 'stat' | 'timeseries' | 'table' | 'heatmap' | 'bargauge' | 'text';
/** Grafana's names. */
export type PanelUnit = 's' | 'bytes' | 'Bps' | 'short' | 'reqps' | 'ops' | 'percentunit' | 'bool' | 'none' | 'h' | 'dateTimeAsIso';

export interface Panel {
  readonly type: PanelType;
  /** A question. */
  readonly title: string;
  /** What the answer means, and what is to be done about it. */
  readonly description: string;
  readonly unit: PanelUnit;
  /** Each with what its lines are called, in Grafana's words. */
  readonly asks: readonly (readonly [expr: string, legend: string])[];
  /** When nothing is shown there; not given: never. */
  readonly empty?: 'when healthy' | 'without Kafka';
  /** Of 24 columns. */
  readonly width?: 4 | 6 | 8 | 12 | 24;
}

export interface Dashboard {
  readonly name: DashboardName;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly Panel[];
}

/** Grafana's own: what fits the picture, and the whole time it shows. */
export const interval = '$__rate_interval';
export const range = '$__range';
