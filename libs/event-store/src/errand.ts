// On whose behalf, and within which span of a trace, is something done?
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Recorded, Stored } from './event-store.ts';

/** Whatever is appended or logged meanwhile says so. */
export interface Errand {
  /** Of the request that all of it came of. */
  readonly correlationId: string;
  readonly experimentId?: number;
  /** The span it is part of, as W3C Trace Context writes it. */
  readonly traceparent?: string;
}

/** Who did it and because of what; the store adds ids and versions, and what the errand under way says. */
export interface Cause {
  readonly actor: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  /** For what is written down now and done later. */
  readonly traceparent?: string;
}

const errands = new AsyncLocalStorage<Errand>();

export function onErrand<Result>(errand: Errand, work: () => Result): Result {
  return errands.run(errand, work);
}

export function currentErrand(): Errand | undefined {
  return errands.getStore();
}

/** To react to this event, or to do later what was written down about it. */
export function errandOf({ data, metadata: { correlationId, traceparent } }: Pick<Stored, 'data' | 'metadata'>): Errand {
  const experimentId = (data as { experimentId?: unknown } | null)?.experimentId;
  return { correlationId, ...(typeof experimentId === 'number' && { experimentId }), ...(traceparent && { traceparent }) };
}

/** Of what comes of this event, now or later. */
export function causeOf(actor: string, { id, metadata: { correlationId } }: Recorded): Cause {
  const traceparent = currentErrand()?.traceparent;
  return { actor, correlationId, causationId: id, ...(traceparent && { traceparent }) };
}

/** What was written down with its cause is taken up. */
export function errandFor({ correlationId = '', traceparent }: { readonly correlationId?: string; readonly traceparent?: string | null }, experimentId: number): Errand {
  return { correlationId, experimentId, ...(traceparent && { traceparent }) };
}
