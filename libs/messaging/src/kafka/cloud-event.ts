// What does an event look like on Kafka? CloudEvents 1.0 in binary mode: what it is in the headers, its data in the value.
import type { IHeaders, Message } from 'kafkajs';
import { categoryOf, owners } from '#contracts';
import type { Stored } from '#event-store';

/** The key is the stream, so that a stream is one partition and keeps its order. */
export function cloudEvent({ id, stream, position, type, data, metadata, time }: Stored): Message & { readonly value: string } {
  const { correlationId, causationId, actor, schemaVersion, traceparent } = metadata;
  return {
    key: stream,
    value: JSON.stringify(data),
    timestamp: String(Date.parse(time)),
    headers: {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: id,
      ce_type: type,
      ce_source: `/${owners[categoryOf(stream)]}`,
      ce_subject: stream,
      ce_time: time,
      ce_dataschema: `/schemas/${type}/v${schemaVersion}`,
      ce_sequence: String(position),
      ce_correlationid: correlationId,
      ...(causationId && { ce_causationid: causationId }),
      ...(traceparent && { ce_traceparent: traceparent }),
      ce_actor: actor,
    },
  };
}

/** The span in which the relay has published it; `ce_traceparent` is that in which it was appended, as the CloudEvents extension wants it. */
export const hopHeader = 'traceparent';

/** Text of a header; undefined when it is not there, or there twice. */
export function header(headers: IHeaders | undefined, name: string): string | undefined {
  const value = headers?.[name];
  return value === undefined || Array.isArray(value) ? undefined : value.toString();
}
