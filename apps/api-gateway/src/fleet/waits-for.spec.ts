// Is it told what an experiment waits for, whose move that is, and nothing when nobody waits?
import { waitsFor } from './waits-for.ts';

const story = (...types: (string | [string, object])[]) =>
  types.map((one, minute) => {
    const [type, data] = typeof one === 'string' ? [one, {}] : one;
    return { type, data: { experimentId: 1, ...data }, time: `2026-11-24T10:0${minute}:00.000Z` };
  });
const launched = ['ExperimentCreated', 'RunQueued', 'OutputsPrepared', 'RunOutputsReady', 'RunScheduled', 'RunStarting', 'RunStarted'];
const stopped: [string, object] = ['RunStopped', { wasStarted: true }];

it.each([
  [['ExperimentCreated'], 'missing', 'scheduler', /has not picked it up/, 0],
  [['ExperimentCreated', 'OutputsPrepared'], 'missing', 'scheduler', /has not picked it up/, 0],
  [['ExperimentCreated', 'RunQueued'], 'missing', 'storage-manager', /outputs are not prepared/, 1],
  [['ExperimentCopyRequested', 'RunQueued'], 'missing', 'storage-manager', /copy was asked for, and has not begun/, 1],
  [['ExperimentCopyRequested', 'RunQueued', 'OutputsCopyStarted'], 'work', 'storage-manager', /being copied/, 2],
  [['ExperimentCopyRequested', 'OutputsCopyStarted', 'RunQueued', 'OutputsCopied'], 'missing', 'scheduler', /outputs are ready/, 3],
  [[...launched.slice(0, 4)], 'missing', 'scheduler', /no slot yet/, 3],
  [[...launched.slice(0, 4), ['RunHeld', { reason: 'waits for one of 2 slots (POLYAXON_MAX_CONCURRENT_RUNS), all taken by other runs' }]], 'queue', 'scheduler', /one of 2 slots/, 4],
  [[...launched.slice(0, 6)], 'missing', 'scheduler', /is being launched/, 5],
  [[...launched.slice(0, 6), ['RunPending', { attempt: 1, cause: 'unschedulable', reason: 'no GPU' }]], 'queue', 'scheduler', /no machine has room for it: no GPU/, 6],
  [[...launched.slice(0, 6), ['RunPending', { attempt: 1, cause: 'image', reason: 'no such image' }]], 'missing', 'scheduler', /image can't be had: no such image/, 6],
  [[...launched.slice(0, 6), ['RunPending', { attempt: 1, cause: 'building', reason: 'as build-1' }]], 'work', 'scheduler', /image is being built: as build-1/, 6],
  [[...launched.slice(0, 6), ['RunPending', { attempt: 1, cause: 'cluster', reason: 'refused' }]], 'missing', 'scheduler', /cluster can't be reached: refused/, 6],
  [[...launched.slice(0, 6), ['RunPending', { attempt: 1, cause: 'starting', reason: null }]], 'missing', 'scheduler', /is being launched$/, 6],
  [[...launched, ['RunPreempted', { attempt: 1, nextAttemptAt: 'then' }]], 'queue', 'scheduler', /took attempt 1 away/, 7],
  [[...launched, ['RunAttemptFailed', { attempt: 1, nextAttemptAt: 'then' }]], 'queue', 'scheduler', /attempt 1 failed/, 7],
  [[...launched, 'ExperimentStopRequested'], 'missing', 'scheduler', /asked to stop, and the scheduler has not heard/, 7],
  [[...launched, 'ExperimentStopRequested', 'RunStopRequested'], 'work', 'scheduler', /may still be saving/, 7],
  [[...launched, stopped], 'missing', 'log-collector', /not archived/, 7],
  [[...launched, stopped, 'LogsArchived'], 'missing', 'api-gateway', /not shown yet/, 8],
  [['ExperimentCreated', ['RunFailed', { wasStarted: false }]], 'missing', 'api-gateway', /not shown yet/, 1],
] as const)('after %j', (types, kind, service, reason, minute) => {
  const wait = waitsFor(story(...(types as unknown as string[])));
  expect(wait).toMatchObject({ kind, service, reason: expect.stringMatching(reason) as string, since: `2026-11-24T10:0${minute}:00.000Z` });
  expect(wait?.released_by).not.toBe('');
});

it('a full machine, or a full group, says what would make room', () => {
  const held = (reason: string) => waitsFor(story('ExperimentCreated', 'RunQueued', ['RunHeld', { reason }]))?.released_by;
  expect(held('waits for one of 2 slots (POLYAXON_MAX_CONCURRENT_RUNS), all taken by other runs')).toMatch(/higher POLYAXON_MAX_CONCURRENT_RUNS/);
  expect(held('waits for its turn: group 3 runs 2 at once (hptuning.concurrency)')).toMatch(/resume of the group with a higher hptuning.concurrency/);
});

it.each([
  ['it runs', launched], ['it is done', [...launched, stopped, 'LogsArchived', 'ExperimentDone']], ['it was deleted', ['ExperimentCreated', 'ExperimentDeleted']],
  ['it runs elsewhere', [['ExperimentCreated', { isManaged: false }]]], ['nothing is known of it', []],
] as const)('nobody waits: %s', (_, types) => expect(waitsFor(story(...(types as unknown as string[])))).toBeNull());
