// How does a service reach Kafka?
import { Kafka, logLevel, Partitioners, type LogEntry, type Producer, type SASLOptions } from 'kafkajs';

/** Where the brokers are and what they ask for. Contents of PEM files, not paths. */
export interface KafkaSettings {
  readonly brokers: readonly string[];
  /** Before the names of topics and groups, for several platforms on one cluster. */
  readonly topicPrefix: string;
  /** Of topics that are made here. */
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly tls?: { readonly ca?: string; readonly certificate?: string; readonly key?: string };
  readonly sasl?: { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string };
}

export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

/** What the client says; most of it matters only to who looks for a reason. */
export type KafkaLog = (level: 'error' | 'warn' | 'info', message: string, details: Readonly<Record<string, unknown>>) => void;

const requestTimeoutMs = 10_000;
const connectionTimeoutMs = 3000;

/** A few quick tries inside the client; what lasts longer is up to whoever uses it, and starts over with a fresh one. */
export function openKafka({ brokers, tls, sasl }: KafkaSettings, clientId: string, log: KafkaLog = () => undefined): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    connectionTimeout: connectionTimeoutMs,
    retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 1000 },
    logLevel: logLevel.INFO,
    logCreator: () => ({ level, log: { message, timestamp: _, logger: __, ...details } }: LogEntry) => log(level === logLevel.ERROR ? 'error' : level === logLevel.WARN ? 'warn' : 'info', message, details),
    ...(tls && { ssl: { ...(tls.ca && { ca: [tls.ca] }), ...(tls.certificate && { cert: tls.certificate }), ...(tls.key && { key: tls.key }) } }),
    ...(sasl && { sasl: { mechanism: sasl.mechanism.toLowerCase(), username: sasl.username, password: sasl.password } as SASLOptions }),
  });
}

/** Of the relay: in order, and written once by each broker it asks. */
export function openProducer(kafka: Kafka): Producer {
  return kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner, retry: { retries: 5, maxRetryTime: 2000 } });
}
