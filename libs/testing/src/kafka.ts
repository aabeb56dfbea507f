// Where does a test get a real Kafka of its own, and what if there is none?
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '#event-store';
import { KafkaBus, Relay, type KafkaSettings, type SaslMechanism } from '#messaging';
import { startKafka, type Broker, type BrokerOptions } from '../../../tools/stack/kafka/broker.ts';
import { missingForKafka, type KafkaVersion } from '../../../tools/stack/kafka/provide.ts';
import type { OpenedBus } from './contracts/bus.ts';

export interface TestKafka {
  readonly broker: Broker;
  /** The same broker in the same place again, after it was killed. */
  restart(): Promise<void>;
}

/** False, with a skipped test that says what would provide it, where there is none; on machines nobody watches that is a failure. */
export function hasKafka(version: KafkaVersion): boolean {
  const missing = missingForKafka(version);
  if (!missing) return true;
  if (process.env.CI) throw new Error(missing);
  describe(`Kafka ${version}`, () => void it.skip(missing, () => undefined));
  return false;
}

/** Declares `tests` with a broker for all of them; skipped, with what would provide it, where there is none. */
export function describeWithKafka(version: KafkaVersion, tests: (kafka: TestKafka) => void, security?: BrokerOptions['security'], principals?: BrokerOptions['principals']): void {
  if (!hasKafka(version)) return;
  let folder: string;
  let broker: Broker | undefined;
  const start = async (port = 0) => (broker = await startKafka({ folder, version, port, ...(security && { security }), ...(principals && { principals }) }));
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polyaxon-test-kafka-'));
    await start();
  });
  afterAll(async () => {
    await broker?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  tests({
    get broker() {
      if (!broker) throw new Error('the broker starts before the first test');
      return broker;
    },
    async restart() {
      await start(Number(broker?.address.split(':')[1]));
    },
  });
}

/** Topics of its own on that broker. */
export async function kafkaSettings({ address, credentials }: Broker, mechanism?: SaslMechanism): Promise<KafkaSettings> {
  const base = { brokers: [address], topicPrefix: `${randomBytes(4).toString('hex')}.`, partitions: 3, replicationFactor: 1 };
  if (!credentials) return base;
  const { username, password, caFile, keyFile } = credentials;
  const ca = await readFile(caFile, 'utf8');
  if (mechanism) return { ...base, tls: { ca }, sasl: { mechanism, username, password } };
  return { ...base, tls: { ca, certificate: ca, key: await readFile(keyFile, 'utf8') } };
}

/** The bus with its relay. */
export function openKafkaBus(store: EventStore, settings: KafkaSettings): OpenedBus {
  const relay = new Relay(store, settings);
  relay.start();
  return { bus: new KafkaBus(store, settings), close: () => relay.stop() };
}
