// What is worked out once, because several alerts and dashboards ask for it?
import { series } from './expression.ts';
import { duration, type Profile } from './profile.ts';

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** Of requests that are answered with 5xx, one in so many may be. */
export const allowedErrors = 0.001;
const burnWindows = [300, 1800, 3600, 21_600] as const;
export type BurnWindow = (typeof burnWindows)[number];

/** What asks whether a service is well is not a user. */
const users = { job: 'api-gateway', route: '!~/live|/ready|/metrics' } as const;

export const names = {
  gatewayRequests: (window: BurnWindow) => `polyaxon:gateway_requests:rate${duration(window)}`,
  gatewayErrorRatio: (window: BurnWindow) => `polyaxon:gateway_error_ratio:rate${duration(window)}`,
  lostWorkRatio: 'polyaxon:lost_work_ratio:increase1d',
} as const;

export const requests = (window: string): string => `sum(increase(${series('http_requests_total', users)}[${window}]))`;
export const failedRequests = (window: string): string => `sum(increase(${series('http_requests_total', { ...users, code: '5xx' })}[${window}]))`;

export function recordingRules({ window }: Profile): readonly RecordingRule[] {
  return [
    ...burnWindows.flatMap((seconds) => [
      { record: names.gatewayRequests(seconds), expr: `sum(rate(${series('http_requests_total', users)}[${window(seconds)}]))` },
      { record: names.gatewayErrorRatio(seconds), expr: `${failedRequests(window(seconds))} / ${requests(window(seconds))}` },
    ]),
    { record: names.lostWorkRatio, expr: `sum(increase(${series('lost_work_seconds_total')}[${window(86_400)}])) / sum(increase(${series('work_seconds_total')}[${window(86_400)}]))` },
  ];
}
