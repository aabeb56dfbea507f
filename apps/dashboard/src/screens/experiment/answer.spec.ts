// Does the header say what somebody fears, and nothing that isn't so?
import type { CheckpointsBody, CheckpointSummary, ExperimentBody } from '#contracts';
import { answerOf, titleOf, verdictOf } from './answer.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
const experiment = (more: object): ExperimentBody =>
  ({ id: 23, is_managed: true, outputs_state: 'kept', last_status: 'running', last_status_message: null, created_at: ago(60), started_at: ago(50), finished_at: null, ...more }) as ExperimentBody;
const whole = (more: object = {}): CheckpointSummary => ({ path: 'model.ckpt-4100', framework: 'tensorflow', step: 4100, sizeBytes: 1, modifiedAt: ago(2), complete: true, problem: null, ...more });
const outputs = (more: object): CheckpointsBody => ({ outputs_owner_id: 23, outputs_path: '', checkpoints: [], next: null, problem: null, offer: null, ...more });
const saved = outputs({ next: whole(), checkpoints: [whole()] });
const unknownAfter = (time: string) => `No checkpoint that the platform knows is there after ${time}: unless its program saves in a way of its own, all of it would be lost.`;
const unknown = 'No checkpoint that the platform knows is in its outputs: a resume goes on with whatever its program finds there.';

it.each([
  ['it is saved often', {}, saved, 'good', 'If it stopped now, a resume would go on from step 4,100, saved 2 min ago.'],
  ['it was saved long ago', {}, outputs({ next: whole({ modifiedAt: ago(30), step: null }) }), 'doubt', 'If it stopped now, a resume would go on from model.ckpt-4100, saved 30 min ago.'],
  ['it never saved', {}, outputs({}), 'doubt', unknownAfter('50 min')],
  ['it has just begun', { started_at: ago(1) }, outputs({}), 'plain', unknownAfter('1 min')],
  ['what it saves is damaged', {}, outputs({ problem: 'every one is cut off' }), 'doubt', 'A resume from what is there right now would be refused: every one is cut off'],
  ['it waits', { last_status: 'created', started_at: null, last_status_message: 'all 4 slots are taken' }, undefined, 'plain', 'It has waited for 1 h: all 4 slots are taken'],
  ['it was stopped', { last_status: 'stopped', finished_at: ago(1) }, saved, 'good', 'Its work is safe: a resume goes on from step 4,100, saved 1 min before the end.'],
  ['it has saved at its end', { last_status: 'failed', finished_at: ago(3) }, saved, 'good', 'Its work is safe: a resume goes on from step 4,100, saved 2 min ago.'],
  ['it is finished', { last_status: 'succeeded', finished_at: ago(1) }, saved, 'good', 'Finished. Its last checkpoint, step 4,100, is whole: a resume trains further.'],
  ['it failed and left nothing that is known', { last_status: 'failed', finished_at: ago(1) }, outputs({}), 'doubt', unknown],
  ['it failed and left what is damaged', { last_status: 'failed', finished_at: ago(1) }, outputs({ problem: 'cut off' }), 'bad', 'A resume would be refused: cut off'],
  ['its outputs are gone', { last_status: 'stopped', outputs_state: 'deleted' }, saved, 'plain', 'Its outputs were deleted: the record is kept, and there is nothing to go on from.'],
  ['it runs elsewhere', { is_managed: false }, undefined, 'plain', 'It runs elsewhere and is only tracked here: its outputs are not the platform’s to look after.'],
  ['nobody knows yet', {}, undefined, 'plain', ''],
])('%s', (_, of, checkpoints, mood, text) => expect(answerOf(experiment(of), checkpoints, now)).toEqual({ mood, text }));

it('the tab says it, too', () => expect(titleOf(experiment({}), saved, now)).toBe('#23 running, step 4,100 saved 2 min ago'));
it('a verdict says how it is known', () =>
  expect([whole(), whole({ compared: true }), whole({ problem: 'cut off at byte 7' })].map(verdictOf)).toEqual(['whole', 'whole, every byte compared', 'damaged: cut off at byte 7']));
