// Do experiments go when their time is over, and end when their program has fallen silent?
import { openTestStore, type TestStore } from '#testing';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';
import type { Experiments } from './experiments.ts';
import { Heartbeats } from './heartbeats.ts';
import { Upkeep } from './upkeep.ts';

let test: TestStore;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  test = await openTestStore();
  gateway = await startGatewayUnderTest({ databaseUrl: test.url });
  await gateway.call('POST', '/projects', { json: { name: 'mnist' } });
});
afterAll(async () => {
  await gateway.stop();
  await test.close();
});

const tracked = async (more: object = {}) => (await gateway.call<{ id: number }>('POST', '/root/mnist/experiments', { json: { is_managed: false, ...more } })).body.id;
const end = (id: number) => gateway.call('POST', `/root/mnist/experiments/${id}/statuses`, { json: { status: 'succeeded' } });
const status = async (id: number) => (await gateway.call('GET', `/root/mnist/experiments/${id}`)).body.last_status;

/** As if it were so many minutes later. */
async function upkeepIn(minutes: number): Promise<void> {
  const at = new Date(Date.now() + minutes * 60_000);
  const experiments = {
    delete: (id: number) => gateway.call('DELETE', `/root/mnist/experiments/${id}`).then(() => undefined),
    reportStatus: (id: number, report: object) => gateway.call('POST', `/root/mnist/experiments/${id}/statuses`, { json: report }).then(() => undefined),
  } as unknown as Experiments;
  await new Upkeep({ experiments, heartbeats: new Heartbeats(test.store.pool), pool: test.store.pool, now: () => at }).once();
}

it('a done experiment goes when its ttl is over, and not before', async () => {
  const [soon, later, never] = [await tracked({ ttl: 60 }), await tracked({ ttl: 3600 }), await tracked()];
  for (const id of [soon, later, never]) await end(id);
  await upkeepIn(5);
  expect(await status(soon)).toBeUndefined();
  expect(await status(later)).toBe('succeeded');
  expect(await status(never)).toBe('succeeded');
});

it('a live one is kept, however old it is', async () => {
  const id = await tracked({ ttl: 0 });
  await upkeepIn(600);
  expect(await status(id)).toBe('created');
});

it('one that has said that it lives, and says so no more, has failed', async () => {
  const [silent, quiet] = [await tracked(), await tracked()];
  await gateway.call('POST', `/root/mnist/experiments/${silent}/_heartbeat`);
  await upkeepIn(29);
  expect(await status(silent)).toBe('created');
  await upkeepIn(31);
  expect((await gateway.call('GET', `/root/mnist/experiments/${silent}`)).body).toMatchObject({ last_status: 'failed', last_status_message: 'no sign of life for 30 minutes' });
  expect(await status(quiet)).toBe('created');
});
