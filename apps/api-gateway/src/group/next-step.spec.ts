// Does a group always know what is to be done next, from what there is alone?
import type { GroupEvent } from '#contracts';
import { evolveAll } from '#decider';
import { aMember, groupCreated, groupDone, groupResumeRequested, groupStopRequested, iterationEnded, iterationStarted } from '#testing';
import { groupDecider } from './decider.ts';
import { holderOf, nextStep, outcomeOf, resultsOf, resumable, type Member } from './next-step.ts';
import { trialsOf } from './group.ts';

const groupOf = (...history: GroupEvent[]) => evolveAll(groupDecider, history);
const running = [groupCreated(), iterationStarted(0, aMember(31), aMember(32))];
const member = (experimentId: number, status: string, change: Partial<Member> = {}): Member => ({
  experimentId, originalId: experimentId, isResume: false, status, isDeleted: false, lastMetric: {}, ...change,
});
const ids = (step: ReturnType<typeof nextStep>) => (step.do === 'make' ? step.trials.map(({ experimentId }) => experimentId) : step.do === 'stop' ? step.experimentIds : step);

describe('the next step', () => {
  it('makes the members that are not there', () => expect(ids(nextStep(groupOf(...running), [member(31, 'running')]))).toEqual([32]));
  it('waits while one is live, whoever made it', () => {
    expect(nextStep(groupOf(...running), [member(31, 'succeeded'), member(32, 'running')])).toEqual({ do: 'wait' });
    expect(nextStep(groupOf(...running), [member(31, 'succeeded'), member(32, 'failed'), member(40, 'created', { originalId: 31, isResume: true })])).toEqual({ do: 'wait' });
  });
  it('ends the iteration when none is', () => expect(nextStep(groupOf(...running), [member(31, 'succeeded'), member(32, 'failed')])).toEqual({ do: 'end-iteration', iteration: 0 }));
  it('counts a deleted one as over', () => expect(nextStep(groupOf(...running), [member(31, 'succeeded'), member(32, 'running', { isDeleted: true })])).toEqual({ do: 'end-iteration', iteration: 0 }));
  it('makes none that can not be made', () => {
    const skipped: GroupEvent = { type: 'GroupMemberSkipped', data: { groupId: 7, experimentId: 32, reason: 'why', skippedAt: '' } };
    expect(nextStep(groupOf(...running, skipped), [member(31, 'succeeded')])).toEqual({ do: 'end-iteration', iteration: 0 });
  });
  it('is none for a group that is done, or only tracked', () => {
    expect(nextStep(groupOf(...running, groupDone()), [])).toEqual({ do: 'wait' });
    expect(nextStep(groupOf(groupCreated({ isManaged: false })), [])).toEqual({ do: 'wait' });
  });
});

describe('after a stop', () => {
  it('stops what is live, and makes nothing more', () => {
    const stopping = groupOf(...running, groupStopRequested());
    expect(ids(nextStep(stopping, [member(31, 'running')]))).toEqual([31]);
    expect(nextStep(stopping, [member(31, 'stopped')])).toEqual({ do: 'end', status: 'stopped', message: null });
  });
  it('of what waits, lets run what runs', () => {
    const stopping = groupOf(...running, groupStopRequested({ pendingOnly: true }));
    expect(ids(nextStep(stopping, [member(31, 'running'), member(32, 'created')]))).toEqual([32]);
    expect(nextStep(stopping, [member(31, 'running'), member(32, 'stopped')])).toEqual({ do: 'wait' });
    expect(nextStep(stopping, [member(31, 'succeeded'), member(32, 'stopped')])).toMatchObject({ do: 'end', status: 'stopped' });
  });
  it('by early stopping, it is done and says why', () =>
    expect(nextStep(groupOf(...running, groupStopRequested({ reason: 'loss reached 0.1' })), [member(31, 'stopped'), member(32, 'stopped')])).toEqual({ do: 'end', status: 'done', message: 'loss reached 0.1' }));
});

describe('after a resume', () => {
  const place = { iteration: 0, index: 1, sourceExperimentId: 32, experimentId: 41 };
  const resumed = groupOf(...running, groupStopRequested(), groupDone({ status: 'stopped' }), groupResumeRequested({ members: [place] }));
  const before = [member(31, 'succeeded'), member(32, 'stopped')];

  it('makes who goes on, says so, and waits for them', () => {
    expect(ids(nextStep(resumed, before))).toEqual([41]);
    const after = [...before, member(41, 'running', { originalId: 32, isResume: true })];
    expect(nextStep(resumed, after)).toEqual({ do: 'say-resumed' });
    expect(nextStep({ ...resumed, isResuming: false }, after)).toEqual({ do: 'wait' });
  });
  it('ends what was over before without another iteration', () => {
    const over = groupOf(...running, iterationEnded(0, [31, 1], [32, null]), groupDone(), groupResumeRequested({ members: [place] }));
    expect(nextStep({ ...over, isResuming: false }, [...before, member(41, 'succeeded', { originalId: 32, isResume: true })])).toEqual({ do: 'end', status: 'done', message: null });
  });
});

describe('a trial', () => {
  const [first] = trialsOf(groupOf(...running));

  it('is held by who went on with it last, also by hand', () => {
    const members = [member(31, 'stopped'), member(32, 'stopped'), member(40, 'failed', { originalId: 31, isResume: true }), member(42, 'succeeded', { originalId: 31, isResume: true })];
    expect(first && holderOf(groupOf(...running), first, members)?.experimentId).toBe(42);
    expect(resultsOf(groupOf(...running), 0, [...members, member(43, 'succeeded')], 'loss')).toEqual([{ experimentId: 42, metric: null }, { experimentId: 32, metric: null }]);
    expect(resumable(groupOf(...running), members).map(({ holder }) => holder.experimentId)).toEqual([32]);
  });
  it('has the metric it sent last', () =>
    expect(resultsOf(groupOf(...running), 0, [member(31, 'succeeded', { lastMetric: { loss: 0.5 } }), member(32, 'failed')], 'loss').map(({ metric }) => metric)).toEqual([0.5, null]));
  it('that a later one goes on with is not resumed itself', () => {
    const kept = groupOf(...running, iterationEnded(0, [31, 1], [32, 2]), iterationStarted(1, aMember(33, { continues: { iteration: 0, index: 0 } })));
    const members = [member(31, 'stopped'), member(32, 'failed'), member(33, 'failed', { originalId: 31, isResume: true })];
    expect(resumable(kept, members).map(({ holder }) => holder.experimentId)).toEqual([32, 33]);
    expect(first && holderOf(kept, first, members)?.experimentId).toBe(31);
  });
});

describe('the outcome', () => {
  const outcome = (...statuses: string[]) => outcomeOf(groupOf(...running), statuses.map((status, index) => member(31 + index, status)));

  it('is done, and says how many have failed', () => {
    expect(outcome('succeeded', 'succeeded')).toEqual({ status: 'done', message: null });
    expect(outcome('succeeded', 'failed')).toEqual({ status: 'done', message: '1 of 2 members failed' });
  });
  it('is failed when all have', () => expect(outcome('failed', 'upstream_failed')).toEqual({ status: 'failed', message: '2 of 2 members failed' }));
});
