// What does a database promise that is all in memory: transactions, row locks, and nothing half done?
import type { StreamName } from '#contracts';
import type { Queryable, Recorded } from '#event-store';

/** Rows are never changed, only replaced. */
export class Table<Row extends object> {
  readonly rows = new Map<string, Row>();

  constructor(readonly name: string) {}
}

const never = new Promise<never>(() => undefined);

function turn(): { promise: Promise<void>; resume: () => void } {
  let resume: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (resume = resolve));
  return { promise, resume };
}

/** What Postgres throws at one of two transactions that wait for each other. */
class Deadlock extends Error {
  readonly code = '40P01';
}

export class Database {
  readonly streams = new Map<StreamName, Recorded[]>();
  readonly locks = new Map<string, Transaction>();
  #sequence = 0;

  /** `committed` is told of every event, in the order of commits. */
  constructor(private readonly committed: (event: Recorded) => void) {}

  stream(name: StreamName): readonly Recorded[] {
    return this.streams.get(name) ?? [];
  }

  nextValue(): number {
    return (this.#sequence += 1);
  }

  keep(events: readonly Recorded[]): void {
    for (const event of events) {
      const stream = this.streams.get(event.stream) ?? [];
      this.streams.set(event.stream, [...stream, event]);
      this.committed(event);
    }
  }
}

/**
 * As Postgres does at READ COMMITTED: reads see what is committed and what it wrote itself; whoever writes a row that another has written
 * waits for that one's end, and then goes on with the row as it is by then. An event's place in its stream is such a row.
 */
export class Transaction implements Pick<Queryable, 'query'> {
  readonly #written = new Map<Table<object>, Map<string, object | undefined>>();
  readonly #appended: Recorded[] = [];
  readonly #held = new Set<string>();
  readonly #waiting: (() => void)[] = [];
  #waitsFor: Transaction | undefined;
  #isOver = false;

  constructor(readonly database: Database) {}

  /** Views follow from the streams in the same transaction, so here they are read from the streams, and nothing has to be written. */
  readonly query = (async (asked: string | { readonly text: string }) => {
    const sql = typeof asked === 'string' ? asked : asked.text;
    if (!/\bapi_gateway\.(experiments|experiment_params|experiment_metrics|experiment_statuses|projects|views)\b/.test(sql)) throw new TypeError(`no database speaks SQL here: ${sql}`);
    return { rows: [], rowCount: 0 };
  }) as unknown as Queryable['query'];

  get<Row extends object>(table: Table<Row>, key: string): Row | undefined {
    const written = this.#written.get(table);
    return written?.has(key) ? (written.get(key) as Row | undefined) : table.rows.get(key);
  }

  all<Row extends object>(table: Table<Row>): Row[] {
    const written = this.#written.get(table) as Map<string, Row | undefined> | undefined;
    if (!written) return [...table.rows.values()];
    return [...new Map<string, Row | undefined>([...table.rows, ...written]).values()].filter((row) => row !== undefined);
  }

  /** `change` gets the row as it is once nobody else writes it; undefined: there is none, or there shall be none. */
  async put<Row extends object>(table: Table<Row>, key: string, change: (row: Row | undefined) => Row | undefined): Promise<void> {
    await this.lock(`${table.name} ${key}`);
    const written = this.#written.get(table) ?? new Map<string, object | undefined>();
    this.#written.set(table, written.set(key, change(this.get(table, key))));
  }

  isLockedElsewhere<Row extends object>(table: Table<Row>, key: string): boolean {
    const holder = this.database.locks.get(`${table.name} ${key}`);
    return holder !== undefined && holder !== this;
  }

  async lock(what: string): Promise<void> {
    for (let holder = this.database.locks.get(what); holder && holder !== this; holder = this.database.locks.get(what)) {
      for (let other: Transaction | undefined = holder; other; other = other.#waitsFor) if (other === this) throw new Deadlock(what);
      this.#waitsFor = holder;
      const { promise, resume } = turn();
      holder.#waiting.push(resume);
      await promise;
      this.#waitsFor = undefined;
    }
    if (this.#isOver) return never;
    this.database.locks.set(what, this);
    this.#held.add(what);
  }

  stream(name: StreamName): Recorded[] {
    return [...this.database.stream(name), ...this.#appended.filter(({ stream }) => stream === name)];
  }

  /** False: that place is taken by now. */
  async append(name: StreamName, expectedVersion: number, events: readonly Recorded[]): Promise<boolean> {
    for (const { position } of events) await this.lock(`${name}/${position}`);
    if (this.stream(name).length !== expectedVersion + 1) return false;
    this.#appended.push(...events);
    return true;
  }

  commit(): void {
    for (const [table, written] of this.#written)
      for (const [key, row] of written)
        if (row) table.rows.set(key, row);
        else table.rows.delete(key);
    this.database.keep(this.#appended);
    this.rollBack();
  }

  /** Also when it has ended already. */
  rollBack(): void {
    this.#isOver = true;
    for (const what of this.#held) this.database.locks.delete(what);
    this.#held.clear();
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
