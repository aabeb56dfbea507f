// Does Kafka keep the promises of every bus, and does what only Kafka can bring do no harm? Against the real one.
import { randomUUID } from 'node:crypto';
import { Partitioners } from 'kafkajs';
import { busContract, created, describeWithKafka, done, kafkaSettings, openKafkaBus, openTestStore, until } from '#testing';
import type { Topology, Unit } from '../topology.ts';
import { cloudEvent } from './cloud-event.ts';
import { openKafka } from './connection.ts';
import { refillTopics } from './refills.ts';

const patience = 60_000;

describeWithKafka('4.2.0', (kafka) => {
  busContract('Kafka 4.2', async (store) => openKafkaBus(store, await kafkaSettings(kafka.broker)));

  it('what was forged, torn or repeated on a topic has no effect, and is told', async () => {
    const test = await openTestStore();
    const settings = await kafkaSettings(kafka.broker);
    const opened = openKafkaBus(test.store, settings);
    const seen: string[] = [];
    const foreign: string[] = [];
    const reactions = {
      ExperimentCreated: async (event: { stream: string; data: { user: string } }, { afterCommit }: Unit) => afterCommit(() => void seen.push(`${event.stream} of ${event.data.user}`)),
      ExperimentDone: async () => Promise.reject(new TypeError('nobody is done')),
    };
    const topology = { service: 'scheduler', owns: ['run'], consumes: { 'experiment.events': reactions } } as unknown as Topology;
    const consumption = opened.bus.consume(topology, { foreign: ({ reason }) => foreign.push(reason) });
    const producer = openKafka(settings, 'forger').producer({ createPartitioner: Partitioners.DefaultPartitioner });
    try {
      const [event] = await test.store.append('experiment-23', -1, [created(23)], { actor: 'test' });
      await consumption.caughtUp(patience);
      if (!event) throw new Error('nothing was appended');
      await producer.connect();
      const forged = { ...cloudEvent({ ...event, ...done(23) }), key: 'experiment-23' };
      const messages = [
        ...Array.from({ length: 100 }, () => ({ ...forged, headers: { ...forged.headers, ce_id: randomUUID() } })),
        { ...cloudEvent(event), value: JSON.stringify({ ...created(23).data, user: 'mallory' }) }, // its id is known: it was heard
        { key: 'experiment-23', value: 'no event at all' },
        { key: null, value: null },
        { ...cloudEvent(event), headers: { ...cloudEvent(event).headers, ce_id: "'; DROP TABLE messages" } },
      ];
      await producer.send({ topic: `${settings.topicPrefix}experiment.events`, messages });
      await until('all of them were told', () => foreign.length >= 103, patience);
      await test.store.append('experiment-24', -1, [created(24)], { actor: 'test' });
      await consumption.caughtUp(patience);
      expect(seen).toEqual(['experiment-23 of mona', 'experiment-24 of mona']);
      expect(new Set(foreign.map((reason) => reason.replace(/[0-9a-f-]{36}/, 'ID')))).toEqual(new Set(['no event ID was appended to a stream of this topic', 'it is no CloudEvent']));
      expect((await test.store.pool.query('SELECT FROM event_store.dead_letters')).rowCount).toBe(0);
    } finally {
      await producer.disconnect();
      await consumption.stop();
      await opened.close();
      await test.close();
    }
  });

  it('what comes after a topic was deleted is heard by those who had read further in the old one', async () => {
    const test = await openTestStore();
    const settings = { ...(await kafkaSettings(kafka.broker)), partitions: 1 };
    const opened = openKafkaBus(test.store, settings);
    const seen: number[] = [];
    const reactions = { ExperimentCreated: async (event: { data: { experimentId: number } }, { afterCommit }: Unit) => afterCommit(() => void seen.push(event.data.experimentId)) };
    const consumption = opened.bus.consume({ service: 'scheduler', owns: ['run'], consumes: { 'experiment.events': reactions } } as unknown as Topology);
    const append = (from: number, to: number) => Promise.all(Array.from({ length: to - from }, (_, index) => test.store.append(`experiment-${from + index}`, -1, [created(from + index)], { actor: 'test' })));
    const refilled = () => until('the topic is filled again', async () => (await test.store.pool.query('SELECT FROM event_store.refills')).rowCount === 0, patience);
    const admin = openKafka(settings, 'admin').admin();
    try {
      await append(100, 120);
      await consumption.caughtUp(patience);
      await refillTopics(test.store.pool, ['experiment']);
      await refilled();
      await append(120, 121); // behind the repeats: the reader has passed them
      await consumption.caughtUp(patience);
      await admin.connect();
      await admin.deleteTopics({ topics: [`${settings.topicPrefix}experiment.events`] });
      await append(121, 126);
      await consumption.caughtUp(patience);
      expect([...seen].sort()).toEqual(Array.from({ length: 26 }, (_, index) => 100 + index));
    } finally {
      await admin.disconnect();
      await consumption.stop();
      await opened.close();
      await test.close();
    }
  });
});
