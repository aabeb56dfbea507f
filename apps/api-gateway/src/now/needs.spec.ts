// Is somebody told what needs them, and of nothing that mends itself?
import type { CheckpointOfferBody } from '#contracts';
import { needsOf, type Known } from './needs.ts';

const now = Date.parse('2026-11-24T10:00:00.000Z');
const before = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
const run = (last_status: string, more: Partial<Known> = {}): Known => ({
  experiment: { id: 23, name: null, user: 'mona', project: 'mnist', last_status }, isLive: last_status === 'running', startedAt: before(60), finishedAt: null, message: null, wentOn: false, offer: null, ...more,
});
const offer = (read: CheckpointOfferBody['read']) => ({ offered: { path: 'm-40.pt' }, set_aside: [], read, read_how: 'why' }) as unknown as CheckpointOfferBody;
const wait = (kind: 'missing' | 'queue', minutes: number) => ({
  id: 23, user: 'mona', project: 'mnist', wait: { kind, reason: 'it was asked for', released_by: 'the scheduler', service: 'scheduler' as const, since: before(minutes) },
});
const refusal = (url: string, minutes: number, method = 'POST') => ({ code: 'outputs-empty', detail: 'nothing is there', fix: 'polyaxon x', at: before(minutes), by: 'mona', method, url });
const kinds = (...given: Partial<Parameters<typeof needsOf>>) => needsOf(given[0] ?? [], given[1] ?? [], given[2] ?? [], now).map(({ kind }) => kind);

it.each([
  ['it failed', [run('failed', { finishedAt: before(5), message: 'exit code 1' })], 'failed', 'exit code 1'],
  ['its copy failed', [run('upstream_failed', { finishedAt: before(5) })], 'failed', 'It failed; its log has the reason.'],
  ['it started at zero', [run('running', { offer: offer('started-at-zero') })], 'started-at-zero', 'It started at zero instead of going on from m-40.pt: why.'],
  ['it read nothing', [run('running', { offer: offer('not-read') })], 'not-read', 'It has not read m-40.pt, which it was given to go on from: why.'],
  ['it never saved', [run('running', { savedAt: null })], 'checkpoint-overdue', 'It has saved no checkpoint since it began: if it ended now, all of it would be lost.'],
  ['it stopped saving', [run('running', { savedAt: before(11) })], 'checkpoint-overdue', 'It has saved no checkpoint for a while: if it ended now, everything since would be lost.'],
] as const)('%s', (_, known, kind, text) => expect(needsOf(known, [], [], now)).toMatchObject([{ kind, text }]));

it.each([
  ['somebody went on from it', run('failed', { finishedAt: before(5), wentOn: true })], ['it succeeded', run('succeeded', { finishedAt: before(5) })], ['it saved', run('running', { savedAt: before(9) })],
  ['nobody knows whether it saved', run('running')], ['it read what it was given', run('running', { offer: offer('read') })], ['it began at zero and has ended', run('stopped', { offer: offer('started-at-zero') })],
])('nothing: %s', (_, known) => expect(kinds([known])).toEqual([]));

it('who is stuck for a while, not who waits for a turn', () =>
  expect([kinds([run('created')], [wait('missing', 2)]), kinds([run('created')], [wait('missing', 0.2)]), kinds([run('created')], [wait('queue', 60)])]).toEqual([['stuck'], [], []]));
it('what was refused, once, with what mends it', () => {
  const at = '/api/v1/mona/mnist/experiments/23/resume';
  expect(needsOf([run('stopped')], [], [refusal(at, 1), refusal(`${at}?x=1`, 2)], now)).toMatchObject([{ kind: 'refused', text: 'To resume it was refused: nothing is there', since: before(1), fix: 'polyaxon x' }]);
  expect(kinds([run('stopped')], [], [refusal(`${at}/plan`, 1), refusal(at, 1, 'GET'), refusal(at.replace('23', '99'), 1)])).toEqual([]);
  expect(kinds([run('stopped', { wentOn: true })], [], [refusal(at, 1)])).toEqual([]);
});
it('the latest comes first', () => expect(kinds([run('failed', { finishedAt: before(50) })], [wait('missing', 2)], [refusal('/api/v1/mona/mnist/experiments/23/stop', 3)])).toEqual(['stuck', 'refused', 'failed']));
