// Is the latest that a live attempt says of itself known to every scheduler, and nothing of those that are over?
import { openTestStore, type TestStore } from '#testing';
import { createSchedulerSchema } from '../../schema.ts';
import { Reports } from './reports.ts';

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
  await createSchedulerSchema(test.store.pool);
}, 60_000);
afterAll(() => test.close());

const isAt = (experimentId: number, attempt: number) =>
  test.store.pool.query(
    `INSERT INTO scheduler.runs (experiment_id, correlation_id, state, attempt, is_ready, stop_requested, "order") VALUES ($1, 'c', 'started', $2, true, false, '{}')
     ON CONFLICT (experiment_id) DO UPDATE SET attempt = excluded.attempt`, [experimentId, attempt],
  );
const silent = { is_building: true, carrying: null, warnings: [], checkpoint: null };
const talkative = {
  is_building: false, carrying: { lag_seconds: 2.5, size_bytes: 7, failures: 0 }, warnings: ['links are not carried'], checkpoint: { read: 'read' as const, how: 'its file was read' },
};

it('the latest, whoever was told', async () => {
  let now = 0;
  const [told, asked] = [new Reports(test.store.pool), new Reports(test.store.pool, () => (now += 1000))];
  const id = { experimentId: 1, attempt: 1 };
  await isAt(1, 1);
  expect(await asked.of(id)).toBeUndefined();
  expect(await told.receive(id, silent)).toBe(true);
  expect(await asked.of(id)).toEqual({ isBuilding: true });
  expect(await told.receive(id, talkative)).toBe(true);
  expect(await asked.of(id)).toEqual({
    isBuilding: false, carrying: { lagSeconds: 2.5, sizeBytes: 7, failures: 0 }, warnings: ['links are not carried'], checkpoint: { read: 'read', how: 'its file was read' },
  });
});

it('is read once for many who ask', async () => {
  let now = 0;
  const reports = new Reports(test.store.pool, () => now);
  await isAt(2, 1);
  expect(await reports.of({ experimentId: 2, attempt: 1 })).toBeUndefined();
  await reports.receive({ experimentId: 2, attempt: 1 }, silent);
  expect(await reports.of({ experimentId: 2, attempt: 1 })).toBeUndefined();
  now = 1000;
  expect(await reports.of({ experimentId: 2, attempt: 1 })).toEqual({ isBuilding: true });
});

it('nothing of an attempt that is over, unknown, or forgotten', async () => {
  const reports = new Reports(test.store.pool);
  await isAt(3, 2);
  expect(await reports.receive({ experimentId: 3, attempt: 1 }, talkative)).toBe(false);
  expect(await reports.receive({ experimentId: 4, attempt: 1 }, talkative)).toBe(false);
  expect(await reports.receive({ experimentId: 3, attempt: 2 }, silent)).toBe(true);
  await reports.forget({ experimentId: 3, attempt: 1 });
  expect(await new Reports(test.store.pool).of({ experimentId: 3, attempt: 2 })).toEqual({ isBuilding: true });
  await reports.forget({ experimentId: 3, attempt: 2 });
  expect(await new Reports(test.store.pool).of({ experimentId: 3, attempt: 2 })).toBeUndefined();
});
