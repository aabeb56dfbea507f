// Does the timeline say how often it saves, and what a kill would cost?
import type { CheckpointsBody, CheckpointSummary, ExperimentBody, LineageBody } from '#contracts';
import { recipeOf } from './recipes.ts';
import { holdersOf, intervalOf, savingText, timelineOf } from './timeline.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
const running = { id: 23, last_status: 'running', started_at: ago(40), finished_at: null, cloning_strategy: null } as ExperimentBody;
const one = (step: number | null, minutes: number, problem: string | null = null): CheckpointSummary => ({
  path: `w-${step ?? 'x'}.h5`,
  framework: 'keras',
  step,
  sizeBytes: 1,
  modifiedAt: ago(minutes),
  complete: problem === null,
  problem,
});
const saved = (...checkpoints: CheckpointSummary[]): CheckpointsBody => ({
  outputs_owner_id: 23,
  outputs_path: 'a',
  checkpoints,
  next: checkpoints.find(({ problem }) => problem === null) ?? null,
  problem: null,
  offer: null,
});
const body = saved(one(400, 5, 'cut off at byte 8'), one(300, 10), one(200, 20), one(100, 30));

it('over time: from its beginning until now', () =>
  expect(timelineOf(running, body, 'time', now)?.marks.map(({ at, isWhole, isNext }) => [at, isWhole, isNext])).toEqual([[0.875, false, false], [0.75, true, true], [0.5, true, false], [0.25, true, false]]));
it('over steps: from zero to the last', () => {
  const timeline = timelineOf(running, body, 'step', now);
  expect(timeline?.marks.map(({ at }) => at)).toEqual([1, 0.75, 0.5, 0.25]);
  expect([timeline?.ends, timeline?.marks[0]?.words]).toEqual([['step 0', 'step 400'], 'step 400, damaged: cut off at byte 8']);
});
it('without steps there is no such picture', () => expect([timelineOf(running, saved(one(null, 3)), 'step', now), timelineOf(running, saved(), 'time', now)]).toEqual([null, null]));
it('the usual interval, whatever pause is among them', () => {
  expect(intervalOf([one(1, 10), one(2, 9), one(3, 8), one(4, 500)])).toEqual({ ms: 60_000, steps: 1 });
  expect([intervalOf([one(1, 10)]), intervalOf([one(null, 2), one(null, 1)])]).toEqual([null, { ms: 60_000, steps: null }]);
});
it.each([
  ['it runs', running, body, '4 checkpoints, 1 of them damaged, one every 10 min or 100 steps. If it were killed now, 10 min of work would be lost.'],
  ['it is late', running, saved(one(2, 30), one(1, 35)), '2 checkpoints, one every 5 min or 1 step. If it were killed now, 30 min of work would be lost, more than it usually risks.'],
  ['what was saved before it began is no work of its own', { ...running, started_at: ago(1) }, saved(one(1, 600)), '1 checkpoint. If it were killed now, 1 min of work would be lost.'],
  ['it is over', { ...running, last_status: 'stopped' }, saved(one(1, 600)), '1 checkpoint.'],
])('%s', (_, experiment, checkpoints, text) => expect(savingText(experiment, checkpoints, now)).toBe(text));
it('who holds them: the run that writes, and copies that aren’t complete', () => {
  const node = (id: number, last_status: string, more: object = {}) => ({ id, name: null, last_status, source_id: 23, cloning_strategy: null, outputs_path: 'a', deleted: false, ...more });
  const nodes = [
    node(23, 'stopped'), node(31, 'running', { cloning_strategy: 'resume' }), node(40, 'copying', { cloning_strategy: 'copy', source_id: 31, outputs_path: 'b' }),
    node(41, 'running', { cloning_strategy: 'copy', outputs_path: 'c' }), node(42, 'created', { cloning_strategy: 'restart', outputs_path: 'd' }), node(43, 'running', { deleted: true }),
  ] as LineageBody['nodes'];
  expect(holdersOf({ experiment_id: 23, nodes }, 'a')).toEqual([{ id: 31, how: 'running, writes them' }, { id: 40, how: 'copies them' }]);
});
it.each([['pytorch', /torch\.save/], ['TensorFlow', /model_dir/], ['keras', /ModelCheckpoint/], [null, /torch\.save/]])('%s has a recipe', (framework, recipe) => expect(recipeOf(framework)).toMatch(recipe));
