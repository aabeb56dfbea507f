// Is it seen how long ago those that run have saved something?
import { register } from 'prom-client';
import { openTestStore, type TestStore } from '#testing';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';
import { CheckpointAges } from './checkpoint-ages.ts';

let test: TestStore;
let gateway: GatewayUnderTest;
const began = new Date('2026-11-24T10:00:00.000Z');
const saved = new Map<string, string>();

beforeAll(async () => {
  test = await openTestStore();
  gateway = await startGatewayUnderTest({
    databaseUrl: test.url,
    storageManager: {
      '/internal/outputs/newest_checkpoint': (query, response) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ modifiedAt: saved.get(query.get('path') ?? '') ?? null })),
    },
  });
  await gateway.call('POST', '/projects', { json: { name: 'mnist' } });
});
afterAll(async () => {
  await gateway.stop();
  await test.close();
});

/** One that runs since `began`. */
async function running(): Promise<string> {
  const content = JSON.stringify({ version: 1, kind: 'experiment', run: { cmd: 'true' } });
  const { body } = await gateway.call<{ id: number; outputs_path: string }>('POST', '/root/mnist/experiments', { json: { content } });
  await test.store.pool.query(`UPDATE api_gateway.experiments SET last_status = 'running', started_at = $2 WHERE id = $1`, [body.id, began]);
  return body.outputs_path;
}

async function seen(minutesLater: number): Promise<{ oldest: number | undefined; without: number | undefined; overdue: number | undefined }> {
  const newestCheckpoint = async ({ outputsPath }: { outputsPath: string }) => saved.get(outputsPath) ?? null;
  await new CheckpointAges({ pool: test.store.pool, newestCheckpoint, now: () => new Date(began.getTime() + minutesLater * 60_000) }).once();
  const valueOf = async (name: string) => (await register.getSingleMetric(name)?.get())?.values[0]?.value;
  return { oldest: await valueOf('polyaxon_checkpoint_oldest_age_seconds'), without: await valueOf('polyaxon_runs_without_checkpoint'), overdue: await valueOf('polyaxon_runs_checkpoint_overdue') };
}

it('none runs', async () => expect(await seen(10)).toEqual({ oldest: 0, without: 0, overdue: 0 }));

it('the oldest counts, from its beginning or its last checkpoint; those from before it began are no work of its own', async () => {
  const [one, other] = [await running(), await running()];
  expect(await seen(10)).toEqual({ oldest: 600, without: 2, overdue: 2 });
  saved.set(one, '2026-11-24T09:00:00.000Z');
  saved.set(other, '2026-11-24T10:04:00.000Z');
  expect(await seen(10)).toEqual({ oldest: 600, without: 1, overdue: 1 });
  saved.set(one, '2026-11-24T10:09:00.000Z');
  expect(await seen(10)).toEqual({ oldest: 360, without: 0, overdue: 0 });
});

it('the gateway shows them, and how many experiments there are of each status', async () => {
  const text = await (await fetch(gateway.url.replace('/api/v1', '/metrics'))).text();
  expect(text).toMatch(/^polyaxon_checkpoint_oldest_age_seconds \d+/m);
  expect(text).toContain('polyaxon_experiments{status="running"} 2\n');
  expect(text).toContain('polyaxon_experiments{status="failed"} 0\n');
});
