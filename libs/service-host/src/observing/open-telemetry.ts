// How do spans get to whoever speaks OTLP? Loaded only where something is traced.
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context, type SpanContext } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Span, SpanOptions, Tracer } from '#event-store';
import { readTraceparent } from './traceparent.ts';
import type { OpenTracing, TraceSettings } from './tracing.ts';

const kinds = { server: SpanKind.SERVER, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER, internal: SpanKind.INTERNAL };
/** What waits to be sent; more is dropped, since traces must never cost a service its memory. */
const maxQueueSize = 4096;
const sendEveryMs = 1000;
const answerWithinMs = 5000;

export function openTelemetry(service: string, { endpoint, ratio }: TraceSettings): OpenTracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: answerWithinMs });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'polyaxon', 'service.instance.id': `${service}-${process.pid}` }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize, scheduledDelayMillis: sendEveryMs, exportTimeoutMillis: answerWithinMs })],
  });
  const spans = provider.getTracer('polyaxon');
  const tracer: Tracer = {
    begin(name: string, { kind = 'internal', parent, attributes = {} }: SpanOptions): Span {
      const span = spans.startSpan(name, { kind: kinds[kind], attributes }, contextOf(parent));
      return {
        traceparent: written(span.spanContext()),
        end({ error, attributes: more = {} } = {}) {
          span.setAttributes(more);
          if (error !== undefined) {
            if (error instanceof Error) span.recordException({ name: error.name, message: error.message });
            span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
          }
          span.end();
        },
      };
    },
  };
  return { tracer, close: () => provider.shutdown() };
}

function contextOf(parent: string | undefined): Context {
  const known = readTraceparent(parent);
  return known ? trace.setSpanContext(ROOT_CONTEXT, { ...known, isRemote: true }) : ROOT_CONTEXT;
}

function written({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
