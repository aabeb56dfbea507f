// Does the platform work with exactly the rights that docs/kafka.md names, and do strangers' subscribers hear of it, and no more than that?
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import kafkajs, { type AclEntry } from 'kafkajs';
import { openKafka, type KafkaSettings } from '#messaging';
import { describeWithKafka, until } from '#testing';
import { kafkaPython, missingKafkaPython } from '../tools/stack/kafka-python/provide.ts';
import { run, saveAndEnd } from './asking.ts';
import { Platform, root } from './platform.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
const sorted = (counts: Record<string, number>) => JSON.stringify(Object.entries(counts).sort());
const services = ['api-gateway', 'scheduler', 'storage-manager', 'log-collector'];
const principals = { platform: 'platform-secret', operator: 'operator-secret', subscriber: 'subscriber-secret' };

/** The rows of the table under "Rights", for the one principal that the services of `npm start` share. */
function documentedRights(): AclEntry[] {
  const [, section = ''] = readFileSync(join(root, 'docs/kafka.md'), 'utf8').split('## Rights\n');
  const rows = section.split('\n## ')[0]?.split('\n').filter((line) => line.startsWith('| `')) ?? [];
  const wordsIn = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
  return rows.flatMap((row) => {
    const [, who, resource = '', names, operations = ''] = row.split('|').map((cell) => cell.trim());
    const isService = who === '`<service>`';
    return (isService ? services : ['']).flatMap((service) => wordsIn(names).flatMap((name) => operations.split(', ').map((operation) => ({
      principal: `User:${isService ? 'platform' : wordsIn(who)[0]}`,
      resourceType: AclResourceTypes[resource.toUpperCase() as 'TOPIC'],
      resourceName: name.replace('<service>', service),
      resourcePatternType: ResourcePatternTypes.LITERAL,
      operation: AclOperationTypes[operation.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase() as 'READ'],
      permissionType: AclPermissionTypes.ALLOW,
      host: '*',
    }))));
  });
}

describeWithKafka('4.2.0', (kafka) => {
  let platform: Platform;
  const started: ChildProcess[] = [];
  const settings = (username: string, password: string): KafkaSettings => {
    const ca = readFileSync(kafka.broker.credentials?.caFile ?? '', 'utf8');
    return { brokers: [kafka.broker.address], topicPrefix: '', partitions: 3, replicationFactor: 1, tls: { ca }, sasl: { mechanism: 'PLAIN', username, password } };
  };
  const variables = (username: keyof typeof principals) => ({
    POLYAXON_KAFKA_BROKERS: kafka.broker.address, POLYAXON_KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', POLYAXON_KAFKA_SASL_MECHANISM: 'PLAIN', POLYAXON_KAFKA_CA_FILE: kafka.broker.credentials?.caFile ?? '',
    POLYAXON_KAFKA_SASL_USERNAME: username, POLYAXON_KAFKA_SASL_PASSWORD: principals[username],
  });

  beforeAll(async () => {
    const { username = '', password = '' } = kafka.broker.credentials ?? {};
    const admin = openKafka(settings(username, password), 'admin').admin();
    await admin.connect();
    await admin.createAcls({ acl: documentedRights() });
    await admin.disconnect();
    const command = [join(root, 'dist/apps/cli/src/main.js'), 'admin', 'create-topics', '--partitions', '3', '-o', 'json'];
    const said = execFileSync(process.execPath, command, { env: { ...process.env, ...variables('operator') }, encoding: 'utf8' });
    expect((JSON.parse(said) as { state: string }[]).map(({ state }) => state)).toEqual(Array(10).fill('made'));
    platform = await Platform.start({ POLYAXON_BUS: 'kafka', ...variables('platform') });
    await platform.api('POST', 'projects', { name: 'verbs' });
  }, 240_000);
  afterAll(async () => {
    for (const child of started) child.kill('SIGKILL');
    await platform.remove();
  }, 60_000);

  const ended = async () => Object.fromEntries((await platform.rows<{ type: string; runs: number }>(
    `SELECT type, count(*)::int AS runs FROM event_store.messages WHERE type IN ('RunSucceeded', 'RunFailed', 'RunStopped') GROUP BY type`)).map(({ type, runs }) => [type, runs]));

  it('the platform runs, and nothing is given up', async () => {
    const first = await run(platform, saveAndEnd);
    expect((await platform.done(first.id)).last_status).toBe('succeeded');
    const second = await run(platform, 'exit 3');
    expect((await platform.done(second.id)).last_status).toBe('failed');
    expect(await platform.rows('SELECT FROM event_store.dead_letters')).toEqual([]);
    expect(await ended()).toEqual({ RunSucceeded: 1, RunFailed: 1 });
  }, 120_000);

  /** Started as its readme says, it tells what the store knows; then the same again, as somebody who starts over. */
  async function tells(command: string, file: string, environment: Readonly<Record<string, string>>) {
    const { address, credentials } = kafka.broker;
    const login = { KAFKA_CA_FILE: credentials?.caFile ?? '', KAFKA_USERNAME: 'subscriber', KAFKA_PASSWORD: principals.subscriber };
    const env = { ...process.env, KAFKA_BROKERS: address, ...login, ...environment };
    const child = spawn(command, [file], { env, stdio: 'inherit' });
    started.push(child);
    const shown = () => {
      const lines = execFileSync(command, [file, '--show'], { env, encoding: 'utf8' }).split('\n').filter(Boolean);
      return sorted(Object.fromEntries(lines.map((line) => JSON.parse(line) as { outcome: string; runs: number }).map(({ outcome, runs }) => [outcome, runs])));
    };
    const wanted = sorted(await ended());
    await until(`the subscriber has counted ${wanted}`, async () => (child.exitCode === null ? shown() === wanted : Promise.reject(new Error(`it ended with ${child.exitCode}`))), 60_000);
    await platform.cli(platform.folder, 'admin', 'refill-topics');
    await until('everything is published again', async () => (await platform.rows('SELECT FROM event_store.refills')).length === 0, 60_000);
    const later = await run(platform, saveAndEnd);
    await platform.done(later.id);
    const then = sorted(await ended());
    await until(`it has counted ${then}`, () => shown() === then, 60_000);
    child.kill('SIGTERM');
    await until('it has left', () => child.exitCode !== null || child.signalCode !== null, 30_000);
  }

  it('the example in TypeScript hears of it', async () => {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'examples/subscribers/typescript')]);
    const { databaseUrl } = JSON.parse(readFileSync(join(platform.home, 'platform.json'), 'utf8')) as { databaseUrl: string };
    const url = new URL(databaseUrl);
    url.pathname = '/postgres'; // another database on the same server
    await tells(process.execPath, join(root, 'examples/subscribers/typescript/dist/subscriber.js'), { KAFKA_GROUP: 'run-times', DATABASE_URL: url.href });
  }, 240_000);

  const missing = missingKafkaPython();
  if (missing && process.env.CI) throw new Error(missing);
  (missing ? it.skip : it)(missing ?? 'the example in Python hears of it', async () => {
    const folder = join(platform.folder, 'python-state');
    mkdirSync(folder);
    await tells(kafkaPython(), join(root, 'examples/subscribers/python/subscriber.py'), { KAFKA_GROUP: 'run-times-python', STATE_FOLDER: folder });
  }, 240_000);

  it('a subscriber can write nothing, make nothing, delete nothing, and be no service', async () => {
    const client = openKafka(settings('subscriber', principals.subscriber), 'stranger');
    const [producer, admin] = [client.producer(), client.admin()];
    await Promise.all([producer.connect(), admin.connect()]);
    try {
      const forged = [{ key: 'run-1', value: '{}' }];
      await expect(producer.send({ topic: 'run.events', messages: forged })).rejects.toThrow(/not authorized/i);
      await expect(producer.send({ topic: 'experiment.events', messages: forged })).rejects.toThrow(/not authorized/i);
      await expect(admin.createTopics({ topics: [{ topic: 'more', numPartitions: 1, replicationFactor: 1 }] })).rejects.toThrow();
      await expect(admin.deleteTopics({ topics: ['run.events'] })).rejects.toThrow(/not authorized/i);
      await admin.fetchOffsets({ groupId: 'run-times', topics: ['run.events'] });
      // The client's words for a group that it may not even look for; its own it has just found.
      await expect(admin.fetchOffsets({ groupId: 'scheduler', topics: ['run.events'] })).rejects.toThrow(/group coordinator|not authorized/i);
      expect(await admin.listTopics()).toEqual(['run.events']);
    } finally {
      await Promise.all([producer.disconnect(), admin.disconnect()]);
    }
  }, 60_000);
}, 'sasl', principals);
