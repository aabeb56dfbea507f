// How are topics made ahead of the platform, and what is told of those that are there already?
import kafkajs, { type Admin } from 'kafkajs';
import { openKafka, type KafkaSettings } from './connection.ts';
import { makeThese, wantedTopics, type WantedTopic } from './topics.ts';

export interface TopicDifference {
  /** `partitions`, `replication factor`, or the name of a setting. */
  readonly what: string;
  readonly is: string;
  readonly wanted: string;
  /** What an operator may do about it. */
  readonly fix: string;
}

export interface TopicReport {
  readonly topic: string;
  /** `missing`: it would have been made. `differs`: it was left as it is. */
  readonly state: 'made' | 'missing' | 'as wanted' | 'differs';
  readonly wanted: WantedTopic;
  readonly differences: readonly TopicDifference[];
}

export interface TopicsToCreate {
  /** Of events; -1 or nothing: for ever. */
  readonly retentionMs?: number;
  /** Looks, and makes nothing. */
  readonly dryRun?: boolean;
}

/** Makes what is missing. What is there is never changed: partitions hold the order of streams, and retention what others count on. */
export async function createTopics(settings: KafkaSettings, { retentionMs, dryRun = false }: TopicsToCreate = {}): Promise<TopicReport[]> {
  const admin = openKafka(settings, 'create-topics').admin();
  try {
    await admin.connect();
    const wanted = wantedTopics(settings, retentionMs);
    const there = new Set(await admin.listTopics());
    const missing = wanted.filter(({ topic }) => !there.has(topic));
    if (!dryRun) await makeThese(admin, missing);
    const found = await differencesOf(admin, wanted.filter((one) => !missing.includes(one)));
    return wanted.map((one) => {
      const differences = found.get(one.topic) ?? [];
      const state = missing.includes(one) ? (dryRun ? 'missing' : 'made') : differences.length > 0 ? 'differs' : 'as wanted';
      return { topic: one.topic, state, wanted: one, differences };
    });
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

async function differencesOf(admin: Admin, wanted: readonly WantedTopic[]): Promise<Map<string, TopicDifference[]>> {
  if (wanted.length === 0) return new Map();
  const { topics } = await admin.fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) });
  const names = (one: WantedTopic) => Object.keys(one.config);
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: wanted.map((one) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name: one.topic, configNames: names(one) })) });
  return new Map(wanted.map((one) => {
    const partitions = topics.find(({ name }) => name === one.topic)?.partitions ?? [];
    const config = resources.find(({ resourceName }) => resourceName === one.topic)?.configEntries ?? [];
    const all: TopicDifference[] = [
      { what: 'partitions', is: String(partitions.length), wanted: String(one.partitions), fix: 'keep them: with others a stream would go on elsewhere and lose its order' },
      { what: 'replication factor', is: String(partitions[0]?.replicas.length ?? 0), wanted: String(one.replicationFactor), fix: 'kafka-reassign-partitions.sh moves replicas' },
      ...Object.entries(one.config).map(([what, value]) => ({
        what, is: config.find(({ configName }) => configName === what)?.configValue ?? 'unknown', wanted: value, fix: `kafka-configs.sh --alter --topic ${one.topic} --add-config ${what}=${value}`,
      })),
    ];
    return [one.topic, all.filter(({ is, wanted: value }) => is !== value)];
  }));
}
