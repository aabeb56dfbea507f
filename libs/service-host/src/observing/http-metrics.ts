// How many requests are there, how long do they take, and how many fail?
import { counter, gauge, histogram } from '../metrics/instruments.ts';

export interface HttpMetrics {
  /** That there is one; all of its counters are shown from then on, or the first failure would be a new series, which no alert sees rise. */
  route(method: string | readonly string[], route: string): void;
  began(): void;
  ended(method: string, route: string, statusCode: number, milliseconds: number): void;
}

const codes = ['2xx', '3xx', '4xx', '5xx'] as const;
/** A caller may send any word as its method. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export function openHttpMetrics(): HttpMetrics {
  const requests = counter('http_requests_total');
  const duration = histogram('http_request_duration_seconds');
  const inFlight = gauge('http_requests_in_flight');
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
