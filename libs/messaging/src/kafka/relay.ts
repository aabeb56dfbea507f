// How does every event of the store get onto Kafka: none skipped, in the order of commits?
import { setTimeout as pass } from 'node:timers/promises';
import type { Kafka, Message, Producer } from 'kafkajs';
import type pg from 'pg';
import { categoryOf, type Category } from '#contracts';
import { isBefore, LockSession, wakeChannel, type Cursor, type EventStore, type Span, type Stored } from '#event-store';
import { backOff } from '../failure.ts';
import { openKafka, openProducer, type KafkaLog, type KafkaSettings } from './connection.ts';
import { publication } from './publishing.ts';
import { Refills } from './refills.ts';
import { enterRelay, relayCursor, relayName } from './relay-cursor.ts';
import { eventTopic, makeTopics } from './topics.ts';

const batchSize = 500;
/** Below what a broker takes in one go, also when all of it is for one partition. */
const requestBytes = 512 * 1024;
const idlePollMs = 500;
const firstPollMs = 2;
const standbyPollMs = 1000;
/** The server ends a session that says nothing for so long, and with it the lock: one that is paused, or cut off, is replaced. */
const sessionIdleMs = 8000;
const signEveryMs = 2000;

export interface RelayObserver {
  /** It fails and tries again; nothing is lost, everything waits. */
  paused(error: unknown): void;
  active(isActive: boolean): void;
  /** The brokers have acknowledged so many. */
  published(topic: string, events: number): void;
}

interface Place {
  readonly lock: pg.Client;
  readonly session: LockSession;
  readonly producer: Producer;
  readonly refills: Refills;
  cursor: Cursor;
}

/**
 * standing by (another instance holds the lock) -> active: make missing topics, fill them again, then publish batch after batch behind the cursor, which moves when the
 * brokers have acknowledged -> anything fails: back to standing by. What was sent and not noted is sent again; nobody takes harm from a repeat.
 */
export class Relay {
  readonly #stopping = new AbortController();
  readonly #kafka: Kafka;
  readonly #name: string;
  #wake = new AbortController();
  #standby: LockSession | undefined;
  #running: Promise<void> | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly settings: KafkaSettings,
    private readonly observer: Partial<RelayObserver> = {},
    log?: KafkaLog,
  ) {
    this.#kafka = openKafka(settings, 'relay', log);
    this.#name = relayName(settings);
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Finishes the batch under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#isStopping(); ) {
      let place: Place | undefined;
      try {
        const lock = await this.#lock();
        if (!lock) {
          await this.#rest(standbyPollMs);
          continue;
        }
        place = await this.#takeOver(lock);
        this.observer.active?.(true);
        await this.#publishAll(place, () => (failures = 0));
      } catch (error) {
        failures += 1;
        this.observer.paused?.(error);
      } finally {
        if (place) this.observer.active?.(false);
        await place?.producer.disconnect().catch(() => undefined);
      }
      await this.#resign();
      if (failures > 0) await this.#rest(backOff(failures, Math.random, 5000));
    }
    await this.#resign();
  }

  /** One session for the lock, the wake-ups and the cursor: who has lost it can move nothing any more. */
  async #lock(): Promise<LockSession | undefined> {
    if (!this.#standby) {
      const session = new LockSession(this.store.pool.options.connectionString, 'relay', sessionIdleMs);
      session.client.on('error', () => this.#wakeUp());
      session.client.on('notification', () => this.#wakeUp());
      this.#standby = session;
      await session.open();
    }
    const { rows } = await this.#standby.client.query<{ held: boolean }>(`SELECT pg_try_advisory_lock(hashtext('relay'), hashtext($1)) AS held`, [this.#name]);
    return rows[0]?.held ? this.#standby : undefined;
  }

  async #resign(): Promise<void> {
    const session = this.#standby;
    this.#standby = undefined;
    await session?.close();
  }

  async #takeOver(session: LockSession): Promise<Place> {
    const { client: lock } = session;
    await lock.query(`LISTEN ${wakeChannel}`);
    const cursor = await enterRelay(lock, this.#name);
    const refills = new Refills(lock, this.#name);
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      // Noted before they are made: one that exists is never taken for one that is full.
      await makeTopics(admin, this.settings, (missing) => refills.ask(missing));
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
    const producer = openProducer(this.#kafka);
    await producer.connect();
    return { lock, session, producer, refills, cursor };
  }

  async #publishAll(place: Place, onProgress: () => void): Promise<void> {
    const noMoreSigns = place.session.giveSigns(signEveryMs, () => this.#wakeUp());
    try {
      await this.#refill(place);
      let ahead: Promise<Stored[]> | undefined;
      for (let polls = 0; !this.#isStopping(); ) {
        const messages = await (ahead ?? this.#read(place.cursor));
        ahead = undefined;
        const [last] = messages.slice(-1);
        if (last) {
          if (messages.length === batchSize) ahead = this.#read(last.cursor); // while these are published
          await this.#publish(place.producer, messages);
          ahead ??= this.#read(last.cursor); // while their place is noted
          await this.#moveCursor(place, last.cursor);
          onProgress();
          polls = 0;
          continue;
        }
        const waitMs = Math.min(idlePollMs, firstPollMs * 2 ** polls);
        if (waitMs === idlePollMs) {
          await relayCursor(place.lock, this.#name); // throws when the session is gone
          await this.#refill(place);
        }
        polls = (await this.#idle(waitMs)) ? 0 : polls + 1;
      }
    } finally {
      noMoreSigns();
    }
  }

  /** What wakes from now on is not in it, and cuts the next rest short. */
  #read(after: Cursor): Promise<Stored[]> {
    this.#wake = new AbortController();
    const messages = this.store.readAfter(after, batchSize);
    messages.catch(() => undefined); // told where it is waited for
    return messages;
  }

  /** Everything of these categories again, up to where the relay is: before anything new, so that a topic that was emptied has the old order. */
  async #refill(place: Place): Promise<void> {
    for (let refill = await place.refills.next(); refill && !this.#isStopping(); refill = await place.refills.next()) {
      const { categories } = refill;
      const messages = (await this.store.readAfter(refill.cursor, batchSize)).filter(({ cursor }) => !isBefore(place.cursor, cursor));
      const [last] = messages.slice(-1);
      await this.#publish(place.producer, messages.filter(({ stream }) => categories.includes(categoryOf(stream))));
      await (last ? place.refills.move(refill, last.cursor) : place.refills.end(refill));
    }
  }

  async #publish(producer: Producer, messages: readonly Stored[]): Promise<void> {
    let waiting = new Map<Category, Message[]>();
    let spans: Span[] = [];
    let bytes = 0;
    const send = async () => {
      const topicMessages = [...waiting].map(([category, some]) => ({ topic: eventTopic(this.settings, category), messages: some }));
      const under = spans;
      waiting = new Map();
      spans = [];
      bytes = 0;
      if (topicMessages.length > 0) await ending(under, producer.sendBatch({ acks: -1, topicMessages }));
      for (const { topic, messages: some } of topicMessages) this.observer.published?.(topic, some.length);
    };
    for (const message of messages) {
      const category = categoryOf(message.stream);
      const { record, span } = publication(message, eventTopic(this.settings, category));
      const size = Buffer.byteLength(record.value) + 1024;
      if (bytes > 0 && bytes + size > requestBytes) await send();
      const same = waiting.get(category);
      if (same) same.push(record);
      else waiting.set(category, [record]);
      if (span) spans.push(span);
      bytes += size;
    }
    await send();
  }

  async #moveCursor(place: Place, to: Cursor): Promise<void> {
    const { rowCount } = await place.lock.query(
      `UPDATE event_store.cursors SET transaction_id = $2::xid8, global_position = $3::bigint
       WHERE consumer_group = $1 AND (transaction_id, global_position) = ($4::xid8, $5::bigint)`,
      [this.#name, to.transactionId, to.globalPosition, place.cursor.transactionId, place.cursor.globalPosition],
    );
    if (rowCount !== 1) throw new Error('the cursor of the relay was moved by another');
    place.cursor = to;
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  #wakeUp(): void {
    this.#wake.abort();
  }

  async #rest(ms: number): Promise<void> {
    await pass(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  /** True when cut short by a wake-up. */
  async #idle(ms: number): Promise<boolean> {
    return this.#isStopping() || pass(ms, false, { signal: this.#wake.signal }).catch(() => true);
  }
}

/** The way of these events onto Kafka is this long, however it ends. */
async function ending(spans: readonly Span[], sent: Promise<unknown>): Promise<void> {
  const end = (outcome: { error?: unknown }) => spans.forEach((span) => span.end(outcome));
  try {
    await sent;
    end({});
  } catch (error) {
    end({ error });
    throw error;
  }
}
