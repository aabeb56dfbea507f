// Is everybody who listens told of what is appended, also after the connection broke?
import { openTestStore, until, type TestStore } from '#testing';
import { Appends } from './appends.ts';

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
});
afterAll(() => test.close());

const append = (n: number) => test.store.append(`experiment-${n}`, -1, [{ type: 'ExperimentPinned', data: { experimentId: n, pinnedBy: 'mona', pinnedAt: '2026-11-22T10:00:00.000Z' } }], { actor: 'test' });
const connections = async () => {
  const { rows } = await test.store.pool.query<{ pid: number }>(`SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()`);
  return rows.map(({ pid }) => pid);
};

it('by one connection for all, which is there as long as somebody listens', async () => {
  const appends = new Appends(test.store.pool);
  const told = [0, 0];
  const ends = told.map((_, index) => appends.listen(() => (told[index]! += 1)));
  await until('somebody listens', async () => (await connections()).length === 1);
  await append(1);
  await until('both are told', () => told.every((times) => times > 0));
  const [pid] = await connections();
  await test.store.pool.query('SELECT pg_terminate_backend($1)', [pid]);
  const before = [...told];
  let n = 1;
  await until('they are told again', async () => {
    await append((n += 1));
    return told.every((times, index) => times > before[index]!);
  });
  expect(await connections()).toHaveLength(1);
  ends.forEach((end) => end());
  await until('nobody listens', async () => (await connections()).length === 0);
});
