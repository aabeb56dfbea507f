// Does every event get onto Kafka, in the order of commits, whoever dies on the way?
import type { EventStore } from '#event-store';
import { created, describeWithKafka, done, kafkaSettings, openTestStore, until, type TestStore } from '#testing';
import { header } from './cloud-event.ts';
import { openKafka, type KafkaSettings } from './connection.ts';
import { refillTopics } from './refills.ts';
import { relayBacklog } from './relay-cursor.ts';
import { Relay, type RelayObserver } from './relay.ts';

const by = { actor: 'test', correlationId: 'c' };
const patience = 60_000;

describeWithKafka('4.2.0', (kafka) => {
  describe('the relay', () => {
    let test: TestStore;
    let store: EventStore;
    let settings: KafkaSettings;
    const relays: Relay[] = [];

    beforeEach(async () => {
      test = await openTestStore();
      store = test.store;
      settings = await kafkaSettings(kafka.broker);
    });
    afterEach(async () => {
      await Promise.all(relays.splice(0).map((relay) => relay.stop()));
      await test.close();
    });

    const start = (observer: Partial<RelayObserver> = {}): Relay => {
      const relay = new Relay(store, settings, observer);
      relays.push(relay);
      relay.start();
      return relay;
    };

    /** What a stranger finds on the experiments' topic, by partition: a key and a position in its stream. */
    async function published(count: number): Promise<string[]> {
      const records: string[] = [];
      const reader = openKafka(settings, 'stranger').consumer({ groupId: `${settings.topicPrefix}${Math.random()}` });
      await until('the topic is there', async () => (await topics()).includes(`${settings.topicPrefix}experiment.events`), patience);
      await reader.connect();
      try {
        await reader.subscribe({ topics: [`${settings.topicPrefix}experiment.events`], fromBeginning: true });
        await reader.run({ eachMessage: async ({ message }) => void records.push(`${String(message.key)}@${header(message.headers, 'ce_sequence')}`) });
        await until(`${count} different events are there`, () => new Set(records).size >= count, patience);
        return records;
      } finally {
        await reader.disconnect();
      }
    }

    async function asAdmin<Result>(work: (admin: ReturnType<ReturnType<typeof openKafka>['admin']>) => Promise<Result>): Promise<Result> {
      const admin = openKafka(settings, 'admin').admin();
      await admin.connect();
      try {
        return await work(admin);
      } finally {
        await admin.disconnect();
      }
    }
    const topics = () => asAdmin((admin) => admin.listTopics());

    /** First occurrences of each stream, in the order they came. */
    const positionsOf = (records: readonly string[], stream: string) => [...new Set(records)].filter((record) => record.startsWith(`${stream}@`)).map((record) => Number(record.split('@')[1]));

    it('publishes what strangers can read: CloudEvents in binary mode', async () => {
      const [event] = await store.append('experiment-23', -1, [created(23)], by);
      start();
      const reader = openKafka(settings, 'stranger').consumer({ groupId: `${settings.topicPrefix}stranger` });
      const seen: { key: string; value: unknown; headers: Record<string, string> }[] = [];
      await until('the topic is there', async () => (await topics()).includes(`${settings.topicPrefix}experiment.events`), patience);
      await reader.connect();
      await reader.subscribe({ topics: [`${settings.topicPrefix}experiment.events`], fromBeginning: true });
      await reader.run({
        eachMessage: async ({ message: { key, value, headers } }) =>
          void seen.push({ key: String(key), value: JSON.parse(String(value)), headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)])) }),
      });
      await until('it came', () => seen.length > 0, patience);
      await reader.disconnect();
      expect(seen).toEqual([{
        key: 'experiment-23',
        value: created(23).data,
        headers: {
          'content-type': 'application/json', ce_specversion: '1.0', ce_id: event?.id, ce_type: 'ExperimentCreated', ce_source: '/api-gateway', ce_subject: 'experiment-23', ce_time: event?.time,
          ce_dataschema: '/schemas/ExperimentCreated/v1', ce_sequence: '0', ce_correlationid: 'c', ce_actor: 'test',
        },
      }]);
    });

    it('skips and reorders nothing of writers that commit late, while relays and the broker die', async () => {
      const streams = Array.from({ length: 8 }, (_, index) => 500 + index);
      const perStream = 40;
      let left = streams.length;
      const writers = streams.map(async (id) => {
        for (let position = 0; position < perStream; position += 1)
          await store.transaction(async (on) => {
            await store.append(`experiment-${id}`, position - 1, [position === 0 ? created(id) : done(id)], by, on);
            await on.query('SELECT pg_sleep(random() * 0.02)');
          });
        left -= 1;
      });
      start();
      start();
      for (let deaths = 0; left > 0 && deaths < 4; deaths += 1) {
        const before = await cursor();
        await until('it has published more', async () => left === 0 || (await cursor()) !== before, patience);
        await store.pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'relay' AND datname = current_database()`);
      }
      process.kill(kafka.broker.pid, 'SIGKILL');
      await kafka.broker.exited;
      await kafka.restart();
      await Promise.all(writers);
      const records = await published(streams.length * perStream);
      for (const id of streams) expect(positionsOf(records, `experiment-${id}`)).toEqual(Array.from({ length: perStream }, (_, position) => position));
      await until('nothing is left', async () => (await relayBacklog(store.pool, settings)).events === 0, patience);
    });

    const cursor = async () => (await store.pool.query<{ at: string }>(`SELECT global_position::text AS at FROM event_store.cursors WHERE consumer_group LIKE 'relay%'`)).rows[0]?.at;

    it('is one at a time, and another takes over when it is cut off', async () => {
      const active = [false, false];
      start({ active: (is) => (active[0] = is) });
      await until('the first is active', () => active[0], patience);
      start({ active: (is) => (active[1] = is) });
      await store.append('experiment-23', -1, [created(23)], by);
      await published(1);
      expect(active).toEqual([true, false]);
      await relays[0]?.stop();
      await until('the second is active', () => active[1], 15_000);
      await store.append('experiment-23', 0, [done(23)], by);
      expect(positionsOf(await published(2), 'experiment-23')).toEqual([0, 1]);
    });

    it('fills a topic again that was deleted', async () => {
      for (let position = 0; position < 20; position += 1) await store.append('experiment-23', position - 1, [position === 0 ? created(23) : done(23)], by);
      start();
      await published(20);
      await asAdmin((admin) => admin.deleteTopics({ topics: [`${settings.topicPrefix}experiment.events`] }));
      await store.append('experiment-23', 19, [done(23)], by);
      expect(positionsOf(await published(21), 'experiment-23')).toEqual(Array.from({ length: 21 }, (_, position) => position));
    });

    it('publishes a topic again when asked, once', async () => {
      await store.append('experiment-23', -1, [created(23), done(23)], by);
      start();
      await published(2);
      expect(await refillTopics(store.pool, ['experiment'])).toBe(1);
      await until('it is done', async () => (await store.pool.query('SELECT FROM event_store.refills')).rowCount === 0, patience);
      await store.append('experiment-23', 1, [done(23)], by);
      expect(await published(3)).toEqual(['experiment-23@0', 'experiment-23@1', 'experiment-23@0', 'experiment-23@1', 'experiment-23@2']);
    });

    it('tells how much is left, and since when', async () => {
      expect(await relayBacklog(store.pool, settings)).toEqual({ events: 0, ageMs: 0 });
      await store.append('experiment-23', -1, [created(23), done(23)], by);
      const { events, ageMs } = await relayBacklog(store.pool, settings);
      expect(events).toBe(2);
      expect(ageMs).toBeGreaterThan(0);
      start();
      await until('nothing is left', async () => (await relayBacklog(store.pool, settings)).events === 0, patience);
    });
  });
});
