// How does an operator make the topics on Kafka before the platform is started, or see how those that are there differ?
import type { KafkaSettings, TopicReport } from '#messaging';
import { CommandFailure, exitCodes, usageFailure } from '../failure.ts';
import { table } from '../tables.ts';
import type { Run } from '../tree.ts';
import { wholeNumber } from './lists.ts';

export interface CreateTopicsOptions {
  readonly partitions?: string;
  readonly replicationFactor?: string;
  readonly retention?: string;
  readonly dryRun?: boolean;
}

const unitsMs = { h: 3_600_000, d: 86_400_000 } as const;
const forEver = 'forever';

/** Speaks to the brokers itself, by the variables the services are told: it is used where there is no platform yet, and with rights that services don't have. */
export const createTopics: Run<CreateTopicsOptions> = async ({ out }, options) => {
  const retentionMs = retentionOf(options.retention ?? forEver);
  const settings = await settingsFor(options);
  const { createTopics: create } = await import('#messaging');
  const reports = await create(settings, { retentionMs, dryRun: options.dryRun ?? false }).catch((error: unknown) => {
    throw new CommandFailure('kafka-unavailable', exitCodes.failure, `Kafka at ${settings.brokers.join(', ')}: ${(error as Error).message}`, 'look at the POLYAXON_KAFKA_* variables, and at the rights in docs/kafka.md');
  });
  const text = (paint: Parameters<typeof table>[2]['paint'], wide: boolean) => table(reports, columns, { paint, wide });
  await out.result(reports, { text, name: reports.map(({ topic }) => topic) });
  return told(reports, out, options.dryRun ?? false);
};

const columns = [
  { title: 'TOPIC', value: ({ topic }: TopicReport) => topic },
  { title: 'STATE', value: ({ state }: TopicReport) => state },
  { title: 'PARTITIONS', value: (report: TopicReport) => found(report, 'partitions') ?? String(report.wanted.partitions) },
  { title: 'REPLICAS', value: (report: TopicReport) => found(report, 'replication factor') ?? String(report.wanted.replicationFactor) },
  { title: 'RETENTION', value: (report: TopicReport) => retentionText(found(report, 'retention.ms') ?? report.wanted.config['retention.ms']) },
];

/** As it is, where that is not as wanted. */
const found = ({ differences }: TopicReport, what: string) => differences.find((one) => one.what === what)?.is;

function told(reports: readonly TopicReport[], out: { notice(text: string): void }, dryRun: boolean): number {
  const differing = reports.filter(({ state }) => state === 'differs');
  for (const { topic, differences } of differing)
    for (const { what, is, wanted, fix } of differences) out.notice(`${topic} has ${what} ${is}, not ${wanted}, and was left so: ${fix}`);
  if (dryRun) out.notice('nothing was made; the same command without --dry-run does it');
  else if (reports.some(({ state, wanted }) => state === 'made' && wanted.category)) out.notice('where a platform has published before: polyaxon admin refill-topics fills the new ones');
  return differing.length > 0 ? exitCodes.conflict : exitCodes.ok;
}

async function settingsFor({ partitions, replicationFactor }: CreateTopicsOptions): Promise<KafkaSettings> {
  const { kafkaSettings, kafkaVariables, readConfiguration } = await import('#service-host');
  const more = {
    ...(partitions !== undefined && { partitions: bounded(partitions, '--partitions', 1000) }),
    ...(replicationFactor !== undefined && { replicationFactor: bounded(replicationFactor, '--replication-factor', 10) }),
  };
  try {
    const settings = kafkaSettings(readConfiguration(kafkaVariables, process.env));
    if (settings) return { ...settings, ...more };
  } catch (error) {
    throw usageFailure((error as Error).message);
  }
  throw usageFailure('no brokers are named; the Kafka of npm start gets its topics by itself', 'POLYAXON_KAFKA_BROKERS=host:port polyaxon admin create-topics');
}

function bounded(text: string, option: string, max: number): number {
  const number = wholeNumber(text, option, 1);
  if (number > max) throw usageFailure(`${option} is at most ${max}, not ${number}`);
  return number;
}

function retentionOf(text: string): number {
  if (text === forEver) return -1;
  const [, number, unit] = /^([1-9]\d{0,4})([hd])$/.exec(text) ?? [];
  if (!number || !unit) throw usageFailure(`--retention is ${forEver}, or a number of hours or days such as 72h or 90d, not ${JSON.stringify(text)}`);
  return Number(number) * unitsMs[unit as keyof typeof unitsMs];
}

function retentionText(ms: string | undefined): string {
  if (ms === undefined) return 'of the brokers';
  return ms === '-1' ? forEver : `${+(Number(ms) / unitsMs.h).toFixed(1)} h`;
}
