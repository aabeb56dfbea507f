// Is anything lost or done twice when consumers are killed on a real Kafka, and would it be without the inbox?
import type { KafkaSettings } from '#messaging';
import { describeWithKafka, kafkaSettings, openTestStore, until, type TestKafka, type TestStore } from '#testing';
import { appendStreams, audit, Consumers, countEffects, makeEffects, type Audit } from './load.ts';
import { seeded } from './seeded.ts';
import { isComplete } from './topic.ts';

const messages = Number(process.env.LOAD_MESSAGES ?? 4000);
const kills = Number(process.env.LOAD_CONSUMER_KILLS ?? 2);
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);

const members = 3;
const perStream = 4;
/** A group that has lost a member waits for the end of its session; the machine may be busy. */
const patience = 120_000;

interface Group {
  readonly test: TestStore;
  readonly settings: KafkaSettings;
  readonly consumers: Consumers;
}

/** With a table for the effects, and with an inbox that remembers, or one that has forgotten how to. */
async function open(kafka: TestKafka, inbox: 'remembers' | 'forgets'): Promise<Group> {
  const test = await openTestStore();
  await makeEffects(test.store);
  // Without its key the very same statement keeps every row, also the second one of an event: everything is as it is but for the memory.
  if (inbox === 'forgets') await test.store.pool.query('ALTER TABLE event_store.inbox DROP CONSTRAINT inbox_pkey');
  const settings = { ...(await kafkaSettings(kafka.broker)), partitions: members };
  return { test, settings, consumers: new Consumers(test.url, settings, members) };
}

/** A wave of messages for each kill: one dies right after it has committed, the next one from outside when a part of its wave is done, and so on. */
async function killUnderLoad({ test: { store }, settings, consumers }: Group, random: () => number): Promise<Audit> {
  const acknowledged: string[] = [];
  const wave = Math.ceil(messages / perStream / kills);
  for (let kill = 0; kill < kills; kill += 1) {
    const victim = Math.floor(random() * members);
    const reached = (kill + random() * 0.5) * wave * perStream;
    // Each has a partition then, so that whoever is to die has something to commit.
    await until('all members are in the group', () => isComplete(settings, members), patience);
    const dying = kill % 2 === 0 ? consumers.kill(victim, 'after its commit') : undefined;
    const appending = appendStreams(store, 1_000 + kill * wave, wave, perStream);
    await until(`${Math.round(reached)} effects are there`, async () => (await countEffects(store)) > reached, patience);
    await (dying ?? consumers.kill(victim, 'now'));
    acknowledged.push(...(await appending));
  }
  await until('every message has had its effect', async () => (await audit(store, acknowledged)).unheard === 0, patience);
  expect(consumers.alive()).toBe(members);
  return audit(store, acknowledged);
}

describeWithKafka('4.2.0', (kafka) => {
  it(`of ${messages} messages none is lost and none has two effects, though consumers are killed ${kills} times; without the inbox some have`, async () => {
    const groups = await Promise.all([open(kafka, 'remembers'), open(kafka, 'forgets')]);
    try {
      const [ours, control] = await Promise.all(groups.map((group, index) => killUnderLoad(group, seeded(seed + index))));
      const told = (name: string, { acknowledged, lost, unheard, doubled, disordered }: Audit) =>
        `${name}: ${acknowledged} messages, ${kills} kills: ${lost + unheard} lost, ${doubled} doubled effects, ${disordered} streams out of order\n`;
      process.stderr.write(`CHAOS_SEED=${seed}\n${told('with the inbox', ours!)}${told('control without it', control!)}`);
      const count = Math.ceil(messages / perStream / kills) * kills * perStream;
      expect(ours).toEqual({ acknowledged: count, lost: 0, unheard: 0, doubled: 0, disordered: 0, deadLetters: 0 });
      expect(control).toMatchObject({ acknowledged: count, lost: 0, unheard: 0 });
      expect(control!.doubled).toBeGreaterThan(0);
    } finally {
      await Promise.all(groups.map(({ consumers }) => consumers.stop()));
      await Promise.all(groups.map(({ test }) => test.close()));
    }
  }, 900_000);
});
