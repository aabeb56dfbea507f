// Does a history read as a story, without what is of use to services alone?
import type { HistoryEntry } from '#contracts';
import { arrowsOf } from './arrows.ts';
import { missingEffect, positionIn, positionOf, rowsOf } from './rows.ts';
import { isTechnical, sentenceOf } from './sentences.ts';

const at = (second: number) => new Date(Date.parse('2026-11-24T10:00:00.000Z') + second * 1000).toISOString();
const entry = (type: string, data: object = {}, second = 0): HistoryEntry => ({ id: `${type}${second}`, time: at(second), stream: 'run-23', type, actor: 'mona', caused_by: null, data: data as Record<string, unknown> });
const cause = (id: string, stream: string, by: string | null, second: number): HistoryEntry => ({ ...entry('X', {}, second), id, stream, caused_by: by });

it.each([
  ['ExperimentCreated', {}, 'mona asked for it'], ['ExperimentResumeRequested', { sourceExperimentId: 7 }, 'mona resumed #7'],
  ['ExperimentDescribed', { experimentId: 1, tags: [], name: 'x', describedAt: '' }, 'mona changed its tags, name'],
  ['RunHeld', { reason: 'waits for a slot' }, 'it waits for a slot'], ['RunStarted', { attempt: 2 }, 'attempt 2 started'],
  ['RunFailed', { message: 'exit code 1' }, 'it failed: exit code 1'], ['RunFailed', { message: null }, 'it failed'],
  ['OutputsPrepared', { checkpoint: { offered: { path: 'm-40.pt' } } }, 'it goes on from m-40.pt'],
  ['RunCheckpointSeen', { read: 'not-read', how: 'nobody opened it' }, 'its program has not read the checkpoint: nobody opened it'],
  ['ExperimentStopRequested', { reason: 'its group is done' }, 'it was asked to stop: its group is done'], ['SomethingNewHappened', {}, 'something new happened'], ['RunQueued', {}, 'run queued'],
] as const)('%s %j: %s', (type, data, sentence) => expect(sentenceOf(entry(type, data))).toBe(sentence));
it('what services tell each other is folded, unless it says from where a run goes on', () =>
  expect([entry('RunQueued'), entry('OutputsPrepared'), entry('OutputsPrepared', { checkpoint: { offered: { path: 'a' } } }), entry('RunStarted')].map(isTechnical)).toEqual([true, true, false, false]));

it('rows: what happened, how long after, what is folded, and where nothing happened', () => {
  const rows = rowsOf([entry('ExperimentCreated', {}, 0), entry('RunQueued', {}, 1), entry('OutputsPrepared', {}, 2), entry('RunStarted', { attempt: 1 }, 3), entry('LogsArchived', {}, 4), entry('RunStopped', {}, 3604)]);
  const shown = rows.map((row) => (row.is === 'event' ? [row.happening.position, row.afterMs] : row.is === 'folded' ? row.happenings.map(({ position }) => position) : row.ms));
  expect(shown).toEqual([[1, null], [2, 3], [4, 1000], [5], 3_600_000, [6, 3_600_000]]);
});
it.each([[null, 5, null], ['3', 5, 3], ['0', 5, null], ['6', 5, null], ['x', 5, null], ['2.5', 5, null], ['', 5, null]] as const)('place %p of %d is %p', (text, of, position) =>
  expect(positionIn(text, of)).toBe(position));
it('a link leads to an event of this history', () =>
  expect([positionOf('RunStarted0', [entry('RunQueued'), entry('RunStarted')]), positionOf('other', [entry('RunQueued')]), positionOf(null, [])]).toEqual([2, null, null]));
it('what was asked for a moment ago is not missing yet', () => {
  const wait = (kind: 'missing' | 'queue') => ({ kind, reason: '', released_by: '', service: 'scheduler' as const, since: at(0) });
  const now = Date.parse(at(1));
  expect([missingEffect(wait('missing'), now), missingEffect(wait('missing'), now + 5000), missingEffect(wait('queue'), now), missingEffect(null, now)].map(Boolean)).toEqual([false, true, true, false]);
});

it('an arrow leads from an event to those that other services made of it, and back; what one service does by itself has none', () => {
  const arrows = arrowsOf([
    cause('a', 'experiment-1', null, 0), cause('b', 'run-1', 'a', 1), cause('c', 'outputs-1', 'a', 3), cause('d', 'run-1', 'b', 4), cause('e', 'run-1', 'elsewhere', 5), cause('f', 'logs-1', 'd', 4),
  ]);
  expect(arrows).toEqual([
    { from: null, to: [{ position: 2, service: 'scheduler', afterMs: 1000 }, { position: 3, service: 'storage-manager', afterMs: 3000 }] },
    { from: { position: 1, service: 'api-gateway', afterMs: 1000 }, to: [] },
    { from: { position: 1, service: 'api-gateway', afterMs: 3000 }, to: [] },
    { from: null, to: [{ position: 6, service: 'log-collector', afterMs: 0 }] },
    { from: null, to: [] },
    { from: { position: 4, service: 'scheduler', afterMs: 0 }, to: [] },
  ]);
});
