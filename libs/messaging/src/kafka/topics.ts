// Which topics are there, with which settings, and who makes them?
import type { Admin, ITopicConfig } from 'kafkajs';
import { owners, type Category, type Service } from '#contracts';
import type { KafkaSettings } from './connection.ts';

/** A polyaxonfile and its params at their limits, written as JSON, fit in. */
const maxMessageBytes = 4 * 1024 * 1024;
/** For ever, as in the store, so that a new group hears all of them. */
const forEver = -1;

const categories = Object.keys(owners) as Category[];

export type TopicNames = Pick<KafkaSettings, 'topicPrefix'>;

export const eventTopic = ({ topicPrefix }: TopicNames, category: Category): string => `${topicPrefix}${category}.events`;
export const deadLetterTopic = ({ topicPrefix }: TopicNames, group: string): string => `${topicPrefix}${group}.dead-letters`;

/** The category whose events a topic brings; undefined: none of ours. */
export function categoryOn(settings: TopicNames, topic: string): Category | undefined {
  return categories.find((category) => eventTopic(settings, category) === topic);
}

/** A topic as it is made. What `config` doesn't say is up to the brokers. */
export interface WantedTopic {
  readonly topic: string;
  /** Undefined: it holds dead letters. */
  readonly category?: Category;
  /** Who writes to it: the owner of the events by way of the relay, or the group whose dead letters they are. */
  readonly writer: Service;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly config: Readonly<Record<string, string>>;
}

/** All of them. `retentionMs` is that of the events. */
export function wantedTopics(settings: TopicNames & Pick<KafkaSettings, 'partitions' | 'replicationFactor'>, retentionMs = forEver): WantedTopic[] {
  const { partitions, replicationFactor } = settings;
  const limit = { 'max.message.bytes': String(maxMessageBytes) };
  const config = { 'cleanup.policy': 'delete', 'retention.ms': String(retentionMs), ...limit };
  const events = categories.map((category) => ({ topic: eventTopic(settings, category), category, writer: owners[category], partitions, replicationFactor, config }));
  const groups = [...new Set(Object.values(owners))];
  return [...events, ...groups.map((group) => ({ topic: deadLetterTopic(settings, group), writer: group, partitions: 1, replicationFactor, config: limit }))];
}

export const topicConfig = ({ topic, partitions, replicationFactor, config }: WantedTopic): ITopicConfig => ({
  topic,
  numPartitions: partitions,
  replicationFactor,
  configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
});

/** Makes what is missing, and tells of which events before it does. */
export async function makeTopics(admin: Admin, settings: KafkaSettings, onMissing: (categories: readonly Category[]) => Promise<void>): Promise<void> {
  const there = new Set(await admin.listTopics());
  const missing = wantedTopics(settings).filter(({ topic }) => !there.has(topic));
  const events = missing.flatMap(({ category }) => category ?? []);
  if (events.length > 0) await onMissing(events);
  if (missing.length > 0) await admin.createTopics({ topics: missing.map(topicConfig), waitForLeaders: true });
}
