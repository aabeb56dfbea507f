// Does a group decide what the user guide says, in whatever order things come?
import type { GroupEvent } from '#contracts';
import { given as givenWith } from '#decider';
import { aGroup, aMember, aTime, groupCreated, groupDone, groupResumeRequested, groupStopRequested, iterationEnded, iterationStarted } from '#testing';
import { groupDecider, type GroupCommand } from './decider.ts';

const given = (...history: GroupEvent[]) => givenWith(groupDecider, ...history);
const members = [aMember(31), aMember(32)];
const running = [groupCreated(), iterationStarted(0, ...members)];

const create = (change = {}, first = members): GroupCommand => ({ type: 'CreateGroup', data: { order: aGroup(change), members: first } });
const stop = (change = {}): GroupCommand => ({ type: 'StopGroup', data: groupStopRequested(change).data });
const resume = (change: object = {}, unmade = 0): GroupCommand => ({ type: 'ResumeGroup', data: { ...groupResumeRequested(change).data, unmade } });
const end = (change = {}): GroupCommand => ({ type: 'EndGroup', data: groupDone(change).data });
const remove = (change = {}): GroupCommand => ({ type: 'DeleteGroup', data: { groupId: 7, live: [], copiedBy: [], pinned: [], deletedBy: 'mona', deletedAt: aTime, ...change } });
const report = (status: 'running' | 'done'): GroupCommand => ({ type: 'ReportGroupStatus', data: { groupId: 7, status, message: null, reportedAt: aTime } });
const results = [{ experimentId: 31, metric: 0.5 }, { experimentId: 32, metric: null }];
const endIteration = (iteration: number, next = [aMember(33)]): GroupCommand => ({
  type: 'EndIteration',
  data: { groupId: 7, iteration, results, next, outcome: { status: 'done', message: null }, at: aTime },
});

describe('a group', () => {
  it('is created with its first iteration', () => given().when(create()).then(...running));
  it('that is only tracked has none', () => given().when(create({ isManaged: false }, [])).then(groupCreated({ isManaged: false })));
  it('asked for again is the same', () => given(...running).when(create()).thenNothing());
});

describe('the end of an iteration', () => {
  it('is the beginning of the next', () => given(...running).when(endIteration(0)).then(iterationEnded(0, [31, 0.5], [32, null]), iterationStarted(1, aMember(33))));
  it('is the end of the group when the search is over', () => given(...running).when(endIteration(0, [])).then(iterationEnded(0, [31, 0.5], [32, null]), groupDone()));
  it('comes once', () => given(...running, iterationEnded(0, [31, 0.5], [32, null]), iterationStarted(1, aMember(33))).when(endIteration(0)).thenNothing());
  it('starts nothing once a stop was asked for', () => given(...running, groupStopRequested()).when(endIteration(0)).thenNothing());
  it('of one that has not started is none', () => given(...running).when(endIteration(1)).thenNothing());
});

describe('a stop', () => {
  it('is asked for', () => given(...running).when(stop()).then(groupStopRequested()));
  it('again changes nothing', () => given(...running, groupStopRequested()).when(stop()).thenNothing());
  it('of everything may follow one of what waits', () => given(...running, groupStopRequested({ pendingOnly: true })).when(stop()).then(groupStopRequested()));
  it('of what waits adds nothing to one of everything', () => given(...running, groupStopRequested()).when(stop({ pendingOnly: true })).thenNothing());
  it('of a tracked group ends it', () => given(groupCreated({ isManaged: false })).when(stop()).then(groupStopRequested(), groupDone({ status: 'stopped' })));
  it('is refused when it is done, and a resume is offered', () =>
    expect(given(...running, groupDone()).when(stop()).thenRefused('group-already-done').fix).toBe('polyaxon group -g 7 resume'));
  it('of a group that is not there is refused', () => void given().when(stop()).thenRefused('group-not-found'));
});

describe('a resume', () => {
  const place = { iteration: 0, index: 1, sourceExperimentId: 32, experimentId: 41 };
  const stopped = [...running, groupStopRequested(), groupDone({ status: 'stopped' })];

  it('gives trials to new experiments', () => given(...stopped).when(resume({ members: [place] })).then(groupResumeRequested({ members: [place] })));
  it('asked again is the same', () => given(...stopped, groupResumeRequested({ members: [place] })).when(resume({ members: [place] })).thenNothing());
  it('is refused while the group is not done', () => void given(...running).when(resume({ members: [place] })).thenRefused('group-not-done'));
  it('is refused when there is nothing to go on with', () => {
    const finished = [...running, iterationEnded(0, [31, 1], [32, 1]), groupDone()];
    expect(given(...finished).when(resume()).thenRefused('group-succeeded').message).toContain('every member of group 7 has succeeded');
    given(...finished).when(resume({}, 1)).then(groupResumeRequested());
  });
  it('goes on with a search that was stopped between its members', () => given(...stopped).when(resume()).then(groupResumeRequested()));
  it('is refused for a group that was only tracked', () => void given(groupCreated({ isManaged: false }), groupDone()).when(resume()).thenRefused('group-not-managed'));
  it('takes the stop back, so that the search goes on', () =>
    given(...stopped, groupResumeRequested({ members: [place] })).when(endIteration(0)).then(iterationEnded(0, [31, 0.5], [32, null]), iterationStarted(1, aMember(33))));
  it('is said to have happened once', () => {
    const resumed: GroupEvent = { type: 'GroupResumed', data: { groupId: 7, resumedAt: aTime } };
    const say: GroupCommand = { type: 'RecordResumed', data: resumed.data };
    given(...stopped, groupResumeRequested()).when(say).then(resumed);
    given(...stopped, groupResumeRequested(), resumed).when(say).thenNothing();
  });
});

describe('the end', () => {
  it('comes after a stop', () => given(...running, groupStopRequested()).when(end({ status: 'stopped' })).then(groupDone({ status: 'stopped' })));
  it('comes once', () => given(...running, groupStopRequested(), groupDone()).when(end()).thenNothing());
  it('does not come while an iteration is open', () => given(...running).when(end()).thenNothing());
  it('of a tracked group is what its program says', () => given(groupCreated({ isManaged: false })).when(report('done')).then(groupDone()));
  it('of a group that is run here is not', () => given(...running).when(report('done')).thenNothing());
});

describe('a member that can not be made', () => {
  const skipped: GroupEvent = { type: 'GroupMemberSkipped', data: { groupId: 7, experimentId: 32, reason: 'why', skippedAt: aTime } };
  const skip: GroupCommand = { type: 'SkipMember', data: skipped.data };

  it('is written down once', () => {
    given(...running).when(skip).then(skipped);
    given(...running, skipped).when(skip).thenNothing();
  });
  it('must be one of the group', () => given(groupCreated()).when(skip).thenNothing());
});

describe('deleting', () => {
  const deleted: GroupEvent = { type: 'GroupDeleted', data: { groupId: 7, deletedBy: 'mona', deletedAt: aTime } };

  it('takes a group that is done', () => given(...running, groupDone()).when(remove()).then(deleted));
  it('again changes nothing', () => given(...running, groupDone(), deleted).when(remove()).thenNothing());
  it('is refused while it is live, while a member is, and while its outputs are needed', () => {
    given(...running).when(remove()).thenRefused('group-not-done');
    expect(given(...running, groupDone()).when(remove({ live: [40] })).thenRefused('group-not-done').fix).toBe('polyaxon experiment -xp 40 stop');
    given(...running, groupDone()).when(remove({ copiedBy: [50] })).thenRefused('outputs-in-use');
  });
});
