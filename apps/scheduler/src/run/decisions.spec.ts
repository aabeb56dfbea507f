// Does each decision about a run hold when it is right, forbidden, repeated and out of order?
import type {
  ExperimentOrder, RunAttemptFailed, RunBuilt, RunCheckpointSeen, RunEvent, RunFailed, RunHeld, RunOutputsReady, RunPreempted, RunQueued, RunScheduled, RunStarted, RunStarting, RunStopped,
  RunStopRequested, RunSucceeded, RunWarned,
} from '#contracts';
import { given } from '#decider';
import { runDecider, type RunCommand } from './decider.ts';
import { withWhatToDo } from './what-to-do.ts';

const at = '2026-11-22T10:00:00.000Z';
const experimentId = 31;
const order: ExperimentOrder = {
  experimentId, originalExperimentId: 31, uuid: 'f3', projectId: 1, user: 'mona', project: 'iris', groupId: null, requestedBy: 'mona', requestedAt: at, name: null, description: null,
  tags: [], content: '{}', params: {}, command: 'python train.py', environment: {}, codeRevision: null, outputsPath: 'mona/iris/experiments/31', logsPath: 'mona/iris/experiments/31',
  isManaged: true, ttlSeconds: null,
};
const console = 'file:///runs/31-1/console';

const queued: RunQueued = { type: 'RunQueued', data: { experimentId, order, cloningStrategy: 'copy', sourceExperimentId: 23, queuedAt: at } };
const ready: RunOutputsReady = { type: 'RunOutputsReady', data: { experimentId, readyAt: at } };
const held = (reason: string): RunHeld => ({ type: 'RunHeld', data: { experimentId, reason, heldAt: at } });
const scheduled = (attempt = 1): RunScheduled => ({ type: 'RunScheduled', data: { experimentId, attempt, scheduledAt: at } });
const started = (attempt = 1): RunStarted => ({ type: 'RunStarted', data: { experimentId, attempt, console, logsPath: order.logsPath, startedAt: at } });
const warned: RunWarned = { type: 'RunWarned', data: { experimentId, attempt: 1, message: 'no limits here', warnedAt: at } };
const stopRequested: RunStopRequested = { type: 'RunStopRequested', data: { experimentId, requestedAt: at } };
const ended = (attempt: number, wasStarted: boolean, exitCode: number | null, message: string | null) => ({ experimentId, attempt, wasStarted, exitCode, message, endedAt: at });
const succeeded: RunSucceeded = { type: 'RunSucceeded', data: ended(1, true, 0, null) };
const stopped = (attempt = 0, wasStarted = false, exitCode: number | null = null): RunStopped => ({ type: 'RunStopped', data: ended(attempt, wasStarted, exitCode, null) });
const failed = (reason: RunFailed['data']['reason'], data: Omit<RunFailed['data'], 'reason'>): RunFailed => ({ type: 'RunFailed', data: { ...data, reason } });
const preempted: RunPreempted = { type: 'RunPreempted', data: ended(1, true, null, null) };

const queue: RunCommand = { type: 'QueueRun', data: queued.data };
const release: RunCommand = { type: 'ReleaseOutputs', data: ready.data };
const failOutputs: RunCommand = { type: 'FailOutputs', data: { experimentId, message: 'the source is empty', endedAt: at } };
const hold = (reason: string): RunCommand => ({ type: 'HoldRun', data: held(reason).data });
const schedule: RunCommand = { type: 'ScheduleRun', data: { experimentId, scheduledAt: at } };
const start = (attempt = 1): RunCommand => ({ type: 'RecordStart', data: { experimentId, attempt, console, startedAt: at } });
const warn: RunCommand = { type: 'WarnOfRun', data: warned.data };
const failLaunch: RunCommand = { type: 'FailLaunch', data: { experimentId, attempt: 1, reason: 'code', message: 'gone', endedAt: at } };
const stop: RunCommand = { type: 'StopRun', data: stopRequested.data };
const end = (attempt: number, exitCode: number | null, message: string | null = null): RunCommand => ({ type: 'EndRun', data: { experimentId, attempt, exitCode, message, endedAt: at } });

const run = (...history: RunEvent[]) => given(runDecider, ...history);

describe('queue', () => {
  it('writes the request down', () => run().when(queue).then(queued));
  it('does so once', () => run(queued).when(queue).thenNothing());
  it('also when the outputs were faster', () => run(ready).when(queue).then(queued));
  it('not for one that was stopped before it was heard of', () => run(stopRequested, stopped()).when(queue).thenNothing());
});

describe('outputs', () => {
  it('are ready', () => run(queued).when(release).then(ready));
  it('once', () => run(queued, ready).when(release).thenNothing());
  it('before the request is heard', () => run().when(release).then(ready));
  it('too late for a stopped one', () => run(queued, stopRequested, stopped()).when(release).thenNothing());
  it('could not be had', () => run(queued).when(failOutputs).then(failed('outputs', ended(0, false, null, 'the source is empty'))));
  it('could not be had, before the request is heard', () => run().when(failOutputs).then(failed('outputs', ended(0, false, null, 'the source is empty'))));
  it('fail nothing that runs, or has ended', () => {
    run(queued, ready, scheduled(), started()).when(failOutputs).thenNothing();
    run(queued, ready).when(failOutputs).thenNothing();
    run(stopRequested, stopped()).when(failOutputs).thenNothing();
  });
});

describe('hold', () => {
  it('says why it waits for a slot', () => run(queued, ready).when(hold('full')).then(held('full')));
  it('once for each reason', () => {
    run(queued, ready, held('full')).when(hold('full')).thenNothing();
    run(queued, ready, held('full')).when(hold('draining')).then(held('draining'));
  });
  it('not while it waits for something else', () => run(queued).when(hold('full')).thenNothing());
  it('not when it has got one', () => run(queued, ready, scheduled()).when(hold('full')).thenNothing());
});

describe('schedule', () => {
  it('gives the first attempt', () => run(queued, ready).when(schedule).then(scheduled(1)));
  it('in whichever sequence things became ready', () => run(ready, queued).when(schedule).then(scheduled(1)));
  it('once', () => run(queued, ready, scheduled()).when(schedule).thenNothing());
  it('not without request or outputs', () => {
    run(queued).when(schedule).thenNothing();
    run(ready).when(schedule).thenNothing();
  });
  it('not a stopped one', () => run(queued, ready, stopRequested, stopped()).when(schedule).thenNothing());
  it('gives the next attempt to a preempted one', () => run(queued, ready, scheduled(), started(), preempted).when(schedule).then(scheduled(2)));
});

describe('started', () => {
  const live = run(queued, ready, scheduled());
  it('is told with where to read', () => live.when(start()).then(started()));
  it('once', () => run(queued, ready, scheduled(), started()).when(start()).thenNothing());
  it('only of the live attempt', () => {
    live.when(start(2)).thenNothing();
    run(queued, ready, scheduled(), started(), preempted, scheduled(2)).when(start(1)).thenNothing();
  });
  it('not before a slot was taken', () => run(queued, ready).when(start()).thenNothing());
  it('although a stop was asked for', () => run(queued, ready, scheduled(), stopRequested).when(start()).then(started()));
});

describe('warn', () => {
  it('tells', () => run(queued, ready, scheduled()).when(warn).then(warned));
  it('once', () => run(queued, ready, scheduled(), warned).when(warn).thenNothing());
  it('not of an ended one', () => run(queued, ready, scheduled(), started(), succeeded).when(warn).thenNothing());
  it('not before there is an attempt', () => run(queued).when(warn).thenNothing());
});

describe('its checkpoint', () => {
  const offered = { path: 'step-7.pt', framework: 'pytorch', step: 7, sizeBytes: 1, modifiedAt: at, complete: true, problem: null };
  const given: RunOutputsReady = { type: 'RunOutputsReady', data: { ...ready.data, checkpoint: { offered, parts: ['step-7.pt'], setAside: [] } } };
  const data = (read: RunCheckpointSeen['data']['read']) => ({ experimentId, attempt: 1, read, how: 'its file', seenAt: at });
  const see = (read: RunCheckpointSeen['data']['read'], hasFailed = false): RunCommand => ({ type: 'SeeCheckpoint', data: { ...data(read), hasFailed } });
  const seen = (read: RunCheckpointSeen['data']['read']): RunCheckpointSeen => ({ type: 'RunCheckpointSeen', data: data(read) });
  const warning: RunWarned = { ...warned, data: { ...warned.data, message: 'its program did not read step-7.pt, the checkpoint it was given: it started at the beginning, or from something else' } };
  const live = [queued, given, scheduled(), started()];

  it('was read', () => run(...live).when(see('read')).then(seen('read')));
  it('may not be known to have been', () => run(...live).when(see('unknown')).then(seen('unknown')));
  it('was not read: users are warned', () => run(...live).when(see('not-read')).then(seen('not-read'), warning));
  it('not of one that failed before it got there, unless it was to stop', () => {
    run(...live).when(see('not-read', true)).then(seen('not-read'));
    run(...live, stopRequested).when(see('not-read', true)).then(seen('not-read'), warning);
  });
  it('is told once', () => run(...live, seen('read')).when(see('not-read')).thenNothing());
  it('is nothing to one that was given none, or has ended', () => {
    run(queued, ready, scheduled(), started()).when(see('not-read')).thenNothing();
    run(...live, succeeded).when(see('read')).thenNothing();
  });
});

describe('a launch that fails', () => {
  it('fails the run', () => run(queued, ready, scheduled()).when(failLaunch).then(failed('code', ended(1, false, null, 'gone'))));
  it('stops one that was to be stopped', () => run(queued, ready, scheduled(), stopRequested).when(failLaunch).then({ type: 'RunStopped', data: ended(1, false, null, 'gone') }));
  it('once', () => run(queued, ready, scheduled(), failed('code', ended(1, false, null, 'gone'))).when(failLaunch).thenNothing());
  it('not once it has started', () => run(queued, ready, scheduled(), started()).when(failLaunch).thenNothing());
  it('tells where what it printed before that can be read, as of one that had begun to build', () => {
    const printed: RunCommand = { type: 'FailLaunch', data: { ...failLaunch.data, reason: 'build', console } };
    const begun = { ...started(), data: { ...started().data, isBuilding: true } };
    run(queued, ready, scheduled()).when(printed).then(begun, failed('build', ended(1, true, null, withWhatToDo('build', 'gone'))));
    run(queued, ready, scheduled(), stopRequested).when(printed).then({ type: 'RunStopped', data: ended(1, false, null, 'gone') });
  });
});

describe('stop', () => {
  it('ends a waiting one at once', () => run(queued).when(stop).then(stopRequested, stopped()));
  it('also one nobody has heard of', () => run().when(stop).then(stopRequested, stopped()));
  it('asks a live one', () => run(queued, ready, scheduled(), started()).when(stop).then(stopRequested));
  it('once', () => {
    run(queued, ready, scheduled(), started(), stopRequested).when(stop).thenNothing();
    run(queued, stopRequested, stopped()).when(stop).thenNothing();
  });
  it('not an ended one', () => run(queued, ready, scheduled(), started(), succeeded).when(stop).thenNothing());
  it('names the attempt whose output is to be archived', () => run(queued, ready, scheduled(), started(), preempted).when(stop).then(stopRequested, stopped(1, true)));
});

describe('end', () => {
  const live = [queued, ready, scheduled(), started()];
  it('is a success', () => run(...live).when(end(1, 0)).then(succeeded));
  it('is the failure of the program', () => run(...live).when(end(1, 3, 'exited with code 3')).then(failed('program', ended(1, true, 3, 'exited with code 3'))));
  it('is a loss', () => run(...live).when(end(1, null, 'vanished')).then(failed('lost', ended(1, true, null, 'vanished'))));
  it('is a stop, whatever the exit code', () => {
    run(...live, stopRequested).when(end(1, 0)).then(stopped(1, true, 0));
    run(...live, stopRequested).when(end(1, 143)).then(stopped(1, true, 143));
    run(...live, stopRequested).when(end(1, null)).then(stopped(1, true, null));
  });
  it('comes once', () => run(...live, succeeded).when(end(1, 3)).thenNothing());
  it('of an earlier attempt says nothing', () => run(...live, preempted, scheduled(2), started(2)).when(end(1, 0)).thenNothing());
  it('of one that was never scheduled says nothing', () => run(queued, ready).when(end(1, 0)).thenNothing());
});

describe('starting', () => {
  const starting: RunStarting = { type: 'RunStarting', data: { experimentId, attempt: 1, startingAt: at } };
  const begin: RunCommand = { type: 'BeginStart', data: starting.data };
  it('is told before it is launched', () => run(queued, ready, scheduled()).when(begin).then(starting));
  it('once', () => run(queued, ready, scheduled(), starting).when(begin).thenNothing());
  it('not of one that is there, or was stopped', () => {
    run(queued, ready, scheduled(), started()).when(begin).thenNothing();
    run(queued, ready, scheduled(), stopRequested).when(begin).thenNothing();
  });
});

describe('build steps', () => {
  const building: RunStarted = { type: 'RunStarted', data: { ...started().data, isBuilding: true } };
  const built: RunBuilt = { type: 'RunBuilt', data: { experimentId, attempt: 1, builtAt: at } };
  const record: RunCommand = { type: 'RecordBuilt', data: built.data };
  it('come first', () => run(queued, ready, scheduled()).when({ type: 'RecordStart', data: { experimentId, attempt: 1, console, isBuilding: true, startedAt: at } }).then(building));
  it('are done', () => run(queued, ready, scheduled(), building).when(record).then(built));
  it('once', () => run(queued, ready, scheduled(), building, built).when(record).thenNothing());
  it('of one that has none say nothing', () => run(queued, ready, scheduled(), started()).when(record).thenNothing());
});

describe('max_restarts', () => {
  const patient: RunQueued = { type: 'RunQueued', data: { ...queued.data, order: { ...order, environment: { max_restarts: 2 } } } };
  const live = [patient, ready, scheduled(), started()];
  const readyFor = (attempt: number): RunOutputsReady => ({ type: 'RunOutputsReady', data: { experimentId, attempt, readyAt: at } });
  const again = (attempt: number, seconds: number, exitCode: number | null = 1, attemptsAllowed = 3): RunAttemptFailed => ({
    type: 'RunAttemptFailed',
    data: {
      ...ended(attempt, true, exitCode, 'exited'), reason: exitCode === null ? 'lost' : 'program', attemptsAllowed,
      nextAttemptAt: new Date(Date.parse(at) + seconds * 1000).toISOString(),
      outputs: { originalExperimentId: 31, outputsPath: order.outputsPath, forced: false },
    },
  });
  const failing = (attempt: number, exitCode: number | null = 1): RunCommand => ({
    type: 'EndRun', data: { experimentId, attempt, exitCode, message: 'exited', endedAt: at, restartDelaySeconds: 10 },
  });
  const scheduleAt = (seconds: number): RunCommand => ({ type: 'ScheduleRun', data: { experimentId, scheduledAt: new Date(Date.parse(at) + seconds * 1000).toISOString() } });

  it('gives a failed one another attempt, after a pause', () => run(...live).when(failing(1)).then(again(1, 10)));
  it('also one that vanished', () => run(...live).when(failing(1, null)).then(again(1, 10, null)));
  it('the pause doubles', () => run(...live, again(1, 10), scheduled(2), started(2)).when(failing(2)).then(again(2, 20)));
  it('is not asked before the pause is over', () => {
    run(...live, again(1, 10), readyFor(2)).when(scheduleAt(9)).thenNothing();
    run(...live, again(1, 10), readyFor(2)).when(scheduleAt(10)).then({ type: 'RunScheduled', data: { experimentId, attempt: 2, scheduledAt: new Date(Date.parse(at) + 10_000).toISOString() } });
  });
  it('waits until its outputs were looked at again, for this attempt', () => {
    run(...live, again(1, 10)).when(scheduleAt(10)).thenNothing();
    run(...live, again(1, 10)).when(release).thenNothing();
    run(...live, again(1, 10)).when({ type: 'ReleaseOutputs', data: readyFor(2).data }).then(readyFor(2));
    run(...live, again(1, 10), readyFor(2)).when({ type: 'ReleaseOutputs', data: readyFor(2).data }).thenNothing();
    run(...live, again(1, 10)).when(failOutputs).thenNothing();
    run(...live, again(1, 10)).when({ type: 'FailOutputs', data: { experimentId, attempt: 2, message: 'read-only', endedAt: at } }).then(failed('outputs', ended(1, true, null, 'read-only')));
  });
  it('does not wait where nobody looks, as before there was such a look', () => {
    const { outputs, ...before } = again(1, 10).data;
    run(...live, { type: 'RunAttemptFailed', data: before }).when(scheduleAt(10)).then({ type: 'RunScheduled', data: { experimentId, attempt: 2, scheduledAt: new Date(Date.parse(at) + 10_000).toISOString() } });
  });
  it('leaves damaged checkpoints where they are when somebody insisted', () => {
    const insisted: RunOutputsReady = { type: 'RunOutputsReady', data: { experimentId, checkpoint: { offered: null, parts: [], setAside: [], forced: true }, readyAt: at } };
    const [event] = runDecider.decide(failing(1), [patient, insisted, scheduled(), started()].reduce(runDecider.evolve, runDecider.initialState));
    expect(event).toMatchObject({ type: 'RunAttemptFailed', data: { outputs: { forced: true } } });
  });
  it('is used up', () => run(...live, again(1, 10), scheduled(2), started(2), again(2, 20), scheduled(3), started(3)).when(failing(3)).then(failed('program', ended(3, true, 1, 'exited'))));
  it('does not count what the machine took away', () => run(...live, preempted, scheduled(2), started(2)).when(failing(2)).then(again(2, 10, 1, 4)));
  it('ends with a success', () => run(...live, again(1, 10), scheduled(2), started(2)).when(end(2, 0)).then({ type: 'RunSucceeded', data: ended(2, true, 0, null) }));
  it('ends with a stop, in the pause as well', () => {
    run(...live, stopRequested).when(failing(1)).then({ type: 'RunStopped', data: ended(1, true, 1, 'exited') });
    run(...live, again(1, 10)).when(stop).then(stopRequested, stopped(1, true));
  });
  it('a repeated or late end says nothing', () => {
    run(...live, again(1, 10)).when(failing(1)).thenNothing();
    run(...live, again(1, 10), scheduled(2), started(2)).when(failing(1)).thenNothing();
  });
  it('a later attempt that can not be launched ends the one that printed', () =>
    run(...live, again(1, 10), scheduled(2)).when({ type: 'FailLaunch', data: { experimentId, attempt: 2, reason: 'start', message: 'no', endedAt: at } })
      .then(failed('start', ended(1, true, null, 'no'))));
});
