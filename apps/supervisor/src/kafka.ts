// Which Kafka does the platform use when it is asked for one and isn't given any?
import { startKafka } from '../../../tools/stack/kafka/broker.ts';
import { KafkaUnavailable, kafkaVersions, provideKafka } from '../../../tools/stack/kafka/provide.ts';
import { CannotStart } from './cannot-start.ts';
import { Kept } from './kept.ts';
import { freePorts } from './ports.ts';

const [version] = kafkaVersions;

export interface OwnKafka {
  readonly brokers: string;
  readonly kept: Kept;
}

/** Downloaded at the first time; its data in `folder`, on the same port as long as the platform runs. */
export async function startOwnKafka(folder: string, tell: (line: string) => void): Promise<OwnKafka> {
  const [port] = (await freePorts(1)) as [number];
  const start = () => startKafka({ folder, version, port });
  try {
    await provideKafka(version, tell);
    tell('starting Kafka ...');
    const first = await start();
    return { brokers: first.address, kept: new Kept('Kafka', first, start, tell) };
  } catch (error) {
    if (error instanceof KafkaUnavailable) throw new CannotStart(error.message, error.fix);
    throw error;
  }
}
