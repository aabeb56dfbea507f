// Does whoever is on call read first what everything else comes of?
import type { FleetBody, WaitingBody } from '#contracts';
import { fleetTitle, lag, slotsText, verdictsOf } from './verdicts.ts';

const at = '2026-11-24T10:00:00.000Z';
const before = (seconds: number) => new Date(Date.parse(at) - seconds * 1000).toISOString();
const wait = (kind: WaitingBody['kind'], seconds: number, count = 1): WaitingBody => ({
  kind, service: 'scheduler', reason: 'it was asked for', released_by: 'the scheduler', count, oldest_since: before(seconds), experiments: [],
});
const service = (name: 'scheduler' | 'log-collector', more: object = {}): FleetBody['services'][number] => ({
  service: name, instance: null, answers: true, last_at: at, last: { service: name, version: '1', started_at: at, missing: [], degraded: [], lag_seconds: 0 }, ...more,
});
const fleet = (more: Partial<FleetBody> = {}): FleetBody => ({
  at, waiting: [], looked_at: 0, slots: null, resumes: { days: 7, by_verdict: [] }, flow: [{ group: 'scheduler', lag_seconds: 0, dead_letters: 0 }], relay: null, lost_work: { days: 7, by_cause: [] },
  refusals: { since: at, by_code: [] }, services: [service('scheduler')], ...more,
});
const first = (more: Partial<FleetBody>) => verdictsOf(fleet(more))[0];

it('all is well', () => expect(first({})).toEqual({ mood: 'good', text: 'All is well: nothing is stuck, and everybody has caught up.' }));
it('a queue is no trouble', () => expect(first({ waiting: [wait('queue', 5000, 3)] })).toMatchObject({ mood: 'good', text: expect.stringContaining('3 runs wait for a turn') as string }));
it('nor is what has just been asked for', () => expect(first({ waiting: [wait('missing', 20)] }).mood).toBe('good'));
it.each([
  ['a service is away', { services: [service('scheduler', { answers: false })] }, 'bad', /^The scheduler does not answer/],
  ['one of two', { services: [service('scheduler'), service('scheduler', { answers: false, instance: 2 })] }, 'bad', /^The scheduler 2 does not answer/],
  ['one is not ready', { services: [service('scheduler', { last: { missing: ['its folder is full'] } })] }, 'bad', /not ready: its folder is full/],
  ['nothing gets onto Kafka', { relay: { events: 7, lag_seconds: 40 } }, 'bad', /^Events do not get onto Kafka: 7 events, the oldest has waited for 40 s/],
  ['somebody is behind', { flow: [{ group: 'scheduler', lag_seconds: 20, dead_letters: 0 }] }, 'doubt', /^The scheduler is 20 s behind/],
  ['far behind', { flow: [{ group: 'scheduler', lag_seconds: 200, dead_letters: 0 }] }, 'bad', /3 min 20 s behind/],
  ['a dead letter', { flow: [{ group: 'scheduler', lag_seconds: 0, dead_letters: 1 }] }, 'bad', /^1 event could not be handled by the scheduler/],
  ['a run is stuck', { waiting: [wait('missing', 200)] }, 'bad', /^A run is stuck, for 3 min 20 s: it was asked for\. It goes on with the scheduler\.$/],
] as [string, Partial<FleetBody>, string, RegExp][])('%s', (_, more, mood, text) => expect(first(more)).toMatchObject({ mood, text: expect.stringMatching(text) as string }));

it('who is away comes before what waits for him, and all are told', () => {
  const all = verdictsOf(fleet({ services: [service('scheduler', { answers: false })], waiting: [wait('missing', 200)], flow: [{ group: 'scheduler', lag_seconds: 20, dead_letters: 0 }] }));
  expect(all.map(({ text }) => text.slice(0, 13))).toEqual(['The scheduler', 'A run is stuc', 'The scheduler']);
  expect(all[0].text).toContain('does not answer');
});
it('the title is the answer', () =>
  expect([fleetTitle(fleet()), fleetTitle(fleet({ services: [service('log-collector', { answers: false })] }))]).toEqual(['Fleet: all is well', 'Fleet: The log-collector does not answer.']));
it.each([[null, 'not known'], [0, '0 s'], [0.43, '0.4 s'], [12.9, '12 s'], [200, '3 min 20 s']] as const)('%p behind is %s', (seconds, text) => expect(lag(seconds)).toBe(text));
it('slots are told, also when nobody knows of them', () =>
  expect([slotsText({ taken: 1, free: 3 }), slotsText({ taken: 4, free: 0 }), slotsText(null)]).toEqual([
    '1 slot of 4 taken, 3 free.', '4 slots of 4 taken, 0 free.', 'How many slots are free is not known: the scheduler does not say.',
  ]));
