// Is it told how an experiment was after each of its events, and what differs between two?
import type { HistoryEntry } from '#contracts';
import { anOrder } from '#testing';
import { stateAt } from './as-of.ts';

const entry = (minute: number, type: string, data: object): HistoryEntry => ({
  id: String(minute), time: `2026-11-24T10:0${minute}:00.000Z`, stream: 'run-23', type, actor: 'mona', caused_by: null, data: { experimentId: 23, ...data },
});
const checkpoint = { offered: { path: 'm-40.pt' }, setAside: [], parts: [] };
const story = [
  entry(0, 'ExperimentCreated', anOrder(23, { params: { lr: 0.1 } })),
  entry(1, 'RunQueued', {}),
  entry(2, 'OutputsPrepared', { checkpoint }),
  entry(3, 'RunOutputsReady', {}),
  entry(4, 'RunHeld', { reason: 'no slot', heldAt: '2026-11-24T10:04:00.000Z' }),
  entry(5, 'RunStarted', { attempt: 1, startedAt: '2026-11-24T10:05:00.000Z' }),
  entry(6, 'ExperimentDescribed', { params: { lr: 0.1, seed: 7 }, name: 'best' }),
  entry(7, 'RunCheckpointSeen', { attempt: 1, read: 'read', how: 'opened' }),
  entry(8, 'ExperimentDone', { attempt: 1, status: 'stopped', message: null, exitCode: 143, doneAt: '2026-11-24T10:08:00.000Z' }),
];
const at = (position: number | null, from: number | null = null) => stateAt(story, { at: position, from });

it.each([
  [1, { last_status: 'created', last_status_message: null, params: { lr: 0.1 }, name: null, started_at: null }, 'missing'],
  [3, { last_status: 'created', attempt: 0 }, 'missing'],
  [5, { last_status: 'created', last_status_message: 'no slot' }, 'queue'],
  [6, { last_status: 'running', attempt: 1, started_at: '2026-11-24T10:05:00.000Z' }, undefined],
  [7, { name: 'best', params: { lr: 0.1, seed: 7 } }, undefined],
  [9, { last_status: 'stopped', exit_code: 143, finished_at: '2026-11-24T10:08:00.000Z' }, undefined],
] as const)('after %d events', (position, experiment, wait) => {
  const state = at(position);
  expect(state).toMatchObject({ at: position, of: 9, event: story[position - 1], experiment });
  expect(state.waits?.kind).toBe(wait);
});
it('what it was given is known once it was, and whether it was read once that was seen', () =>
  expect([1, 3, 8].map((position) => at(position).offer).map((offer) => offer && [offer.offered?.path, offer.read])).toEqual([null, ['m-40.pt', 'unknown'], ['m-40.pt', 'read']]));
it('without a place it is as it is now', () => expect(at(null)).toEqual(at(9)));
it('two places differ in what happened between', () => {
  const { differences } = at(7, 5);
  expect(differences?.map(({ path, change, before, after }) => [path, change, before, after])).toEqual(expect.arrayContaining([
    ['last_status', 'changed', 'created', 'running'], ['name', 'changed', null, 'best'], ['params.seed', 'added', undefined, 7], ['attempt', 'changed', 0, 1],
  ]));
  expect(at(5, 5).differences).toEqual([]);
  expect(at(5).differences).toBeNull();
});
it.each([[0, null], [10, null], [5, 10], [5, 0]] as const)('there is no %p, or %p', (position, from) => expect(() => at(position, from)).toThrow(/there are 9 events, from 1 to 9/));
