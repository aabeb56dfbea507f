// What is said while the other services are away?
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';
import { openTestStore, type TestStore } from '#testing';
import type { ExperimentBody } from '#contracts';

let database: TestStore;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  database = await openTestStore();
  const failing = new Proxy({}, { get: () => (_: unknown, response: { destroy(): void }) => response.destroy() });
  gateway = await startGatewayUnderTest({ databaseUrl: database.url, storageManager: failing, logCollector: failing });
});
afterAll(async () => {
  await gateway?.stop();
  await database?.close();
});

it('is unavailable, by name, and everything else works', async () => {
  await gateway.call('POST', '/projects', { json: { name: 'p' } });
  const { body } = await gateway.call<ExperimentBody>('POST', '/root/p/experiments', { json: { content: 'version: 1\nkind: experiment\nrun: {cmd: "true"}' } });
  const at = `/root/p/experiments/${body.id}`;
  for (const path of ['outputs/tree', 'outputs/files?path=a', 'outputs/download', 'checkpoints', 'copy_progress'])
    expect((await gateway.call('GET', `${at}/${path}`)).body).toMatchObject({ status: 503, code: 'unavailable', detail: expect.stringContaining('storage-manager') as string });
  expect((await gateway.call('GET', `${at}/logs`)).body).toMatchObject({ status: 503, code: 'unavailable', detail: expect.stringContaining('log-collector') as string });
  expect((await gateway.call('POST', `${at}/copy`)).status).toBe(503);
  expect((await gateway.call('GET', `${at}/logs`)).headers.get('connection')).toBe('close'); // another instance may answer over the next one
  expect((await gateway.call('POST', `${at}/restart`)).status).toBe(201);
});
