// Is the time counted that programs ran, and of that what is in no checkpoint?
import { register } from 'prom-client';
import type { Logger } from '#service-host';
import { openTestStore, type TestStore } from '#testing';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';
import { UnsavedWork } from './unsaved-work.ts';

let test: TestStore;
let gateway: GatewayUnderTest;
const began = '2026-11-24T10:00:00.000Z';
const ended = '2026-11-24T10:10:00.000Z';
const silent = { warn: () => undefined } as unknown as Logger;

beforeAll(async () => {
  test = await openTestStore();
  gateway = await startGatewayUnderTest({ databaseUrl: test.url });
  await gateway.call('POST', '/projects', { json: { name: 'mnist' } });
});
afterAll(async () => {
  await gateway.stop();
  await test.close();
});

/** Ran for ten minutes, and has saved then. */
async function counted(status: string, saved: string | null, startedAt: string | null = began): Promise<{ work: number; failed: number; stopped: number }> {
  const content = JSON.stringify({ version: 1, kind: 'experiment', run: { cmd: 'true' } });
  const { body } = await gateway.call<{ id: number }>('POST', '/root/mnist/experiments', { json: { content } });
  await test.store.pool.query(`UPDATE api_gateway.experiments SET last_status = $2, started_at = $3, finished_at = $4 WHERE id = $1`, [body.id, status, startedAt, ended]);
  const lostWork = new UnsavedWork({ pool: test.store.pool, newestCheckpoint: async () => saved });
  lostWork.told([{ type: 'ExperimentDone', data: { experimentId: body.id, attempt: 1, status, message: null, exitCode: null, doneAt: ended } } as never], silent);
  await lostWork.stop();
  const valuesOf = async (name: string) => (await register.getSingleMetric(`polyaxon_${name}`)?.get())?.values ?? [];
  const lost = await valuesOf('lost_work_seconds_total');
  const of = (cause: string) => lost.find(({ labels }) => labels.cause === cause)?.value ?? NaN;
  return { work: (await valuesOf('work_seconds_total'))[0]?.value ?? NaN, failed: of('failed'), stopped: of('stopped') };
}

it.each([
  ['succeeded', null, { work: 600, failed: 0, stopped: 0 }],
  ['failed', null, { work: 600, failed: 600, stopped: 0 }],
  ['failed', '2026-11-24T10:09:00.000Z', { work: 600, failed: 60, stopped: 0 }],
  ['stopped', '2026-11-24T10:09:59.000Z', { work: 600, failed: 0, stopped: 1 }],
  // What was there before it began is its source's work, and safe.
  ['stopped', '2026-11-24T09:00:00.000Z', { work: 600, failed: 0, stopped: 600 }],
  ['failed', '2026-11-24T11:00:00.000Z', { work: 600, failed: 0, stopped: 0 }],
] as const)('of one that %s, and saved at %s', async (status, saved, wanted) => expect(await counted(status, saved)).toEqual(wanted));

it('nothing of one that never began', async () => expect(await counted('stopped', null, null)).toEqual({ work: 0, failed: 0, stopped: 0 }));
