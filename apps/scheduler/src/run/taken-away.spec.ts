// Does what the machine takes away go on, apart from what the program does wrong, and never for ever?
import type { EndCause, ExperimentOrder, RunEvent, RunFailed, RunOutputsReady, RunPreempted, RunQueued, RunScheduled, RunStarted, RunStopped, RunStopRequested, TakenCause } from '#contracts';
import { evolveAll, given } from '#decider';
import { runDecider, type RunCommand } from './decider.ts';

const experimentId = 31;
const begin = Date.parse('2026-11-22T10:00:00.000Z');
const at = (seconds: number) => new Date(begin + seconds * 1000).toISOString();
const order = {
  experimentId, originalExperimentId: 30, outputsPath: 'mona/iris/experiments/30', outputsStore: 'fast', logsPath: 'mona/iris/experiments/31', environment: { max_restarts: 1 },
} as unknown as ExperimentOrder;
const outputs = { originalExperimentId: 30, outputsPath: order.outputsPath, outputsStore: 'fast', forced: false };

const queued: RunQueued = { type: 'RunQueued', data: { experimentId, order, cloningStrategy: null, sourceExperimentId: null, queuedAt: at(0) } };
const ready = (attempt?: number): RunOutputsReady => ({ type: 'RunOutputsReady', data: { experimentId, ...(attempt !== undefined && { attempt }), readyAt: at(0) } });
const scheduled = (attempt = 1): RunScheduled => ({ type: 'RunScheduled', data: { experimentId, attempt, scheduledAt: at(0) } });
const started = (attempt = 1, seconds = 0): RunStarted => ({ type: 'RunStarted', data: { experimentId, attempt, console: 'file:///c', logsPath: order.logsPath, startedAt: at(seconds) } });
const stopRequested: RunStopRequested = { type: 'RunStopRequested', data: { experimentId, requestedAt: at(0) } };

interface Way {
  readonly attempt?: number;
  readonly seconds?: number;
  readonly exitCode?: number | null;
  readonly cause?: EndCause;
  readonly allowed?: number;
  readonly codes?: readonly number[];
  readonly message?: string | null;
}
const end = ({ attempt = 1, seconds = 600, exitCode = null, cause, allowed = 3, codes = [], message = null }: Way): RunCommand => ({
  type: 'EndRun',
  data: {
    experimentId, attempt, exitCode, ...(cause && { cause }), message, endedAt: at(seconds), restartDelaySeconds: 10, quickDelaySeconds: 10, preemptionsAllowed: allowed, infrastructureExitCodes: codes,
  },
});
const preempted = ({ attempt = 1, seconds = 600, exitCode = null, allowed = 3, message = null }: Way, cause: TakenCause, preemptions: number, nextSeconds: number, wasStarted = true): RunPreempted => ({
  type: 'RunPreempted',
  data: { experimentId, attempt, wasStarted, exitCode, message, endedAt: at(seconds), cause, preemptions, preemptionsAllowed: allowed, nextAttemptAt: at(nextSeconds), outputs },
});
const live = [queued, ready(), scheduled(), started()];
const run = (...history: RunEvent[]) => given(runDecider, ...history);
const typesOf = (history: readonly RunEvent[], command: RunCommand) => runDecider.decide(command, evolveAll(runDecider, [...history])).map(({ type }) => type);

describe('what the machine took away', () => {
  it.each(['preempted', 'evicted', 'node-lost', 'infrastructure'] as const)('goes on as another attempt: %s', (cause) => {
    run(...live).when(end({ cause, message: 'gone' })).then(preempted({ message: 'gone' }, cause, 1, 600));
  });
  it('goes on also when its program left in good order, because it was asked to', () => run(...live).when(end({ cause: 'evicted', exitCode: 0 })).then(preempted({ exitCode: 0 }, 'evicted', 1, 600)));
  it('waits until its outputs were looked at again, for this attempt', () => {
    const taken = preempted({}, 'evicted', 1, 600);
    const schedule: RunCommand = { type: 'ScheduleRun', data: { experimentId, scheduledAt: at(601) } };
    run(...live, taken).when(schedule).thenNothing();
    run(...live, taken, ready(2)).when(schedule).then({ type: 'RunScheduled', data: { experimentId, attempt: 2, scheduledAt: at(601) } });
    run(...live, taken).when({ type: 'ReleaseOutputs', data: ready(2).data }).then(ready(2));
  });
  it('needs nothing of max_restarts, nor the other way round', () => {
    const first = [...live, preempted({}, 'evicted', 1, 600), ready(2), scheduled(2), started(2, 600)];
    const failing = end({ attempt: 2, seconds: 1200, exitCode: 1 });
    expect(typesOf(first, failing)).toEqual(['RunAttemptFailed']);
    const [failed] = runDecider.decide(failing, evolveAll(runDecider, first));
    const second = [...first, failed as RunEvent, ready(3), scheduled(3), started(3, 1300)];
    expect(typesOf(second, end({ attempt: 3, seconds: 2000, cause: 'node-lost' }))).toEqual(['RunPreempted']);
    expect(typesOf(second, end({ attempt: 3, seconds: 2000, exitCode: 1 }))).toEqual(['RunFailed']);
  });
  it('is stopped, when that was asked for', () => {
    const stopped: RunStopped = { type: 'RunStopped', data: { experimentId, attempt: 1, wasStarted: true, exitCode: null, message: null, endedAt: at(600) } };
    run(...live, stopRequested).when(end({ cause: 'node-lost' })).then(stopped);
  });
  it('fails at once where that is never allowed, and says what to do', () => {
    const failed = runDecider.decide(end({ cause: 'node-lost', allowed: 0, message: 'its node is gone' }), evolveAll(runDecider, live)) as RunFailed[];
    expect(failed).toMatchObject([{ type: 'RunFailed', data: { reason: 'infrastructure', cause: 'node-lost', attempt: 1, wasStarted: true, message: expect.stringMatching(/^its node is gone; .*resume it/) } }]);
  });
  it('fails once its budget is used up, and names it', () => {
    const history = [...live, preempted({}, 'evicted', 1, 600), ready(2), scheduled(2), started(2, 600)];
    const failed = runDecider.decide(end({ attempt: 2, seconds: 1200, cause: 'evicted', allowed: 1, message: 'drained' }), evolveAll(runDecider, history)) as RunFailed[];
    expect(failed).toMatchObject([{ type: 'RunFailed', data: { reason: 'infrastructure', cause: 'evicted', message: expect.stringContaining('drained; the machine took it away 2 times, 1 are allowed') } }]);
    expect(failed[0]?.data.message).toContain('POLYAXON_MAX_PREEMPTIONS');
  });
});

describe('one that is taken away at once', () => {
  it('waits, twice as long each time in a row', () => {
    const first = preempted({ seconds: 5 }, 'evicted', 1, 15);
    run(...live).when(end({ seconds: 5, cause: 'evicted' })).then(first);
    const again = [...live, first, ready(2), scheduled(2), started(2, 20)];
    run(...again).when(end({ attempt: 2, seconds: 30, cause: 'evicted' })).then(preempted({ attempt: 2, seconds: 30 }, 'evicted', 2, 50));
  });
  it('begins anew once an attempt has got somewhere', () => {
    const history = [...live, preempted({ seconds: 5 }, 'evicted', 1, 15), ready(2), scheduled(2), started(2, 20), preempted({ attempt: 2, seconds: 200 }, 'evicted', 2, 200), ready(3), scheduled(3), started(3, 200)];
    run(...history).when(end({ attempt: 3, seconds: 210, cause: 'evicted' })).then(preempted({ attempt: 3, seconds: 210 }, 'evicted', 3, 220));
  });
  it('waits five minutes at most', () => {
    const [event] = runDecider.decide(end({ seconds: 1, cause: 'evicted', allowed: 100 }), { ...evolveAll(runDecider, live), preemptions: 40, quickPreemptions: 40 });
    expect(event).toMatchObject({ data: { nextAttemptAt: at(301) } });
  });
});

describe('before it could start', () => {
  const fail = (taken?: TakenCause, attempt = 1): RunCommand => ({
    type: 'FailLaunch', data: { experimentId, attempt, reason: 'start', ...(taken && { taken }), message: 'its node was drained', endedAt: at(5), preemptionsAllowed: 3, quickDelaySeconds: 10 },
  });
  it('counts as taken away', () => run(queued, ready(), scheduled()).when(fail('evicted')).then(preempted({ seconds: 5, message: 'its node was drained' }, 'evicted', 1, 15, false)));
  it('is stopped, when that was asked for, as the attempt that printed something', () => {
    run(queued, ready(), scheduled(), stopRequested).when(fail('evicted')).then({
      type: 'RunStopped', data: { experimentId, attempt: 1, wasStarted: false, exitCode: null, message: 'its node was drained', endedAt: at(5) },
    });
    const history = [...live, preempted({}, 'evicted', 1, 600), ready(2), scheduled(2), preempted({ attempt: 2, seconds: 605 }, 'evicted', 2, 615, false)];
    run(...history).when({ type: 'StopRun', data: stopRequested.data }).then(stopRequested, {
      type: 'RunStopped', data: { experimentId, attempt: 1, wasStarted: true, exitCode: null, message: null, endedAt: at(0) },
    });
  });
});

describe('what the program did', () => {
  it('is out of memory: max_restarts counts it, and it says what to do', () => {
    const again = runDecider.decide(end({ exitCode: 137, cause: 'out-of-memory', message: 'out of memory' }), evolveAll(runDecider, live));
    expect(again).toMatchObject([{ type: 'RunAttemptFailed', data: { reason: 'out-of-memory', exitCode: 137, attemptsAllowed: 2, message: expect.stringMatching(/^out of memory; raise resources\.memory\.limits/) } }]);
  });
  it('has succeeded all the same, when only something it started was out of memory', () => expect(typesOf(live, end({ exitCode: 0, cause: 'out-of-memory' }))).toEqual(['RunSucceeded']));
  it.each(['image', 'unschedulable', 'start'] as const)('can not be had for another attempt either: %s', (cause) => {
    expect(runDecider.decide(end({ cause, message: 'x' }), evolveAll(runDecider, live))).toMatchObject([{ type: 'RunFailed', data: { reason: cause } }]);
  });
  it('ends with a code that is said to be of the machine', () => {
    run(...live).when(end({ exitCode: 143, codes: [137, 143] })).then(preempted({ exitCode: 143 }, 'infrastructure', 1, 600));
    expect(typesOf(live, end({ exitCode: 1, codes: [137, 143] }))).toEqual(['RunAttemptFailed']);
    expect(typesOf(live, end({ exitCode: 137, cause: 'out-of-memory', codes: [137, 143] }))).toEqual(['RunAttemptFailed']);
    expect(typesOf(live, end({ exitCode: 0, codes: [0] }))).toEqual(['RunSucceeded']);
  });
});
