// To which span does a `traceparent` point? https://www.w3.org/TR/trace-context

export interface SpanPlace {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

const shape = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Undefined: it points nowhere. Of a later version the part that is known counts. */
export function readTraceparent(text: unknown): SpanPlace | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] = (typeof text === 'string' ? shape.exec(text) : null) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined) || /^0*$/.test(traceId) || /^0*$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: parseInt(flags, 16) };
}
