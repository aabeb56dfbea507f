// Is only that refused which could not be kept anywhere, and is the store not asked about each experiment?
import type { StoreBody } from '#contracts';
import { Stores } from './stores.ts';

const good: StoreBody = { known: ['default'], problem: null };
const bad: StoreBody = { known: ['default'], problem: { message: 'there is no bucket "runs"', setting: 'POLYAXON_OUTPUTS_STORE' } };

function answering(...answers: (StoreBody | Error)[]) {
  const seen = { asked: 0, nowMs: 0 };
  const ask = async () => {
    const answer = answers[Math.min(seen.asked, answers.length - 1)]!;
    seen.asked += 1;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { seen, stores: new Stores(ask, () => seen.nowMs) };
}

it('one that can not be used is refused, with the setting to look at', async () => {
  const { stores } = answering(bad);
  const fix: unknown = expect.stringContaining('POLYAXON_OUTPUTS_STORE');
  await expect(stores.refuseUnusable('default')).rejects.toMatchObject({ code: 'store-unusable', message: expect.stringContaining('no bucket "runs"; look at POLYAXON_OUTPUTS_STORE') as unknown, fix });
});

it('a storage-manager that does not answer makes nobody wait who can, and is not asked for each', async () => {
  const { stores, seen } = answering(new Error('away'));
  await stores.refuseUnusable('default');
  await stores.refuseUnusable('default');
  expect(seen.asked).toBe(1);
});

it('what is well is asked once in a while, what is not each time', async () => {
  const { stores, seen } = answering(good, bad, bad, good);
  await Promise.all([stores.refuseUnusable('default'), stores.refuseUnusable('default')]);
  expect(seen.asked).toBe(1);
  seen.nowMs = 2001;
  await expect(stores.refuseUnusable('default')).rejects.toMatchObject({ code: 'store-unusable' });
  await expect(stores.refuseUnusable('default')).rejects.toMatchObject({ code: 'store-unusable' });
  await stores.refuseUnusable('default');
  expect(seen.asked).toBe(4);
});

it('a name that nobody knows is refused with those that are known, and one that can not be asked about is for later', async () => {
  const { stores, seen } = answering(new Error('away'), { known: ['default', 'archive'], problem: null }, { known: ['default', 'archive'], problem: null }, new Error('away'));
  await expect(stores.refuseUnusable('archive')).rejects.toThrow('try again');
  await expect(stores.refuseUnusable('attic')).rejects.toMatchObject({ code: 'reference-invalid', message: expect.stringContaining('there is no store attic; known are default, archive') as unknown });
  await stores.refuseUnusable('archive');
  seen.nowMs = 3000;
  await stores.refuseUnusable('archive'); // it was there a moment ago
});
