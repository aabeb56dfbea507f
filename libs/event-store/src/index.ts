// How are events kept, and read again in the order of their commits?
export {
  EventStore, isBefore, parse, theBeginning, VersionConflict, wakeChannel,
  type Cause, type Cursor, type Handled, type Queryable, type Recorded, type Stored,
} from './event-store.ts';
export { alone, Lease, LeaseLost, type LeaseObserver, type LeaseOptions, type Standing } from './lease.ts';
export { createEventStore } from './schema.ts';
export { openPool } from './pool.ts';
export { createDatabase, PostgresUnavailable, startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.ts';
