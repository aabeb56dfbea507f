// Are topics made as asked, and those that are there told and left alone?
import { describeWithKafka, kafkaSettings } from '#testing';
import { openKafka, type KafkaSettings } from './connection.ts';
import { createTopics } from './create-topics.ts';
import { eventTopic, makeThese, makeTopics, wantedTopics } from './topics.ts';

async function withAdmin<Result>(settings: KafkaSettings, ask: (admin: ReturnType<ReturnType<typeof openKafka>['admin']>) => Promise<Result>): Promise<Result> {
  const admin = openKafka(settings, 'test').admin();
  await admin.connect();
  try {
    return await ask(admin);
  } finally {
    await admin.disconnect();
  }
}
const topicsOf = (settings: KafkaSettings) => withAdmin(settings, async (admin) => (await admin.listTopics()).filter((topic) => topic.startsWith(settings.topicPrefix)).sort());
const statesOf = (reports: Awaited<ReturnType<typeof createTopics>>) => [...new Set(reports.map(({ state }) => state))];
const namesOf = (settings: KafkaSettings) => wantedTopics(settings).map(({ topic }) => topic).sort();

describeWithKafka('4.2.0', (kafka) => {
  it('a dry run makes nothing', async () => {
    const settings = await kafkaSettings(kafka.broker);
    expect(statesOf(await createTopics(settings, { dryRun: true }))).toEqual(['missing']);
    expect(await topicsOf(settings)).toEqual([]);
  });

  it('makes all of them, and finds nothing to say of its own', async () => {
    const settings = { ...(await kafkaSettings(kafka.broker)), partitions: 5 };
    const asked = { retentionMs: 90 * 86_400_000 };
    expect(statesOf(await createTopics(settings, asked))).toEqual(['made']);
    expect(await topicsOf(settings)).toEqual(namesOf(settings));
    expect(statesOf(await createTopics(settings, asked))).toEqual(['as wanted']);
    const [topic] = await withAdmin(settings, async (admin) => (await admin.fetchTopicMetadata({ topics: [eventTopic(settings, 'run')] })).topics);
    expect(topic?.partitions).toHaveLength(5);
  });

  it('has nothing to say of those the relay makes', async () => {
    const settings = await kafkaSettings(kafka.broker);
    await withAdmin(settings, (admin) => makeTopics(admin, settings, async () => undefined));
    expect(statesOf(await createTopics(settings))).toEqual(['as wanted']);
  });

  it('tells what is otherwise, and leaves it so', async () => {
    const settings = await kafkaSettings(kafka.broker);
    const run = eventTopic(settings, 'run');
    await withAdmin(settings, (admin) => makeThese(admin, [{ topic: run, category: 'run', writer: 'scheduler', partitions: 1, replicationFactor: 1, config: { 'cleanup.policy': 'compact' } }]));
    const reports = await createTopics(settings);
    expect(reports.filter(({ state }) => state !== 'made').map(({ topic }) => topic)).toEqual([run]);
    const differs = reports.find(({ topic }) => topic === run)?.differences.map(({ what, is, wanted }) => [what, is, wanted]);
    expect(differs).toEqual([
      ['partitions', '1', '3'],
      ['cleanup.policy', 'compact', 'delete'],
      ['retention.ms', '604800000', '-1'],
      ['max.message.bytes', '1048588', '4194304'],
    ]);
    expect((await createTopics(settings)).find(({ topic }) => topic === run)?.differences).toHaveLength(4);
  });
});
