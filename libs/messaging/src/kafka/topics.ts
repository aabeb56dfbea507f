// Which topics are there, and who makes them?
import type { Admin } from 'kafkajs';
import { owners, type Category } from '#contracts';
import type { KafkaSettings } from './connection.ts';

/** A polyaxonfile and its params at their limits, written as JSON, fit in. */
const maxMessageBytes = 4 * 1024 * 1024;

const categories = Object.keys(owners) as Category[];

export const eventTopic = ({ topicPrefix }: KafkaSettings, category: Category): string => `${topicPrefix}${category}.events`;
export const deadLetterTopic = ({ topicPrefix }: KafkaSettings, group: string): string => `${topicPrefix}${group}.dead-letters`;

/** The category whose events a topic brings; undefined: none of ours. */
export function categoryOn(settings: KafkaSettings, topic: string): Category | undefined {
  return categories.find((category) => eventTopic(settings, category) === topic);
}

/** Makes what is missing, and tells of which events before it does. They are kept for ever, as in the store, so that a new group hears all of them. */
export async function makeTopics(admin: Admin, settings: KafkaSettings, onMissing: (categories: readonly Category[]) => Promise<void>): Promise<void> {
  const there = new Set(await admin.listTopics());
  const { partitions: numPartitions, replicationFactor } = settings;
  const limit = { name: 'max.message.bytes', value: String(maxMessageBytes) };
  const events = categories.filter((category) => !there.has(eventTopic(settings, category)));
  const letters = [...new Set(Object.values(owners))].map((group) => deadLetterTopic(settings, group)).filter((topic) => !there.has(topic));
  const topics = [
    ...events.map((category) => ({ topic: eventTopic(settings, category), numPartitions, replicationFactor, configEntries: [{ name: 'retention.ms', value: '-1' }, limit] })),
    ...letters.map((topic) => ({ topic, numPartitions: 1, replicationFactor, configEntries: [limit] })),
  ];
  if (events.length > 0) await onMissing(events);
  if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: true });
}
