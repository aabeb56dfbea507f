// Is nothing begun whose outputs could not be kept, and everything else as ever?
import type { ExperimentBody, StoreBody } from '#contracts';
import { openTestStore, type TestStore } from '#testing';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';

const content = 'version: 1\nkind: experiment\nrun: {cmd: "true"}';
const group = 'version: 1\nkind: group\nhptuning: {matrix: {lr: {values: [1, 2]}}}\nrun: {cmd: "true"}';
let database: TestStore;
let gateway: GatewayUnderTest;
let problem: StoreBody['problem'] = null;

beforeAll(async () => {
  database = await openTestStore();
  const store = (_: unknown, response: { end(body: string): void }) => response.end(JSON.stringify({ known: ['default'], problem }));
  gateway = await startGatewayUnderTest({ databaseUrl: database.url, storageManager: { '/internal/outputs/store': store } });
  await gateway.call('POST', '/projects', { json: { name: 'p' } });
});
afterAll(async () => {
  await gateway?.stop();
  await database?.close();
});

it('is refused by the name of the setting while the store can not be used', async () => {
  problem = { message: 'the S3 store has no bucket "runs"', setting: 'POLYAXON_OUTPUTS_STORE' };
  const refused = { status: 409, code: 'store-unusable', detail: expect.stringContaining('no bucket "runs"; look at POLYAXON_OUTPUTS_STORE') as string, fix: expect.any(String) as string };
  expect((await gateway.call('POST', '/root/p/experiments', { json: { content } })).body).toMatchObject(refused);
  expect((await gateway.call('POST', '/root/p/groups', { json: { content: group } })).body).toMatchObject(refused);
  expect((await gateway.call('POST', '/root/p/experiments', { json: { is_managed: false } })).status).toBe(201); // nothing of it is kept here
  problem = null;
  const { body, status } = await gateway.call<ExperimentBody>('POST', '/root/p/experiments', { json: { content } });
  expect([status, body.last_status]).toEqual([201, 'created']);
});
