// Which topics are there, with which settings, and who makes them?
import { setTimeout as pass } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { owners, type Category, type Service } from '#contracts';
import type { KafkaSettings } from './connection.ts';

/** A polyaxonfile and its params at their limits, written as JSON, fit in. */
const maxMessageBytes = 4 * 1024 * 1024;
/** For ever, as in the store, so that a new group hears all of them. */
const forEver = -1;
const leadersWithinMs = 30_000;
const lookEveryMs = 50;

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

/** Resolves when they can be written to. kafkajs gives up waiting for leaders when a broker has not heard of a new topic yet, which under load takes a moment. */
export async function makeThese(admin: Admin, wanted: readonly WantedTopic[]): Promise<void> {
  if (wanted.length === 0) return;
  const topics = wanted.map(({ topic, partitions: numPartitions, replicationFactor, config }) => ({ topic, numPartitions, replicationFactor, configEntries: entries(config) }));
  await admin.createTopics({ topics, waitForLeaders: false });
  for (const deadline = performance.now() + leadersWithinMs; ; await pass(lookEveryMs)) {
    try {
      const { topics: found } = await admin.fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) });
      if (found.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    if (performance.now() > deadline) throw new Error(`new topics have no leader after ${leadersWithinMs / 1000} s`);
  }
}

const entries = (config: WantedTopic['config']) => Object.entries(config).map(([name, value]) => ({ name, value }));

/** Makes what is missing, and tells of which events before it does. */
export async function makeTopics(admin: Admin, settings: KafkaSettings, onMissing: (categories: readonly Category[]) => Promise<void>): Promise<void> {
  const there = new Set(await admin.listTopics());
  const missing = wantedTopics(settings).filter(({ topic }) => !there.has(topic));
  const events = missing.flatMap(({ category }) => category ?? []);
  if (events.length > 0) await onMissing(events);
  await makeThese(admin, missing);
}
