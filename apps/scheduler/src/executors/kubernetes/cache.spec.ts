// Does the newest version count, in whichever order they come?
import { Cache } from './cache.ts';

const object = (name: string, version: number, uid = name) => ({ metadata: { name, uid, resourceVersion: String(version) } });

describe('a cache of objects', () => {
  it('keeps the newer of two', () => {
    const cache = new Cache<ReturnType<typeof object>>();
    expect([cache.put(object('a', 9)), cache.put(object('a', 10)), cache.put(object('a', 9))]).toEqual([true, true, false]);
    expect(cache.get('a')).toEqual(object('a', 10));
  });

  it('does not bring back what was deleted, but takes another of that name', () => {
    const cache = new Cache<ReturnType<typeof object>>();
    cache.put(object('a', 5));
    cache.drop(object('a', 7));
    expect(cache.put(object('a', 6))).toBe(false);
    expect(cache.put(object('a', 8, 'other'))).toBe(true);
    expect(cache.drop(object('a', 7))).toBe(false);
  });

  it('keeps what is newer than a list', () => {
    const cache = new Cache<ReturnType<typeof object>>();
    for (const one of [object('old', 3), object('made meanwhile', 12)]) cache.put(one);
    cache.replace([object('a', 4)], '10');
    expect([...cache.all()].map(({ metadata }) => metadata?.name).sort()).toEqual(['a', 'made meanwhile']);
  });

  it('believes a list of a cluster that was restored from a backup', () => {
    const cache = new Cache<ReturnType<typeof object>>();
    cache.replace([object('a', 90), object('b', 80)], '100');
    cache.replace([object('a', 20)], '50');
    expect([...cache.all()]).toEqual([object('a', 20)]);
  });

  it('tells what is of one group, as it is now', () => {
    const cache = new Cache<ReturnType<typeof object>>(({ metadata: { name } }) => (name === 'stray' ? undefined : name.slice(0, 1)));
    for (const one of [object('a1', 1), object('a2', 2), object('b1', 3), object('stray', 3), object('a1', 4)]) cache.put(one);
    expect([...cache.of('a')].map(({ metadata }) => metadata)).toEqual([object('a2', 2).metadata, object('a1', 4).metadata]);
    cache.drop(object('a2', 5));
    expect([...cache.of('a')]).toEqual([object('a1', 4)]);
    cache.replace([object('b1', 3)], '9');
    expect([[...cache.of('a')], [...cache.of('b')]]).toEqual([[], [object('b1', 3)]]);
  });
});
