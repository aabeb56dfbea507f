// How does the event store behave when its streams are in memory and its transactions the story's?
import type { Pool, PoolClient } from 'pg';
import { categoryOf, owners, parseEvent, schemaVersions, type Event, type StreamName } from '#contracts';
import type { Decider } from '#decider';
import { EventStore, VersionConflict, type Cause, type Handled, type Queryable, type Recorded } from '#event-store';
import { Transaction, type Database } from './database.ts';
import type { Life } from './life.ts';

type AnyDecider = Decider<unknown, unknown, Event>;
/** Another decider in the place of the shipping one: what the rules of the simulation have to catch. */
export type Mutation = (decider: AnyDecider) => AnyDecider;

/** `handle` and `handleIn`, with their deciding again after a conflict, are the shipping ones. */
export class MemoryEventStore extends EventStore {
  constructor(
    private readonly database: Database,
    private readonly life: Life,
    private readonly now: () => Date,
    private readonly mutate: Mutation,
  ) {
    const sequence = { query: () => life.effect('takes a number', () => ({ rows: [{ id: database.nextValue() }] })) };
    super(sequence as unknown as Pool);
  }

  override async load(stream: StreamName, on?: Queryable): Promise<Recorded[]> {
    return this.life.effect(`reads ${stream}`, () => (on instanceof Transaction ? on.stream(stream) : [...this.database.stream(stream)]));
  }

  override async append(stream: StreamName, expectedVersion: number, events: readonly Event[], cause: Cause, on?: Queryable): Promise<Recorded[]> {
    if (!(on instanceof Transaction)) throw new TypeError(`${stream} was appended to outside of a transaction`);
    if (owners[categoryOf(stream)] !== this.life.service) throw new TypeError(`${stream} is not written by the ${this.life.service}`);
    const time = this.now().toISOString();
    const recorded = events.map(({ type, data }, index): Recorded => {
      const position = expectedVersion + 1 + index;
      const id = `${stream}/${position}`;
      const { actor, correlationId = id, causationId } = cause;
      const metadata = { actor, correlationId, ...(causationId !== undefined && { causationId }), schemaVersion: schemaVersions[type] };
      return { id, stream, position, ...parseEvent(type, schemaVersions[type], data), metadata, time, cursor: { transactionId: '0', globalPosition: '0' } };
    });
    if (!(await on.append(stream, expectedVersion, recorded))) throw new VersionConflict(stream);
    return recorded;
  }

  override async handleIn<State, Command, E extends Event>(
    on: Queryable,
    stream: StreamName,
    decider: Decider<State, Command, E>,
    commands: readonly Command[],
    cause: Cause,
    alongside?: (on: Queryable, events: readonly Recorded[]) => Promise<void>,
  ): Promise<Handled<State>> {
    const shipping = decider as unknown as AnyDecider;
    return super.handleIn(on, stream, this.mutate(shipping) as unknown as typeof decider, commands, cause, alongside);
  }

  override async transaction<Result>(work: (on: PoolClient) => Promise<Result>): Promise<Result> {
    const transaction = new Transaction(this.database);
    this.life.atEnd(() => transaction.rollBack());
    try {
      const result = await work(transaction as unknown as PoolClient);
      await this.life.effect('commits', () => transaction.commit(), true);
      return result;
    } finally {
      transaction.rollBack();
    }
  }
}

/** A statement of its own, outside of a transaction, or one more in the transaction of `on`. */
export async function within<Result>(
  database: Database,
  life: Life,
  on: unknown,
  what: string,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  if (on instanceof Transaction) return work(on);
  return life.effect(what, async () => {
    const transaction = new Transaction(database);
    life.atEnd(() => transaction.rollBack());
    try {
      const result = await work(transaction);
      transaction.commit();
      return result;
    } finally {
      transaction.rollBack();
    }
  });
}
