// How is an event kept so that two writers never overwrite each other, and read so that none is skipped?
import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { categoryOf, owners, parseEvent, schemaVersions, type Category, type Event, type Metadata, type Service, type StreamName } from '#contracts';
import { decideAll, evolveAll, type Decider } from '#decider';
import { currentErrand, type Cause } from './errand.ts';
import { isUnanswered } from './pool.ts';
import { inSpan } from './span.ts';

/** An event as it was kept. */
export interface Recorded<E extends Event = Event> {
  readonly id: string;
  readonly stream: StreamName;
  /** In its stream, from 0. */
  readonly position: number;
  readonly type: E['type'];
  readonly data: E['data'];
  readonly metadata: Metadata;
  readonly time: string;
  /** Order of commits; opaque to everyone but the store. */
  readonly cursor: Cursor;
}

/** An event as the reader of all streams meets it: not parsed yet, so that one unreadable row can't hide those behind it. */
export interface Stored extends Omit<Recorded, 'type' | 'data'> {
  readonly type: string;
  readonly data: unknown;
}

/** A place in the order of commits: everything up to and including it was seen. */
export interface Cursor {
  readonly transactionId: string;
  readonly globalPosition: string;
}

export const theBeginning: Cursor = { transactionId: '0', globalPosition: '0' };

export function isBefore(one: Cursor, other: Cursor): boolean {
  const [a, b] = [BigInt(one.transactionId), BigInt(other.transactionId)];
  return a === b ? BigInt(one.globalPosition) < BigInt(other.globalPosition) : a < b;
}

/** Somebody else wrote to the stream since it was loaded. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';

  constructor(readonly stream: string) {
    super(`${stream} was written by another since it was loaded`);
  }
}

/** Anything that runs SQL: the pool, or a client in a transaction. */
export type Queryable = Pick<PoolClient, 'query'>;

/** Told of what this process has written. */
export interface StoreObserver {
  /** After the commit. */
  appended(events: readonly Recorded[]): void;
  conflict(stream: StreamName): void;
  /** The statement by itself, whatever came of it. */
  took(category: Category, milliseconds: number): void;
}

interface Appended {
  id: string;
  time: Date;
  tx: string;
  global_position: string;
}

interface Row extends Appended {
  stream_name: StreamName;
  position: string;
  type: string;
  data: unknown;
  metadata: Metadata;
}

type Written = Omit<Recorded, 'time' | 'cursor'>;

/**
 * Readers go by transactions, in the order in which they got their numbers. One that had its number early, by an inbox row, and then loaded what a later one has appended
 * meanwhile would come before it: its append finds no place here, and is decided again in a new transaction.
 */
const inOrder = `NOT EXISTS (
  SELECT FROM event_store.messages AS before WHERE before.stream_name = $1 AND before.position = FIRST - 1 AND before.transaction_id > pg_current_xact_id())`;
/**
 * One statement, one round trip: the unique index on (stream, position) is the check of the expected version, and what comes back is only what the writer can't know.
 * Most appends are of a single event, which needs a third less of the server's time this way than as a batch; a batch goes as one document, which both sides read fastest.
 */
const appendOne = {
  name: 'append-one',
  text: `INSERT INTO event_store.messages (stream_name, category, position, id, type, data, metadata)
    SELECT $1::text, $2::text, $3::bigint, $4::uuid, $5::text, $6::jsonb, $7::jsonb WHERE ${inOrder.replace('FIRST', '$3')}
    RETURNING id, time, transaction_id::text AS tx, global_position`,
};
const appendMany = {
  name: 'append-many',
  text: `INSERT INTO event_store.messages (stream_name, category, position, id, type, data, metadata)
    SELECT $1::text, $2::text, event.* FROM jsonb_to_recordset($3::jsonb) AS event (position bigint, id uuid, type text, data jsonb, metadata jsonb)
    WHERE ${inOrder.replace('FIRST', '$4::bigint')}
    RETURNING id, time, transaction_id::text AS tx, global_position`,
};
const load = {
  name: 'load',
  text: `SELECT id, stream_name, position, type, data, metadata, time, transaction_id::text AS tx, global_position
    FROM event_store.messages WHERE stream_name = $1 ORDER BY position`,
};
/**
 * The horizon hides rows of transactions that may still be joined by an earlier one; ordering by the column and not by its text, which would sort "10" before "9".
 * One statement: a second one would have another snapshot.
 */
const readAfter = {
  name: 'read-after',
  text: `SELECT id, stream_name, position, type, data, metadata, time, messages.transaction_id::text AS tx, global_position
    FROM event_store.messages AS messages
    WHERE (messages.transaction_id, messages.global_position) > ($1::xid8, $2::bigint) AND messages.transaction_id < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY messages.transaction_id, messages.global_position LIMIT $3`,
};

const findAll = {
  name: 'find-all',
  text: `SELECT id, stream_name, position, type, data, metadata, time, transaction_id::text AS tx, global_position FROM event_store.messages WHERE id = ANY($1::uuid[])`,
};

export interface Handled<State> {
  readonly state: State;
  readonly events: readonly Recorded[];
}

/** Events of all services in one Postgres; each writes only the categories it owns. */
export class EventStore {
  /** What open transactions have appended: readers are woken, and the observer is told, after the commit. */
  readonly #appended = new WeakMap<Queryable, Recorded[]>();
  #waking: NodeJS.Timeout | undefined;
  #wokenAtMs = 0;

  /** `writer`: the service this store works for, which then can append to no stream but its own; tools and tests leave it out. */
  constructor(
    readonly pool: Pool,
    private readonly writer?: Service,
    private readonly observer: Partial<StoreObserver> = {},
  ) {}

  /** Appends after `expectedVersion` (-1: the stream is new). Throws `VersionConflict`. Inside `on`'s transaction when given. */
  async append(stream: StreamName, expectedVersion: number, events: readonly Event[], cause: Cause, on: Queryable = this.pool): Promise<Recorded[]> {
    if (events.length === 0) return [];
    const category = categoryOf(stream);
    if (this.writer && owners[category] !== this.writer) throw new TypeError(`${stream} is written by the ${owners[category]} alone, not by the ${this.writer}`);
    const written = writtenBy(cause, stream, expectedVersion, events);
    const beganAtMs = performance.now();
    try {
      const { rows } = await on.query<Appended>(appendOf(stream, category, written)).finally(() => this.observer.took?.(category, performance.now() - beganAtMs));
      if (rows.length < written.length) throw new VersionConflict(stream);
      const byId = new Map(rows.map((row) => [row.id, row]));
      const appended = written.map((event) => recorded(event, byId.get(event.id) as Appended));
      if (on === this.pool) this.#committed(appended);
      else this.#appended.set(on, [...(this.#appended.get(on) ?? []), ...appended]);
      return appended;
    } catch (error) {
      const isTaken = (error as { constraint?: string }).constraint === 'messages_stream_name_position_key';
      if (isTaken || error instanceof VersionConflict) this.observer.conflict?.(stream);
      throw isTaken ? new VersionConflict(stream) : error;
    }
  }

  async load(stream: StreamName, on: Queryable = this.pool): Promise<Recorded[]> {
    const { rows } = await on.query<Row>({ ...load, values: [stream] });
    return rows.map((row) => parse(stored(row)));
  }

  /** Events after `cursor` in the order of commits, none skipped: those of unfinished transactions, and all behind them, come later. */
  async readAfter(cursor: Cursor, limit: number, on: Queryable = this.pool): Promise<Stored[]> {
    const { rows } = await on.query<Row>({ ...readAfter, values: [cursor.transactionId, cursor.globalPosition, limit] });
    return rows.map(stored);
  }

  /** Everything committed after `cursor`, also beyond the horizon: only for who has locked out the writers that might still slip in between. */
  async readCommittedAfter(cursor: Cursor, on: Queryable): Promise<Stored[]> {
    const { rows } = await on.query<Row>(
      `SELECT id, stream_name, position, type, data, metadata, time, messages.transaction_id::text AS tx, global_position FROM event_store.messages AS messages
       WHERE (messages.transaction_id, messages.global_position) > ($1::xid8, $2::bigint) ORDER BY messages.transaction_id, messages.global_position`,
      [cursor.transactionId, cursor.globalPosition],
    );
    return rows.map(stored);
  }

  async find(id: string, on: Queryable = this.pool): Promise<Stored | undefined> {
    return (await this.findAll([id], on))[0];
  }

  /** Those that are there, in no order. */
  async findAll(ids: readonly string[], on: Queryable = this.pool): Promise<Stored[]> {
    const { rows } = await on.query<Row>({ ...findAll, values: [ids] });
    return rows.map(stored);
  }

  /**
   * Load, decide, append at the loaded version; decided again when another was faster (at most `tries` times). `alongside` runs in the same transaction as the append:
   * what a user sees changes together with what happened.
   */
  async handle<State, Command, E extends Event>(
    stream: StreamName,
    decider: Decider<State, Command, E>,
    command: Command,
    cause: Cause,
    alongside?: (on: Queryable, events: readonly Recorded[]) => Promise<void>,
    tries = 3,
  ): Promise<Handled<State>> {
    for (let left = tries; ; left -= 1) {
      try {
        return await this.transaction((on) => this.handleIn(on, stream, decider, [command], cause, alongside));
      } catch (error) {
        if (!(error instanceof VersionConflict) || left <= 1) throw error;
      }
    }
  }

  /** As `handle`, in a transaction that is open already, and of several commands each upon what those before it have brought about; a conflict is the caller's, since it has spoiled the transaction. */
  async handleIn<State, Command, E extends Event>(
    on: Queryable,
    stream: StreamName,
    decider: Decider<State, Command, E>,
    commands: readonly Command[],
    cause: Cause,
    alongside?: (on: Queryable, events: readonly Recorded[]) => Promise<void>,
  ): Promise<Handled<State>> {
    return inSpan(`decide ${categoryOf(stream)}`, { attributes: { 'polyaxon.stream': stream } }, async () => {
      const history = await this.load(stream, on);
      const { state, events } = decideAll(decider, commands, evolveAll(decider, history as unknown as E[]));
      if (events.length === 0) return { state, events: [] };
      const appended = await this.append(stream, history.length - 1, events, cause, on);
      await alongside?.(on, appended);
      return { state, events: appended };
    });
  }

  async transaction<Result>(work: (on: PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      const appended = this.#appended.get(client);
      if (appended) this.#committed(appended);
      return result;
    } catch (error) {
      if (isUnanswered(error)) broken = error as Error; // a second question would wait behind the first
      else await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
      throw error;
    } finally {
      this.#appended.delete(client);
      client.release(broken);
    }
  }

  #committed(events: readonly Recorded[]): void {
    this.#wakeReaders();
    this.observer.appended?.(events);
  }

  /** At once when it was quiet, and then one NOTIFY for a burst; never inside the appending transaction: a notifying commit takes a lock of the whole database. */
  #wakeReaders(): void {
    this.#waking ??= setTimeout(
      () => {
        this.#waking = undefined;
        this.#wokenAtMs = performance.now();
        this.pool.query(`NOTIFY ${wakeChannel}`).catch(() => undefined); // readers poll anyway
      },
      Math.max(1, this.#wokenAtMs + wakeEveryMs - performance.now()),
    );
  }
}

const wakeEveryMs = 10;

/** Readers that LISTEN here are woken within milliseconds of a commit; a lost wake-up costs them one poll interval. */
export const wakeChannel = 'event_store_appended';

/** Throws `UnreadableEvent` or `NewerEvent`. */
export function parse(message: Stored): Recorded {
  return { ...message, ...parseEvent(message.type, message.metadata.schemaVersion, message.data) };
}

function stored(row: Row): Stored {
  const { id, stream_name: stream, type, data, metadata } = row;
  return recorded({ id, stream, position: Number(row.position), type, data, metadata }, row);
}

function recorded<Kept>(event: Kept, { time, tx, global_position: globalPosition }: Appended): Kept & Pick<Stored, 'time' | 'cursor'> {
  return { ...event, time: time.toISOString(), cursor: { transactionId: tx, globalPosition } };
}

function appendOf(stream: StreamName, category: string, written: readonly Written[]): { name: string; text: string; values: unknown[] } {
  const [event] = written;
  if (!event || written.length > 1) return { ...appendMany, values: [stream, category, JSON.stringify(written), event?.position] };
  const { position, id, type, data, metadata } = event;
  return { ...appendOne, values: [stream, category, position, id, type, JSON.stringify(data), JSON.stringify(metadata)] };
}

/** Throws `UnreadableEvent`: what could not be read again is not written either. */
function writtenBy({ actor, correlationId, causationId }: Cause, stream: StreamName, expectedVersion: number, events: readonly Event[]): Written[] {
  const ids = events.map(() => randomUUID()) as [string, ...string[]];
  const errand = currentErrand();
  const traced = errand?.traceparent ? { traceparent: errand.traceparent } : {};
  return events.map(({ type, data }, index) => {
    const metadata = { actor, correlationId: correlationId ?? errand?.correlationId ?? ids[0], ...(causationId && { causationId }), ...traced, schemaVersion: schemaVersions[type] };
    return { id: ids[index] as string, stream, position: expectedVersion + 1 + index, ...parseEvent(type, metadata.schemaVersion, data), metadata };
  });
}
