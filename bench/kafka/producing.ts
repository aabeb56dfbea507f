// Does our producer keep up with Kafka's own?
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { openProducer } from '#messaging';
import { kafkaToolsFolder } from '../../tools/stack/kafka/provide.ts';
import { correct, median, type BenchRow } from '../result.ts';
import { kafkaVersion, type Parts } from './parts.ts';

const records = 50_000;
const recordSize = 300;
const rounds = 5;
const batchSize = 500;
const partitions = 6;

/** Taking turns; theirs by its own count, which begins when the virtual machine is up, and with the time that takes. */
export async function producing({ settings }: Parts): Promise<BenchRow[]> {
  const name = `produce records of ${recordSize} bytes, acks=all`;
  if (!existsSync(kafkaToolsFolder(kafkaVersion))) return [{ name, notRun: "Kafka's own programs for measuring are not here: npm run stack -- kafka --tools" }];
  const kafka = new Kafka({ brokers: [...settings.brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const topics = { ours: `${settings.topicPrefix}ours`, theirs: `${settings.topicPrefix}theirs` };
  await admin.createTopics({ topics: Object.values(topics).map((topic) => ({ topic, numPartitions: partitions })), waitForLeaders: true });
  const held = async (topic: string) => (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0);
  const found: { ours: number; theirs: number; withStart: number; startMs: number }[] = [];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const theirs = await performanceOfKafka(settings.brokers, topics.theirs);
      const ours = await performanceOfOurs(kafka, topics.ours);
      if (round > 0) found.push({ ...theirs, ours });
    }
    for (const topic of Object.values(topics)) correct(`${topic} holds every record`, (await held(topic)) === records * (rounds + 1));
  } finally {
    await admin.disconnect();
  }
  const middle = (side: keyof (typeof found)[0]) => median(found.map((one) => one[side]));
  const [ours, theirs, withStart] = [middle('ours'), middle('theirs'), middle('withStart')];
  const peer = `org.apache.kafka.tools.ProducerPerformance --num-records ${records} --record-size ${recordSize} --throughput -1, acks=all (Kafka ${kafkaVersion})`;
  return [
    { name, peer: `${peer}, by its own count`, ours, theirs, ratio: ours / theirs, goal: 1, bound: 'at least', unit: 'records/s' },
    {
      name: '… with the start of its virtual machine', peer: `the same, of which ${Math.round(middle('startMs'))} ms are the start`, ours, theirs: withStart, ratio: ours / withStart,
      goal: null, bound: 'at least', unit: 'records/s',
    },
  ];
}

async function performanceOfKafka(brokers: readonly string[], topic: string): Promise<{ theirs: number; withStart: number; startMs: number }> {
  const args = ['--topic', topic, '--num-records', String(records), '--record-size', String(recordSize), '--throughput', '-1', '--producer-props', `bootstrap.servers=${brokers.join(',')}`, 'acks=all'];
  const start = performance.now();
  const { stdout } = await promisify(execFile)('java', ['-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', join(kafkaToolsFolder(kafkaVersion), '*'), 'org.apache.kafka.tools.ProducerPerformance', ...args]);
  const elapsedMs = performance.now() - start;
  const theirs = Number([...stdout.matchAll(/([\d.]+) records\/sec/g)].at(-1)?.[1]);
  return { theirs, withStart: records / (elapsedMs / 1000), startMs: elapsedMs - (records / theirs) * 1000 };
}

async function performanceOfOurs(kafka: Kafka, topic: string): Promise<number> {
  const producer = openProducer(kafka);
  await producer.connect();
  const value = Buffer.alloc(recordSize, 'x');
  const messages = Array.from({ length: batchSize }, () => ({ value }));
  const start = performance.now();
  for (let sent = 0; sent < records; sent += batchSize) await producer.sendBatch({ acks: -1, topicMessages: [{ topic, messages }] });
  const elapsedMs = performance.now() - start;
  await producer.disconnect();
  return records / (elapsedMs / 1000);
}
