// Which step of the way is a piece of work, for those who look at traces?
import { currentErrand, onErrand } from './errand.ts';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanOptions {
  readonly kind?: 'server' | 'producer' | 'consumer' | 'internal';
  /** The span it comes of, as W3C Trace Context writes it; undefined: a trace begins. */
  readonly parent?: string | undefined;
  readonly attributes?: SpanAttributes;
}

export interface Span {
  readonly traceparent: string;
  end(outcome?: { readonly error?: unknown; readonly attributes?: SpanAttributes }): void;
}

/** Whatever carries spans to where they are looked at. */
export interface Tracer {
  begin(name: string, options: SpanOptions): Span;
}

let tracer: Tracer | undefined;

/** Of this process; undefined: nothing is traced, and it costs nothing. */
export function traceWith(one: Tracer | undefined): void {
  tracer = one;
}

export function beginSpan(name: string, options: SpanOptions): Span | undefined {
  return tracer?.begin(name, options);
}

/** What is done on no errand, as a worker's look around, belongs to no trace. */
export async function inSpan<Result>(name: string, options: Omit<SpanOptions, 'parent'>, work: () => Promise<Result>): Promise<Result> {
  const errand = tracer && currentErrand();
  if (!tracer || !errand) return work();
  const { correlationId, experimentId, traceparent: parent } = errand;
  const attributes = { 'polyaxon.correlation_id': correlationId, ...(experimentId !== undefined && { 'polyaxon.experiment_id': experimentId }), ...options.attributes };
  const span = tracer.begin(name, { ...options, parent, attributes });
  try {
    const result = await onErrand({ ...errand, traceparent: span.traceparent }, work);
    span.end();
    return result;
  } catch (error) {
    span.end({ error });
    throw error;
  }
}
