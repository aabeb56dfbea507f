// Is lost work what was really done twice, and nothing else?
import { lossesIn, resumesIn, type ChainEvent } from './lost-work.ts';

const at = (minute: number) => new Date(Date.parse('2026-11-24T10:00:00.000Z') + minute * 60_000).toISOString();
const started = (minute: number): ChainEvent => ({ type: 'RunStarted', data: { startedAt: at(minute) } });
const ended = (type: string, minute: number, more: object = {}): ChainEvent => ({ type, data: { endedAt: at(minute), wasStarted: true, ...more } });
const prepared = (savedAtMinute: number | null): ChainEvent => ({ type: 'OutputsPrepared', data: savedAtMinute === null ? {} : { checkpoint: { offered: { modifiedAt: at(savedAtMinute) } } } });

it.each([
  ['stopped', [prepared(null), started(0), ended('RunStopped', 10), prepared(8)], 120],
  ['failed', [started(0), ended('RunFailed', 10, { reason: 'program' }), prepared(10)], 0],
  ['lost', [started(0), ended('RunAttemptFailed', 10, { reason: 'lost' }), prepared(4)], 360],
  ['preempted', [started(0), ended('RunPreempted', 10), prepared(9)], 60],
  ['evicted', [started(0), ended('RunPreempted', 10, { cause: 'evicted' }), prepared(9)], 60],
  ['node-lost', [started(0), ended('RunPreempted', 10, { cause: 'node-lost' }), prepared(9)], 60],
  ['lost', [started(0), ended('RunPreempted', 10, { cause: 'infrastructure' }), prepared(9)], 60],
  ['node-lost', [started(0), ended('RunFailed', 10, { reason: 'infrastructure', cause: 'node-lost' }), prepared(9)], 60],
  ['out-of-memory', [started(0), ended('RunAttemptFailed', 10, { reason: 'out-of-memory' }), prepared(9)], 60],
] as const)('%s', (cause, chain, seconds) => expect(lossesIn(chain)).toEqual([{ cause, seconds }]));

it('no more than the attempt has done: what was before it was lost before', () => expect(lossesIn([started(20), ended('RunStopped', 30), prepared(8)])).toEqual([{ cause: 'stopped', seconds: 600 }]));
it('each time', () =>
  expect(lossesIn([started(0), ended('RunStopped', 10), prepared(8), started(11), ended('RunStopped', 20), prepared(15)]).map(({ seconds }) => seconds)).toEqual([120, 300]));
it('saved on the way out, after the end was seen, is no gain', () => expect(lossesIn([started(0), ended('RunStopped', 10), prepared(11)])).toEqual([{ cause: 'stopped', seconds: 0 }]));
it.each([
  ['it has succeeded', [started(0), ended('RunSucceeded', 10), prepared(8)]], ['no checkpoint is known', [started(0), ended('RunStopped', 10), prepared(null)]],
  ['no process was ever there', [ended('RunStopped', 10, { wasStarted: false }), prepared(8)]], ['nothing went on', [started(0), ended('RunStopped', 10)]],
] as const)('nothing is counted: %s', (_, chain) => expect(lossesIn(chain)).toEqual([]));

describe('of what went on after an end', () => {
  const given = (experimentId: number, attempt: number, offered = true): ChainEvent => ({ type: 'OutputsPrepared', data: { experimentId, attempt, ...(offered && { checkpoint: { offered: { modifiedAt: at(1) } } }) } });
  const end: ChainEvent = { type: 'RunStopped', data: { experimentId: 1, attempt: 1, wasStarted: true, endedAt: at(2) } };
  const seen = (experimentId: number, attempt: number, read: string): ChainEvent => ({ type: 'RunCheckpointSeen', data: { experimentId, attempt, read } });
  const said = (experimentId: number, attempt: number, read: string): ChainEvent => ({ type: 'ExperimentCheckpointReported', data: { experimentId, attempt, read } });
  it.each([
    ['the first is none', [given(1, 1), end], []], ['nothing was there', [given(1, 1, false), end, given(2, 1, false)], ['none']], ['nobody knows', [end, given(2, 1)], ['unknown']],
    ['it was seen, and is told of each', [end, given(2, 1), seen(2, 1, 'read'), given(2, 2), seen(2, 2, 'not-read')], ['read', 'not-read']],
    ['what the program says counts more', [end, given(2, 1), said(2, 0, 'started-at-zero'), seen(2, 1, 'read')], ['started-at-zero']],
  ])('%s', (_, chain, verdicts) => expect(resumesIn(chain)).toEqual(verdicts));
});
