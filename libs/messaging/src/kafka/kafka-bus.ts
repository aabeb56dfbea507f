// How do services hear each other over Kafka?
import { setTimeout as pass } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, Kafka, Producer } from 'kafkajs';
import type { Category, Topic } from '#contracts';
import type { EventStore, Stored } from '#event-store';
import type { Bus, Consumption, Observer } from '../bus.ts';
import { backOff } from '../failure.ts';
import { Reactor, reasonOf } from '../reactor.ts';
import type { Topology } from '../topology.ts';
import { Backlog } from './backlog.ts';
import { cloudEvent } from './cloud-event.ts';
import { openKafka, type KafkaLog, type KafkaSettings } from './connection.ts';
import { PartitionReader, Reactions } from './partition.ts';
import { categoryOn, deadLetterTopic, eventTopic } from './topics.ts';

/** Whoever was killed is taken for gone after this time, and others get its partitions. */
const sessionTimeoutMs = 8000;
const heartbeatMs = 2000;
/** An idle fetch comes back after this time, so that heartbeats, pauses and a stop wait no longer. */
const fetchWaitMs = 500;
/** Partitions that are read at the same time; they share transactions. */
const concurrency = 12;
/** An idle fetch comes back much sooner: who has heard nothing at all for so long hears nothing. */
const quietForMs = 5000;
/** A client that shows no sign of life for so long is replaced: it is known to lose its consumer and say nothing. */
const silentForMs = 60_000;
const lookAfterMs = 1000;
const disconnectsWithinMs = 10_000;
const toldWithinMs = 1000;

/** What the relay brings from the store to Kafka is read by consumer groups; the event store remains the truth. */
export class KafkaBus implements Bus {
  constructor(
    private readonly store: EventStore,
    private readonly settings: KafkaSettings,
    private readonly log?: KafkaLog,
  ) {}

  consume(topology: Topology, observer: Partial<Observer> = {}): Consumption {
    const kafka = openKafka(this.settings, topology.service, this.log);
    const consumption = new KafkaConsumption(kafka, this.settings, new Reactor(this.store, topology, observer), new Backlog(this.store, topology), topology, observer);
    consumption.start();
    return consumption;
  }
}

/**
 * waiting for the topics -> in the group: reads its partitions -> the client has crashed or fallen silent: replaced by a fresh one, ever later. The client is never
 * left to restart itself. Stopped for ever by `stop`.
 */
class KafkaConsumption implements Consumption {
  readonly #stopping = new AbortController();
  #running: Promise<unknown> | undefined;
  #problem: string | undefined = 'not in its consumer group yet';
  #lastSignMs = 0;
  #producer: Producer | undefined;
  readonly #readers = new Map<string, PartitionReader>();
  readonly #reactions: Reactions;

  constructor(
    private readonly kafka: Kafka,
    private readonly settings: KafkaSettings,
    private readonly reactor: Reactor,
    private readonly backlog: Backlog,
    private readonly topology: Topology,
    private readonly observer: Partial<Observer>,
  ) {
    this.#reactions = new Reactions(reactor);
  }

  start(): void {
    this.#running = Promise.all([this.#consume(), this.#replayDeadLetters()]);
  }

  problem(): string | undefined {
    const quietMs = performance.now() - this.#lastSignMs;
    return this.#problem ?? (quietMs > quietForMs ? `has heard nothing from Kafka for ${Math.round(quietMs / 1000)} s, not even that there is nothing` : undefined);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#producer?.disconnect().catch(() => undefined);
  }

  async caughtUp(timeoutMs = 10_000): Promise<void> {
    const last = await this.backlog.last();
    for (const deadline = Date.now() + timeoutMs; !(await this.backlog.isDone(last)); ) {
      if (Date.now() > deadline) throw new Error(`${this.reactor.group} did not catch up within ${timeoutMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  lagMs(): Promise<number> {
    return this.backlog.ageMs();
  }

  async #consume(): Promise<void> {
    for (let failures = 1; !this.#isStopping(); failures += 1) {
      const consumer = this.#openConsumer();
      const beganMs = performance.now();
      try {
        await this.#join(consumer);
        if (!this.#isStopping()) throw await this.#end(consumer);
      } catch (error) {
        if (this.#isStopping()) break;
        this.#problem = `does not hear Kafka: ${reasonOf(error)}`;
        this.observer.paused?.({ consumerGroup: this.reactor.group, error });
        if (performance.now() - beganMs > silentForMs) failures = 1;
      } finally {
        await Promise.race([this.#toldAll(), pass(toldWithinMs, undefined, { ref: false })]);
        await Promise.race([consumer.disconnect().catch(() => undefined), pass(disconnectsWithinMs, undefined, { ref: false })]);
      }
      await this.#pause(backOff(failures, Math.random, 5000));
    }
  }

  async #toldAll(): Promise<void> {
    await Promise.all([...this.#readers.values()].map((reader) => reader.settled()));
  }

  #openConsumer(): Consumer {
    const retry = { retries: 4, initialRetryTime: 100, maxRetryTime: 1000, restartOnFailure: async () => false };
    return this.kafka.consumer({
      groupId: `${this.settings.topicPrefix}${this.reactor.group}`, sessionTimeout: sessionTimeoutMs, heartbeatInterval: heartbeatMs, rebalanceTimeout: 2 * sessionTimeoutMs,
      maxWaitTimeInMs: fetchWaitMs, allowAutoTopicCreation: false, retry,
    });
  }

  /** Topics are made by the relay alone, since it has to fill them. */
  async #join(consumer: Consumer): Promise<void> {
    const topics = (Object.keys(this.topology.consumes) as Topic[]).map((topic) => eventTopic(this.settings, topic.slice(0, -'.events'.length) as Category));
    const admin = this.kafka.admin();
    try {
      await admin.connect();
      for (;;) {
        const there = await admin.listTopics();
        const missing = topics.filter((topic) => !there.includes(topic));
        if (missing.length === 0 || this.#isStopping()) break;
        this.#problem = `waits for the topics ${missing.join(', ')}`;
        await this.#pause(200);
      }
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
  }

  /** Runs it until it ends, and resolves with the reason. */
  async #end(consumer: Consumer): Promise<Error> {
    const { HEARTBEAT, FETCH, END_BATCH_PROCESS, GROUP_JOIN, CRASH } = consumer.events;
    const crashed = new Promise<Error>((resolve) => consumer.on(CRASH, ({ payload }) => resolve(payload.error)));
    const sign = () => void (this.#lastSignMs = performance.now());
    for (const event of [HEARTBEAT, FETCH, END_BATCH_PROCESS]) consumer.on(event, sign);
    consumer.on(GROUP_JOIN, () => {
      sign();
      this.#problem = undefined;
    });
    sign();
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, partitionsConsumedConcurrently: concurrency, eachBatch: (payload) => this.#read(payload) });
    let isOver = false;
    return Promise.race([crashed, this.#silence(() => isOver)]).finally(() => (isOver = true));
  }

  async #silence(isOver: () => boolean): Promise<Error> {
    while (!this.#isStopping() && !isOver() && performance.now() - this.#lastSignMs < silentForMs) await this.#pause(lookAfterMs);
    return new Error(`the client has shown no sign of life for ${silentForMs / 1000} s`);
  }

  async #read(payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = payload.batch;
    const category = categoryOn(this.settings, topic);
    if (!category) return;
    const key = `${topic}/${partition}`;
    const reader = this.#readers.get(key) ?? new PartitionReader(this.#reactions, this.observer, category, (...letter) => this.#mourn(...letter));
    this.#readers.set(key, reader);
    await reader.read(payload);
  }

  async #mourn(message: Stored, error: unknown, tries: number): Promise<void> {
    const event = cloudEvent(message);
    const headers = { ...event.headers, ce_deadreason: reasonOf(error), ce_deadgroup: this.reactor.group, ce_deadtries: String(tries) };
    if (!this.#producer) {
      const producer = this.kafka.producer({ allowAutoTopicCreation: false });
      await producer.connect();
      this.#producer = producer;
    }
    await this.#producer.send({ topic: deadLetterTopic(this.settings, this.reactor.group), acks: -1, messages: [{ ...event, headers }] });
  }

  /** Asked for in the database, so that it works whichever instance has the partition. */
  async #replayDeadLetters(): Promise<void> {
    while (!this.#isStopping()) {
      await this.reactor.replayDeadLetters().catch((error: unknown) => this.observer.paused?.({ consumerGroup: this.reactor.group, error }));
      await this.#pause(lookAfterMs);
    }
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Cut short by a stop. */
  async #pause(ms: number): Promise<void> {
    await pass(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
