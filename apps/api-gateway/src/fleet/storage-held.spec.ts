// Is it right whose outputs take how much room, and is nothing measured again that can't have changed?
import type { Pool } from 'pg';
import type { StorageHeldBody } from '#contracts';
import { holdersOf, isStale, StorageHeld, type Held, type Measured } from './storage-held.ts';

const held = (originalId: number, project: string, endedAtMs: number | null = 0): Held => ({ originalId, user: 'root', project, outputsPath: `root/${project}/${originalId}`, outputsStore: '', endedAtMs });
const measured = (sizeBytes: number, atMs = 1_000_000, tookMs = 10): Measured => ({ files: 1, sizeBytes, atMs, tookMs });

it.each([
  ['never measured', held(1, 'p'), undefined, 0, true],
  ['measured after its end', held(1, 'p', 0), measured(1), 1_000_000_000, false],
  ['measured right after its end', held(1, 'p', 999_000), measured(1), 2_000_000, true],
  ['of a run that goes on, a moment ago', held(1, 'p', null), measured(1), 1_050_000, false],
  ['of a run that goes on, a while ago', held(1, 'p', null), measured(1), 1_070_000, true],
  ['of a run that goes on, and it took long', held(1, 'p', null), measured(1, 1_000_000, 60_000), 1_070_000, false],
] as const)('%s', (_, one, known, nowMs, stale) => expect(isStale(one, known, nowMs)).toBe(stale));

it('who holds most comes first, with their biggest; what was not measured is told as such', () => {
  const sizes = new Map([[1, measured(5)], [2, measured(70)], [3, measured(20)], [4, measured(30)], [5, measured(40)]]);
  const [first, second] = holdersOf([held(1, 'small'), held(2, 'large'), held(3, 'large'), held(4, 'large'), held(5, 'large'), held(6, 'large')], sizes);
  expect(first).toMatchObject({ user: 'root', project: 'large', outputs: 5, measured: 4, files: 4, size_bytes: 160, biggest: [{ id: 2, size_bytes: 70 }, { id: 5 }, { id: 4 }] });
  expect(second).toMatchObject({ project: 'small', outputs: 1, measured: 1, size_bytes: 5, biggest: [{ id: 1 }] });
  expect(holdersOf([], sizes)).toEqual([]);
});

describe('a look', () => {
  const rows = [1, 2, 3].map((id) => ({ id, user: 'root', project: 'p', outputsPath: `p/${id}`, outputsStore: '', ended: new Date(0), isLive: false, all: 3 }));
  const pool = { query: async () => ({ rows }) } as unknown as Pool;
  const untilIt = async (storage: StorageHeld, is: (body: StorageHeldBody) => boolean) => {
    for (let looks = 0; looks < 100 && !is(await storage.look()); looks += 1) await new Promise(setImmediate);
    return storage.look();
  };

  it('does not wait for what is not measured yet, and the next one knows it', async () => {
    const storage = new StorageHeld({ pool, usage: async () => ({ files: 2, size_bytes: 10 }), now: () => new Date(1_000_000_000) });
    expect(await storage.look()).toMatchObject({ outputs: 3, measured: 0, size_bytes: 0, problem: null });
    expect(await untilIt(storage, (told) => told.measured === 3)).toMatchObject({ outputs: 3, measured: 3, size_bytes: 30, holders: [{ project: 'p', files: 6 }], others: 0 });
  });

  it('says what keeps it from measuring', async () => {
    const storage = new StorageHeld({ pool, usage: async () => Promise.reject(new Error('the store is away')), now: () => new Date(1_000_000_000) });
    expect((await untilIt(storage, (told) => told.problem !== null)).problem).toMatch(/^the outputs of #\d can't be measured: the store is away$/);
  });
});
