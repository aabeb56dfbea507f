// Is a store given as much as it bears, and time when it asks for it?
import { StoreBusy } from './connection.ts';
import { Pace } from './pace.ts';

const busy = () => Promise.reject(new StoreBusy(503));
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Requests that end when they are told to. */
function held(pace: Pace, count: number) {
  const ends: (() => void)[] = [];
  let most = 0;
  let active = 0;
  const all = Array.from({ length: count }, () =>
    pace.run(async () => {
      most = Math.max(most, (active += 1));
      await new Promise<void>((resolve) => ends.push(resolve));
      active -= 1;
    }));
  return { all, most: () => most, endAll: async () => { while (ends.length > 0) { for (const end of ends.splice(0)) end(); await settled(); await settled(); } } };
}

it('of many requests only so many are under way, and all come to their turn', async () => {
  const pace = new Pace();
  const requests = held(pace, 200);
  await settled();
  expect(requests.most()).toBe(16);
  await requests.endAll();
  await Promise.all(requests.all);
  expect(requests.most()).toBeGreaterThan(16); // nobody complained
});

it('a store that is busy is asked again, by fewer', async () => {
  let told = 0;
  const pace = new Pace(() => (told += 1));
  let tries = 0;
  expect(await pace.run(() => ((tries += 1) < 3 ? busy() : Promise.resolve('done')))).toBe('done');
  expect([tries, told, pace.limit]).toEqual([3, 2, 8]);
});

it('what will not pass by itself is not tried again', async () => {
  let tries = 0;
  const denied = Object.assign(new Error('no'), { code: 'AccessDenied' });
  await expect(new Pace().run(() => ((tries += 1), Promise.reject(denied)))).rejects.toBe(denied);
  expect(tries).toBe(1);
});

it('what nobody wants any more is not tried again', async () => {
  const cancellation = new AbortController();
  let tries = 0;
  const asked = new Pace().run(() => ((tries += 1), cancellation.abort(), busy()), { signal: cancellation.signal });
  await expect(asked).rejects.toThrow();
  expect(tries).toBe(1);
});

it('a store that answers ever later is not asked for more at once', async () => {
  let now = 0;
  const answered = async (pace: Pace, times: number, ms: number) => {
    for (let time = 0; time < times; time += 1) await pace.run(() => Promise.resolve((now += ms)));
    return pace.limit;
  };
  const [steady, later] = [1, 2].map(() => new Pace(undefined, () => now)) as [Pace, Pace];
  expect(await answered(steady, 40, 10)).toBe(await answered(later, 40, 10));
  expect(await answered(later, 2000, 30)).toBeLessThan(20);
  expect(await answered(steady, 2000, 10)).toBeGreaterThan(60);
});
