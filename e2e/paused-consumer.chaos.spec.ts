// Does a consumer on the bus of Postgres that stands still keep its group waiting, and does it do harm when it goes on?
import { openTestStore, until } from '#testing';
import { appendStreams, audit, Consumers, countEffects, makeEffects } from './load.ts';

/** The server ends a session that has said nothing for 8 s; the machine may be busy. */
const replacedWithinMs = 20_000;

it('another one takes over from a consumer that is paused, and what that one does later has no effect', async () => {
  const test = await openTestStore();
  const { store } = test;
  await makeEffects(store);
  const consumers = new Consumers(test.url, undefined, 1);
  try {
    const first = await appendStreams(store, 100, 5, 2, 4);
    await until('the first one reacts', async () => (await countEffects(store)) === 10, 60_000);
    consumers.start();
    consumers.signal(0, 'SIGSTOP');
    const second = await appendStreams(store, 200, 5, 2, 4);
    await until('the other one has taken over', async () => (await countEffects(store)) === 20, replacedWithinMs);
    consumers.signal(0, 'SIGCONT');
    const third = await appendStreams(store, 300, 5, 2, 4);
    await until('they go on', async () => (await countEffects(store)) >= 30, 60_000);
    expect(await audit(store, [...first, ...second, ...third])).toEqual({ acknowledged: 30, lost: 0, unheard: 0, doubled: 0, disordered: 0, deadLetters: 0 });
    expect(consumers.alive()).toBe(2);
  } finally {
    consumers.signal(0, 'SIGCONT');
    await consumers.stop();
    await test.close();
  }
}, 180_000);
