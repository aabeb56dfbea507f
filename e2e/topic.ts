// What is on a topic as a stranger reads it, and who is in the group that does?
import { Kafka, logLevel } from 'kafkajs';
import type { KafkaSettings } from '#messaging';
import { until } from '#testing';

const silently = ({ brokers }: KafkaSettings) => new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });

export interface OnTopic {
  readonly ids: ReadonlySet<string>;
  /** Records beyond the first of an event. */
  readonly repeats: number;
  /** Streams whose first records came in another order than their events. */
  readonly disordered: number;
}

/** Reads from the beginning until `count` different events came. */
export async function firstOnTopic(settings: KafkaSettings, topic: string, count: number): Promise<OnTopic> {
  const reader = silently(settings).consumer({ groupId: `${settings.topicPrefix}stranger` });
  const ids = new Set<string>();
  const next = new Map<string, number>();
  const disordered = new Set<string>();
  let records = 0;
  await reader.connect();
  try {
    await reader.subscribe({ topics: [`${settings.topicPrefix}${topic}`], fromBeginning: true });
    await reader.run({
      eachBatch: async ({ batch: { messages } }) => {
        for (const { key, headers } of messages) {
          records += 1;
          const [id, stream, position] = [String(headers?.ce_id), String(key), Number(String(headers?.ce_sequence))];
          if (ids.has(id)) continue;
          ids.add(id);
          if (position !== (next.get(stream) ?? 0)) disordered.add(stream);
          next.set(stream, position + 1);
        }
      },
    });
    await until(`${count} different events are on ${topic}`, () => ids.size >= count, 60_000);
  } finally {
    await reader.disconnect();
  }
  return { ids, repeats: records - ids.size, disordered: disordered.size };
}

/** Whether the group has so many members, and each knows its partitions. */
export async function isComplete(settings: KafkaSettings, members: number): Promise<boolean> {
  const admin = silently(settings).admin();
  await admin.connect();
  try {
    const { groups: [group] } = await admin.describeGroups([`${settings.topicPrefix}scheduler`]);
    return group?.state === 'Stable' && group.members.length === members;
  } finally {
    await admin.disconnect();
  }
}
