// What does every event carry beside its own data?

/** ISO-8601 in UTC, milliseconds: 2026-11-22T10:00:00.000Z. */
export type Time = string;

/** An event as its owner writes it: a past-tense type and flat, self-sufficient JSON. Never a secret. */
export interface EventOf<Type extends string, Data> {
  readonly type: Type;
  readonly data: Data;
}

export interface Metadata {
  /** The request or event chain it belongs to. */
  readonly correlationId: string;
  /** The message that caused it; absent for a user's request. */
  readonly causationId?: string;
  /** Of the span it was appended in, as W3C Trace Context writes it; absent where nothing is traced. */
  readonly traceparent?: string;
  /** The user or the service that did it. */
  readonly actor: string;
  readonly schemaVersion: number;
}
