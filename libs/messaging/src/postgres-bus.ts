// How do services hear each other when the only broker is the event store itself?
import { categoryOf } from '#contracts';
import { errandOf, isBefore, LockSession, onErrand, theBeginning, wakeChannel, type Cursor, type EventStore, type Queryable, type Stored } from '#event-store';
import type { Bus, Consumption, Observer } from './bus.ts';
import { backOff, kindOf, maxTries } from './failure.ts';
import { Pause } from './pause.ts';
import { Reactor } from './reactor.ts';
import type { Topology } from './topology.ts';

const batchSize = 200;
/** In one transaction. While it is open nobody is told of what is appended meanwhile: the horizon of commits waits for it. So it is short, however much has piled up. */
const reactedAtOnce = 25;
/** An idle consumer looks at least this often, should a wake-up be lost. */
const idlePollMs = 500;
/** After a wake-up the row may still be behind the horizon of commits: look again soon, ever slower. */
const firstPollMs = 4;

/** The server ends a session that says nothing for so long, and with it the lock: an instance that is paused, or cut off, is replaced. */
const sessionIdleMs = 8000;
const signEveryMs = 2000;

/** Another instance has moved this group's cursor: it is active, we are not. */
class NotActive extends Error {}

/** Consumers read the store in commit order, woken by LISTEN; each group's cursor moves in the transaction of its effects. */
export class PostgresBus implements Bus {
  constructor(private readonly store: EventStore) {}

  consume(topology: Topology, observer: Partial<Observer> = {}): Consumption {
    const consumer = new Consumer(this.store, new Reactor(this.store, topology, observer), observer);
    consumer.start();
    return consumer;
  }
}

/**
 * standing by (another instance holds the group's lock) -> active: read a batch after the cursor, react, commit effects + inbox + cursor -> idle: wait for a
 * wake-up or the poll. A lost connection leads back to standing by. Stopped for ever by `stop`.
 */
class Consumer implements Consumption {
  readonly #group: string;
  #cursor: Cursor = theBeginning;
  /** What the database holds; behind `#cursor` only by events that nobody here reacts to. */
  #savedCursor: Cursor = theBeginning;
  #lock: LockSession | undefined;
  #noMoreSigns: () => void = () => undefined;
  readonly #pause = new Pause();
  #running: Promise<void> | undefined;
  #polls = 0;

  constructor(
    private readonly store: EventStore,
    private readonly reactor: Reactor,
    private readonly observer: Partial<Observer>,
  ) {
    this.#group = reactor.group;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#pause.end();
    await this.#running;
  }

  async caughtUp(timeoutMs = 10_000): Promise<void> {
    const { rows } = await this.store.pool.query<{ tx: string; at: string }>(
      `SELECT m.transaction_id::text AS tx, m.global_position::text AS at FROM event_store.messages m ORDER BY m.transaction_id DESC, m.global_position DESC LIMIT 1`,
    );
    const [last] = rows;
    const deadline = Date.now() + timeoutMs;
    while (last && isBefore(this.#cursor, { transactionId: last.tx, globalPosition: last.at })) {
      if (Date.now() > deadline) throw new Error(`${this.#group} did not catch up within ${timeoutMs} ms`);
      this.#pause.wake();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async lagMs(): Promise<number> {
    const { rows } = await this.store.pool.query<{ lag: string | null }>(
      `SELECT extract(epoch FROM clock_timestamp() - min(time)) * 1000 AS lag FROM
        (SELECT time FROM event_store.messages m WHERE (m.transaction_id, m.global_position) > ($1::xid8, $2::bigint) ORDER BY m.transaction_id, m.global_position LIMIT 1) next`,
      [this.#cursor.transactionId, this.#cursor.globalPosition],
    );
    return Math.max(0, Number(rows[0]?.lag ?? 0));
  }

  /** It reads the database that every service asks for anyway. */
  problem(): string | undefined {
    return undefined;
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#pause.isOver; ) {
      try {
        if (!(await this.#becomeActive())) {
          await this.#pause.hold(idlePollMs);
          continue;
        }
        const read = await this.#readBatch();
        failures = 0;
        if (read === 0) await this.#idle();
        else this.#polls = 0;
      } catch (error) {
        failures += 1;
        if (!(error instanceof NotActive)) this.observer.paused?.({ consumerGroup: this.#group, error });
        await this.#resign();
        await this.#pause.hold(backOff(failures, Math.random, 5000));
      }
    }
    await this.#saveCursor().catch(() => undefined);
    await this.#resign();
  }

  /** The session lock is freed by the server when this process dies, so another instance takes over without anyone's help. */
  async #becomeActive(): Promise<boolean> {
    if (this.#lock) return true;
    const session = new LockSession(this.store.pool.options.connectionString, `${this.#group} consumer`, sessionIdleMs);
    const { client } = session;
    client.on('error', () => this.#lose(session));
    try {
      await session.open();
      const { rows } = await client.query<{ held: boolean }>(`SELECT pg_try_advisory_lock(hashtext('consumer'), hashtext($1)) AS held`, [this.#group]);
      if (!rows[0]?.held) {
        await session.close();
        return false;
      }
      await client.query(`LISTEN ${wakeChannel}`);
      client.on('notification', () => this.#pause.wake());
      this.#cursor = this.#savedCursor = await this.#loadCursor(client);
      this.#lock = session;
      this.#noMoreSigns = session.giveSigns(signEveryMs, () => this.#lose(session));
      return true;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** The server has ended it, or is out of reach: another instance may be active already. */
  #lose(session: LockSession): void {
    if (this.#lock === session) {
      this.#lock = undefined;
      this.#noMoreSigns();
      void session.close();
    }
    this.#pause.wake();
  }

  async #resign(): Promise<void> {
    const lock = this.#lock;
    this.#lock = undefined;
    this.#noMoreSigns();
    await lock?.close();
  }

  async #loadCursor(on: Queryable): Promise<Cursor> {
    await on.query(`INSERT INTO event_store.cursors VALUES ($1, '0', 0) ON CONFLICT DO NOTHING`, [this.#group]);
    const { rows } = await on.query<{ tx: string; at: string }>(
      `SELECT transaction_id::text AS tx, global_position::text AS at FROM event_store.cursors WHERE consumer_group = $1`,
      [this.#group],
    );
    const [row] = rows as [{ tx: string; at: string }];
    return { transactionId: row.tx, globalPosition: row.at };
  }

  async #readBatch(): Promise<number> {
    this.#pause.begin();
    const messages = await this.store.readAfter(this.#cursor, batchSize);
    const [last] = messages.slice(-1);
    if (!last) return 0;
    const heard = messages.filter(({ stream, type }) => this.reactor.hears(categoryOf(stream), type));
    for (let from = 0; from < heard.length; from += reactedAtOnce) {
      const portion = heard.slice(from, from + reactedAtOnce);
      try {
        await this.#react(portion, (portion.at(-1) as Stored).cursor);
      } catch (error) {
        if (error instanceof NotActive) throw error;
        for (const message of portion) await onErrand(errandOf(message), () => this.#reactAlone(message));
      }
    }
    this.#cursor = last.cursor;
    return messages.length;
  }

  /** Effects, inbox rows and cursor in one transaction. */
  async #react(messages: readonly Stored[], upTo: Cursor): Promise<void> {
    await this.reactor.react(messages, (on) => this.#moveCursor(on, upTo));
    this.#savedCursor = upTo;
  }

  async #reactAlone(message: Stored): Promise<void> {
    for (let tries = 1; !this.#pause.isOver; tries += 1) {
      try {
        await this.#react([message], message.cursor);
        return;
      } catch (error) {
        if (error instanceof NotActive) throw error;
        const kind = kindOf(error);
        this.observer.retry?.({ consumerGroup: this.#group, messageId: message.id, type: message.type, kind, tries, error });
        if (kind === 'bug' || (kind === 'permanent' && tries >= maxTries)) {
          await this.reactor.bury(message, error, tries, (on) => this.#moveCursor(on, message.cursor));
          this.#savedCursor = message.cursor;
          return;
        }
        if (kind === 'transient' && !this.#lock) throw error; // the connection is gone: stand by
        await this.#pause.hold(backOff(tries, Math.random));
      }
    }
    throw new NotActive();
  }

  /** Only forward, and only from where this instance left it: one that slept through a takeover is refused here. */
  async #moveCursor(on: Queryable, to: Cursor): Promise<void> {
    const { rowCount } = await on.query(
      `UPDATE event_store.cursors SET transaction_id = $2::xid8, global_position = $3::bigint
       WHERE consumer_group = $1 AND (transaction_id, global_position) = ($4::xid8, $5::bigint)`,
      [this.#group, to.transactionId, to.globalPosition, this.#savedCursor.transactionId, this.#savedCursor.globalPosition],
    );
    if (rowCount !== 1) throw new NotActive(`${this.#group} is active elsewhere`);
  }

  async #saveCursor(): Promise<void> {
    if (!isBefore(this.#savedCursor, this.#cursor)) return;
    await this.#moveCursor(this.store.pool, this.#cursor);
    this.#savedCursor = this.#cursor;
  }

  async #idle(): Promise<void> {
    if (this.#pause.isWoken) {
      this.#polls = 0;
      return;
    }
    const wait = Math.min(idlePollMs, firstPollMs * 2 ** this.#polls);
    this.#polls += 1;
    if (wait === idlePollMs) {
      await this.#saveCursor();
      await this.reactor.replayDeadLetters();
    }
    if (await this.#pause.rest(wait)) this.#polls = 0;
  }
}
