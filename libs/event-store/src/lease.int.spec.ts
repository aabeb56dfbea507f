// Is one instance at work at any time, whichever of them dies or sleeps, and is the one that slept refused?
import { openTestStore, until, type TestStore } from '#testing';
import { createEventStore, Lease, LeaseLost, openPool } from './index.ts';

const seconds = 1;
let test: TestStore;
const leases: Lease[] = [];

beforeAll(async () => {
  test = await openTestStore();
  await createEventStore(test.store.pool);
});
afterEach(async () => {
  for (const lease of leases.splice(0)) await lease.stop();
});
afterAll(() => test.close());

function open(name: string, observer = {}): Lease {
  const lease = new Lease(test.store.pool, name, { seconds, observer });
  leases.push(lease);
  return lease;
}

const confirmedBy = (lease: Lease) => test.store.transaction((on) => lease.confirmIn(on)).then(() => 'confirmed', (error: Error) => error.name);
/** As the server does with a session that has said nothing for too long. */
const cutOff = (name: string) =>
  test.store.pool.query(`SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted AND application_name = $1`, [`lease: ${name}`]);

it('is held by who is alone as soon as it is asked for, and by one at a time', async () => {
  const [one, other] = [open('first'), open('first')];
  await one.start();
  await other.start();
  expect([one.isHeld, one.epoch, other.isHeld]).toEqual([true, 1, false]);
  expect(await confirmedBy(one)).toBe('confirmed');
  expect(() => other.confirm()).toThrow(LeaseLost);
  expect(await confirmedBy(other)).toBe('LeaseLost');
  await one.stop();
  await until('the other has it', () => other.isHeld);
  expect(other.epoch).toBe(2);
});

it('goes to another when its session ends, with a higher epoch, and comes back', async () => {
  const [one, other] = [open('cut'), open('cut')];
  await one.start();
  await other.start();
  for (let epoch = 2; epoch < 6; epoch += 1) {
    await cutOff('cut');
    await until(`somebody has it for the ${epoch}th time`, () => [one, other].some((lease) => lease.epoch === epoch));
    expect([one, other].filter(({ isHeld }) => isHeld).length).toBeLessThan(3);
  }
});

it('refuses in the transaction whoever still believes to have it', async () => {
  const refusals: string[] = [];
  const one = open('belief', { refused: () => refusals.push('one') });
  await one.start();
  // Another has taken over by the database's account, and this one has not heard of it.
  await test.store.pool.query(`UPDATE event_store.leases SET epoch = epoch + 1 WHERE name = 'belief'`);
  expect(one.isHeld).toBe(true);
  const append = test.store.transaction(async (on) => {
    await on.query('CREATE TABLE written_late ()');
    await one.confirmIn(on);
  });
  await expect(append).rejects.toThrow(LeaseLost);
  expect((await test.store.pool.query(`SELECT FROM pg_tables WHERE tablename = 'written_late'`)).rowCount).toBe(0);
  expect(refusals).toEqual(['one']);
});

it('waits with a takeover for the transaction that was confirmed', async () => {
  const [one, other] = [open('late'), open('late')];
  await one.start();
  const order: string[] = [];
  await test.store.transaction(async (on) => {
    await one.confirmIn(on);
    await cutOff('late');
    const taken = other.start().then(() => order.push('taken over'));
    await until('the takeover waits for a row', async () => (await test.store.pool.query(`SELECT FROM pg_stat_activity WHERE application_name = 'lease: late' AND wait_event_type = 'Lock'`)).rowCount === 1);
    order.push('written');
    void taken;
  });
  await until('it is taken over', () => order.length === 2);
  expect(order).toEqual(['written', 'taken over']);
});

it('is not believed in when the database does not answer any more', async () => {
  const pool = openPool(test.url, { name: 'lease test' });
  const lease = new Lease(pool, 'away', { seconds });
  leases.push(lease);
  await lease.start();
  expect(lease.isHeld).toBe(true);
  await test.store.pool.query(`UPDATE pg_database SET datallowconn = false WHERE datname = current_database()`);
  try {
    await cutOff('away');
    await until('it is not believed in', () => !lease.isHeld);
  } finally {
    await test.store.pool.query(`UPDATE pg_database SET datallowconn = true WHERE datname = current_database()`);
  }
  await until('it is held again', () => lease.isHeld);
  await lease.stop();
  await pool.end();
});
