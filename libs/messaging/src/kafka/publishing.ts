// How does whoever hears an event know by which span it came?
import type { IHeaders, Message } from 'kafkajs';
import { beginSpan, type Span, type Stored } from '#event-store';
import { cloudEvent, hopHeader } from './cloud-event.ts';

export interface Publication {
  readonly record: Message & { readonly value: string };
  /** To be ended when the brokers have it; undefined: it is not traced. */
  readonly span: Span | undefined;
}

/** One that was appended in no trace begins none here. */
export function publication(message: Stored, topic: string): Publication {
  const record = cloudEvent(message);
  const { id, metadata: { traceparent: parent, correlationId } } = message;
  const attributes = { 'messaging.system': 'kafka', 'messaging.destination.name': topic, 'messaging.message.id': id, 'polyaxon.correlation_id': correlationId };
  const span = parent === undefined ? undefined : beginSpan(`publish ${topic}`, { kind: 'producer', parent, attributes });
  if (!span) return { record, span };
  const headers: IHeaders = { ...record.headers, [hopHeader]: span.traceparent };
  return { record: { ...record, headers }, span };
}
