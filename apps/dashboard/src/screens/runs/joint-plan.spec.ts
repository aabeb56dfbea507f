// Does a joint plan say for each run what will happen, and of what can't why not?
import type { CheckpointsBody, ClonePlan, ExperimentBody } from '#contracts';
import { jointPlan, sumOf } from './joint-plan.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const experiment = (last_status: string) => ({ name: 'a', last_status, is_managed: true, outputs_state: 'kept', started_at: '2026-01-01T11:00:00Z' }) as unknown as ExperimentBody;
const plan = (more: object = {}) => ({ outputs_path: 'p/1', outputs_owner_id: 1, checkpoint: { step: 40, path: 'm-40' }, refusal: null, ...more }) as unknown as ClonePlan;
const texts = (items: ReturnType<typeof jointPlan>) => items.map(({ does, text }) => [does, text]);

it('a resume: from where, and whose outputs', () =>
  expect(texts(jointPlan('resume', [
    { id: 1, experiment: experiment('failed'), plan: plan() }, { id: 5, experiment: experiment('failed'), plan: plan({ outputs_path: 'p/5', outputs_owner_id: 5, checkpoint: null }) },
  ], now))).toEqual([
    [true, 'goes on from step 40, in the outputs of #1'], [true, 'goes on with what its program finds there, in the outputs of #5'],
  ]));
it('of two that share their outputs only the newer is resumed, whichever was chosen first', () => {
  const items = jointPlan('resume', [{ id: 3, experiment: experiment('stopped'), plan: plan() }, { id: 1, experiment: experiment('failed'), plan: plan() }], now);
  expect(items.map(({ does }) => does)).toEqual([true, false]);
  expect(items[1]?.text).toContain('#3 is resumed already');
});
it('they may both be restarted', () => {
  const items = jointPlan('restart', [{ id: 3, experiment: experiment('running'), plan: plan() }, { id: 1, experiment: experiment('failed'), plan: plan() }], now);
  expect(sumOf(items)).toBe('all 2 runs');
});
it('one that is refused holds up no other, and says what mends it', () => {
  const refusal = { code: 'experiment-not-done', detail: '7 is not done', fix: 'polyaxon experiment -xp 7 stop' };
  const items = jointPlan('resume', [{ id: 7, experiment: experiment('running'), plan: plan({ outputs_path: 'p/7', refusal }) }, { id: 1, experiment: experiment('failed'), plan: plan() }], now);
  expect(items).toMatchObject([{ does: false, text: '7 is not done', fix: 'polyaxon experiment -xp 7 stop' }, { does: true }]);
  expect(sumOf(items)).toBe('1 of 2 runs');
});
it('a stop: what it costs, and of what has ended nothing', () => {
  const checkpoints = { checkpoints: [], next: { step: 40, path: 'm', modifiedAt: '2026-01-01T11:59:00Z', problem: null }, problem: null } as unknown as CheckpointsBody;
  expect(texts(jointPlan('stop', [{ id: 1, experiment: experiment('running'), checkpoints }, { id: 2, experiment: experiment('succeeded') }, { id: 9 }], now))).toEqual([
    [true, 'its program is asked to end. If it stopped now, a resume would go on from step 40, saved 1 min ago.'],
    [false, 'it has ended already: succeeded'],
    [false, 'it is not in this project, or was deleted'],
  ]);
});
it('what can not be found out is not done', () => {
  const trouble = { code: 'away', detail: 'The platform does not answer.' } as const;
  expect(jointPlan('restart', [{ id: 1, experiment: experiment('failed'), trouble }], now)).toMatchObject([{ does: false, text: 'The platform does not answer.' }]);
});
