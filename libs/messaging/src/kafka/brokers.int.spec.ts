// Does it work with the oldest Kafka, and with one that asks who is there?
import type { EventStore } from '#event-store';
import { created, describeWithKafka, done, kafkaSettings, openKafkaBus, openTestStore, until, type TestStore } from '#testing';
import type { Topology, Unit } from '../topology.ts';
import { openKafka, type KafkaSettings } from './connection.ts';

const by = { actor: 'test' };
const patience = 60_000;

/** Everything the platform asks of a broker: topics, relay, group, dead letters. */
async function useAll(store: EventStore, settings: KafkaSettings): Promise<{ heard: string[]; letters: string[] }> {
  const heard: string[] = [];
  const topology = {
    service: 'scheduler',
    owns: ['run'],
    consumes: {
      'experiment.events': {
        ExperimentCreated: async ({ stream }: { stream: string }, { afterCommit }: Unit) => afterCommit(() => void heard.push(stream)),
        ExperimentDone: async () => Promise.reject(new TypeError('a bug')),
      },
    },
  } as unknown as Topology;
  await store.append('experiment-23', -1, [created(23), done(23)], by);
  const opened = openKafkaBus(store, settings);
  const consumption = opened.bus.consume(topology);
  const letters: string[] = [];
  const reader = openKafka(settings, 'test').consumer({ groupId: `${settings.topicPrefix}reader` });
  try {
    await consumption.caughtUp(patience);
    await reader.connect();
    await reader.subscribe({ topics: [`${settings.topicPrefix}scheduler.dead-letters`], fromBeginning: true });
    await reader.run({ eachMessage: async ({ message: { key, headers } }) => void letters.push(`${String(key)} ${String(headers?.ce_type)} ${String(headers?.ce_deadreason)}`) });
    await until('the dead letter is on its topic', () => letters.length > 0, patience);
  } finally {
    await reader.disconnect();
    await consumption.stop();
    await opened.close();
  }
  return { heard, letters };
}

const wanted = { heard: ['experiment-23'], letters: ['experiment-23 ExperimentDone TypeError: a bug'] };

let test: TestStore;
beforeEach(async () => void (test = await openTestStore()));
afterEach(() => test.close());

describe('Kafka 3.9, the oldest', () => {
  describeWithKafka('3.9.1', (kafka) => it('does all that is asked of it', async () => expect(await useAll(test.store, await kafkaSettings(kafka.broker))).toEqual(wanted)));
});

describe('Kafka 4.2 with TLS and passwords', () => {
  describeWithKafka('4.2.0', (kafka) => {
    it.each(['PLAIN', 'SCRAM-SHA-512'] as const)('lets the platform in by %s', async (mechanism) => expect(await useAll(test.store, await kafkaSettings(kafka.broker, mechanism))).toEqual(wanted));

    it.each([
      ['a wrong password', (settings: KafkaSettings) => ({ ...settings, sasl: { ...settings.sasl!, password: 'wrong' } })],
      ['a broker whose certificate nobody trusts', (settings: KafkaSettings) => ({ ...settings, tls: {} })],
    ])('says so and goes on trying with %s', async (_, change) => {
      const paused: string[] = [];
      const opened = openKafkaBus(test.store, change(await kafkaSettings(kafka.broker, 'SCRAM-SHA-512')));
      const consumption = opened.bus.consume({ service: 'scheduler', owns: ['run'], consumes: {} }, { paused: ({ error }) => paused.push(String(error)) });
      try {
        await until('it was refused twice', () => paused.length > 1, patience);
        expect(consumption.problem()).toMatch(/does not hear Kafka: .*(SASL|certificate|authenticat)/i);
      } finally {
        await consumption.stop();
        await opened.close();
      }
    });
  }, 'sasl');
});

describe('Kafka 4.2 with certificates on both sides', () => {
  describeWithKafka('4.2.0', (kafka) => it('lets the platform in', async () => expect(await useAll(test.store, await kafkaSettings(kafka.broker))).toEqual(wanted)), 'mutual');
});
