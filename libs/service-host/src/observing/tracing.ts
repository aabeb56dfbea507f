// Is this service traced, and what has to be loaded for it?
import type { Tracer } from '#event-store';

export interface TraceSettings {
  /** Of OTLP over HTTP, without `/v1/traces`. */
  readonly endpoint: string;
  /** Of the traces that begin here, how many are kept: 0 to 1. Those that came with a request keep what was decided there. */
  readonly ratio: number;
}

export interface OpenTracing {
  readonly tracer: Tracer;
  /** Sends what waits, for a bounded time. */
  close(): Promise<void>;
}

/** Nothing is loaded, and no connection is opened, when there is nobody to tell. */
export async function openTracing(service: string, settings: TraceSettings | undefined): Promise<OpenTracing | undefined> {
  if (!settings) return undefined;
  const { openTelemetry } = await import('./open-telemetry.ts');
  return openTelemetry(service, settings);
}
