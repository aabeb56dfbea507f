// Where does one delivery happen? Topics of its own on a broker, a group, and a place for the subscriber's state, all of them new.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { categoryOf } from '#contracts';
import type { Stored } from '#event-store';
import { cloudEvent, createTopics, openKafka, wantedTopics, type KafkaSettings } from '#messaging';
import kafkajs from 'kafkajs';

const { AssignerProtocol } = kafkajs;
type Kafka = ReturnType<typeof openKafka>;
type Admin = ReturnType<Kafka['admin']>;
type Producer = ReturnType<Kafka['producer']>;

const recordsAtOnce = 200;

export interface Heard {
  /** Records of the subscribed topics that the group says it has dealt with, of so many. */
  readonly done: number;
  readonly all: number;
}

export class Stage {
  /** The life of a subscriber that was killed is followed by another one, which has the offsets of the former: nobody waits until a broker believes in a death. */
  #life = 1;

  private constructor(
    private readonly settings: KafkaSettings,
    private readonly name: string,
    readonly folder: string,
    private readonly admin: Admin,
    private readonly producer: Producer,
  ) {}

  static async open(brokers: readonly string[], name: string): Promise<Stage> {
    const unique = `check_${name}_${randomBytes(4).toString('hex')}`;
    const settings = { brokers, topicPrefix: `${unique}.`, partitions: 3, replicationFactor: 1 };
    await createTopics(settings);
    const kafka = openKafka(settings, 'check-subscriber');
    const [admin, producer] = [kafka.admin(), kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, createPartitioner: kafkajs.Partitioners.DefaultPartitioner })];
    await Promise.all([admin.connect(), producer.connect()]);
    return new Stage(settings, unique, await mkdtemp(join(tmpdir(), 'check-subscriber-')), admin, producer);
  }

  async close(): Promise<void> {
    await this.admin.deleteTopics({ topics: this.#topics() }).catch(() => undefined);
    await Promise.all([this.admin.disconnect(), this.producer.disconnect()]);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What the subscriber is told. */
  get environment(): Readonly<Record<string, string>> {
    return { KAFKA_BROKERS: this.settings.brokers.join(','), KAFKA_TOPIC_PREFIX: this.settings.topicPrefix, KAFKA_GROUP: this.#group(), STATE_FOLDER: this.folder, STATE_NAME: this.name };
  }

  /** As the relay does it: in this order, the stream as the key. */
  async publish(events: readonly Stored[]): Promise<void> {
    for (let from = 0; from < events.length; from += recordsAtOnce) {
      const messages = new Map<string, ReturnType<typeof cloudEvent>[]>();
      for (const event of events.slice(from, from + recordsAtOnce)) {
        const topic = `${this.settings.topicPrefix}${categoryOf(event.stream)}.events`;
        messages.set(topic, [...(messages.get(topic) ?? []), cloudEvent(event)]);
      }
      await this.producer.sendBatch({ acks: -1, topicMessages: [...messages].map(([topic, some]) => ({ topic, messages: some })) });
    }
  }

  /** Undefined: nobody listens yet. */
  async heard(): Promise<Heard | undefined> {
    const subscribed = await this.#subscribed();
    if (subscribed.length === 0) return undefined;
    const committed = await this.#committed();
    const counts = await Promise.all(subscribed.map(async (topic) => (await this.admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({
      all: Number(high), done: Math.max(0, Number(committed.find((one) => one.topic === topic)?.partitions.find((one) => one.partition === partition)?.offset ?? 0)),
    }))));
    const sum = (key: 'all' | 'done') => counts.flat().reduce((total, count) => total + count[key], 0);
    return { all: sum('all'), done: sum('done') };
  }

  async nextLife(): Promise<void> {
    const committed = await this.#committed();
    this.#life += 1;
    for (const { topic, partitions } of committed) {
      const known = partitions.filter(({ offset }) => Number(offset) >= 0).map(({ partition, offset }) => ({ partition, offset }));
      if (known.length > 0) await this.admin.setOffsets({ groupId: this.#group(), topic, partitions: known });
    }
  }

  /** As an operator who wants to hear everything again. */
  fromTheBeginning(): void {
    this.#life += 1;
  }

  #group(): string {
    return `${this.name}-${this.#life}`;
  }

  #topics(): string[] {
    return wantedTopics(this.settings).map(({ topic }) => topic);
  }

  #committed(): ReturnType<Admin['fetchOffsets']> {
    return this.admin.fetchOffsets({ groupId: this.#group(), topics: this.#topics().filter((topic) => topic.endsWith('.events')) });
  }

  /** What its members were assigned; where a broker doesn't tell, the topics that it has an offset of. */
  async #subscribed(): Promise<string[]> {
    const { groups } = await this.admin.describeGroups([this.#group()]);
    const members = groups.flatMap((group) => group.members).filter(({ memberAssignment }) => memberAssignment.length > 0);
    const assigned = members.flatMap(({ memberAssignment }) => Object.keys(AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {}));
    if (assigned.length > 0) return [...new Set(assigned)];
    return (await this.#committed()).filter(({ partitions }) => partitions.some(({ offset }) => Number(offset) >= 0)).map(({ topic }) => topic);
  }
}
