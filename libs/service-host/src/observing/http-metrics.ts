// How many requests are there, how long do they take, and how many fail?
import { Counter, Gauge, Histogram, register } from 'prom-client';

export interface HttpMetrics {
  /** That there is one; all of its counters are shown from then on, or the first failure would be a new series, which no alert sees rise. */
  route(method: string | readonly string[], route: string): void;
  began(): void;
  ended(method: string, route: string, statusCode: number, milliseconds: number): void;
}

/** Few, since each is a series for every route. */
const buckets = [0.005, 0.025, 0.1, 0.5, 2.5, 10];
const codes = ['2xx', '3xx', '4xx', '5xx'] as const;
/** A caller may send any word as its method. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export function openHttpMetrics(): HttpMetrics {
  for (const name of ['polyaxon_http_requests_total', 'polyaxon_http_request_duration_seconds', 'polyaxon_http_requests_in_flight']) register.removeSingleMetric(name);
  const requests = new Counter({ name: 'polyaxon_http_requests_total', help: 'requests answered, by route and class of status', labelNames: ['method', 'route', 'code'] });
  const duration = new Histogram({ name: 'polyaxon_http_request_duration_seconds', help: 'from the first line of a request to the end of its answer', labelNames: ['method', 'route'], buckets });
  const inFlight = new Gauge({ name: 'polyaxon_http_requests_in_flight', help: 'requests that are being answered' });
  const route = (method: string | readonly string[], url: string) => {
    for (const one of [method].flat()) if (one !== 'HEAD') for (const code of codes) if (code !== '3xx') requests.inc({ method: one, route: url, code }, 0);
  };
  route('GET', 'unmatched');
  return {
    route,
    began: () => inFlight.inc(),
    ended(method, url, statusCode, milliseconds) {
      inFlight.dec();
      const labels = { method: methods.has(method) ? method : 'other', route: url };
      requests.inc({ ...labels, code: codes[Math.floor(statusCode / 100) - 2] ?? '2xx' });
      duration.observe(labels, milliseconds / 1000);
    },
  };
}
