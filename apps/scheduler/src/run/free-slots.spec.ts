// Does a run get a slot when there is one for it, and is it told the truth when there is none?
import fc from 'fast-check';
import { FreeSlots } from './free-slots.ts';

const candidate = (groupId: number | null = null, groupConcurrency: number | null = null, heldReason: string | null = null) => ({ groupId, groupConcurrency, heldReason });
const all = 'waits for one of 2 slots (POLYAXON_MAX_CONCURRENT_RUNS), all taken by other runs';
const full = 'waits for its turn: group 7 runs 1 at once (hptuning.concurrency)';

describe('a run', () => {
  it('waits while every slot is taken', () => expect(new FreeSlots(2, [{ groupId: null }, { groupId: 7 }]).reasonToHold(candidate())).toBe(all));
  it('waits while its group runs as many as it may, though there are slots', () => {
    const slots = new FreeSlots(2, [{ groupId: 7 }]);
    expect(slots.reasonToHold(candidate(7, 1))).toBe(full);
    expect(slots.reasonToHold(candidate(8, 1))).toBeNull();
    expect(slots.reasonToHold(candidate(7, null))).toBeNull();
  });
  it('is not told another reason while the old one is still true', () => {
    const slots = new FreeSlots(2, [{ groupId: 7 }, { groupId: 8 }]);
    expect(slots.reasonToHold(candidate(7, 1))).toBe(full);
    expect(slots.reasonToHold(candidate(7, 1, all))).toBe(all);
  });
});

it('no bound is ever passed, in whatever order they ask', () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(fc.tuple(fc.constantFrom<number | null>(null, 7, 8), fc.integer({ min: 1, max: 3 })), { maxLength: 30 }), (slots, asking) => {
      const free = new FreeSlots(slots, []);
      const taken = new Map<number | null, number>();
      const boundOf = new Map<number | null, number>(asking);
      for (const [groupId] of asking) {
        const run = candidate(groupId, groupId === null ? null : (boundOf.get(groupId) ?? null));
        if (free.reasonToHold(run) !== null) continue;
        free.take(run);
        taken.set(groupId, (taken.get(groupId) ?? 0) + 1);
      }
      expect([...taken.values()].reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(slots);
      for (const [groupId, count] of taken) if (groupId !== null) expect(count).toBeLessThanOrEqual(boundOf.get(groupId) ?? 0);
    }),
  ));
