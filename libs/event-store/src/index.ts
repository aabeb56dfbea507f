// How are events kept, and read again in the order of their commits?
export { Appends } from './appends.ts';
export {
  EventStore, isBefore, parse, theBeginning, VersionConflict, wakeChannel,
  type Cursor, type Handled, type Queryable, type Recorded, type Stored, type StoreObserver,
} from './event-store.ts';
export { alone, Lease, LeaseLost, type LeaseObserver, type LeaseOptions, type Standing } from './lease.ts';
export { causeOf, currentErrand, errandFor, errandOf, onErrand, type Cause, type Errand } from './errand.ts';
export { beginSpan, inSpan, traceWith, type Span, type SpanAttributes, type SpanOptions, type Tracer } from './span.ts';
export { createEventStore } from './schema.ts';
export { connectionLimits, isUnanswered, LockSession, openPool, patient } from './pool.ts';
export { createDatabase, PostgresUnavailable, startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.ts';
