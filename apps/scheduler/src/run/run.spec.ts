// Whatever is heard, in whichever order: at most one live attempt, and each ends once?
import fc from 'fast-check';
import type { EndCause, ExperimentOrder, PendingCause, RunEvent } from '#contracts';
import { runDecider, type RunCommand } from './decider.ts';
import { evolve, unknownRun } from './run.ts';

const at = '2026-11-22T10:00:00.000Z';
const experimentId = 7;
const order = { experimentId, logsPath: 'mona/iris/experiments/7', environment: { max_restarts: 1 } } as unknown as ExperimentOrder;

const preemptionsAllowed = 2;
const attemptsMax = 1 + 1 + preemptionsAllowed;
const attempt = fc.integer({ min: 0, max: 5 });
const heard: fc.Arbitrary<RunCommand | RunEvent> = fc.oneof(
  fc.constant<RunCommand>({ type: 'QueueRun', data: { experimentId, order, cloningStrategy: null, sourceExperimentId: null, queuedAt: at } }),
  fc.constant<RunCommand>({ type: 'ReleaseOutputs', data: { experimentId, readyAt: at } }),
  attempt.map((of): RunCommand => ({ type: 'ReleaseOutputs', data: { experimentId, attempt: of, readyAt: at } })),
  fc.constant<RunCommand>({ type: 'FailOutputs', data: { experimentId, message: 'no', endedAt: at } }),
  fc.constant<RunCommand>({ type: 'ScheduleRun', data: { experimentId, scheduledAt: at } }),
  fc.constant<RunCommand>({ type: 'HoldRun', data: { experimentId, reason: 'full', heldAt: at } }),
  fc.constant<RunCommand>({ type: 'StopRun', data: { experimentId, requestedAt: at } }),
  attempt.map((of): RunCommand => ({ type: 'RecordStart', data: { experimentId, attempt: of, console: 'file:///c', startedAt: at } })),
  attempt.map((of): RunCommand => ({ type: 'BeginStart', data: { experimentId, attempt: of, startingAt: at } })),
  attempt.map((of): RunCommand => ({ type: 'WarnOfRun', data: { experimentId, attempt: of, message: 'm', warnedAt: at } })),
  attempt.map((of): RunCommand => ({ type: 'FailLaunch', data: { experimentId, attempt: of, reason: 'start', message: 'no', endedAt: at } })),
  fc.tuple(attempt, fc.constantFrom<PendingCause[]>('unschedulable', 'image', 'starting'))
    .map(([of, cause]): RunCommand => ({ type: 'PendRun', data: { experimentId, attempt: of, cause, reason: null, pendingAt: at } })),
  fc.tuple(attempt, fc.constantFrom('evicted', undefined))
    .map(([of, taken]): RunCommand => ({ type: 'FailLaunch', data: { experimentId, attempt: of, reason: 'start', ...(taken && { taken: 'evicted' as const }), message: 'no', endedAt: at, preemptionsAllowed } })),
  fc.tuple(attempt, fc.constantFrom(0, 1, 137, null), fc.constantFrom<(EndCause | undefined)[]>(undefined, undefined, 'out-of-memory', 'evicted', 'node-lost', 'image'))
    .map(([of, exitCode, cause]): RunCommand => ({
      type: 'EndRun', data: { experimentId, attempt: of, exitCode, ...(cause && { cause }), message: null, endedAt: at, preemptionsAllowed, infrastructureExitCodes: [137] },
    })),
  fc.constant<RunEvent>({ type: 'RunPreempted', data: { experimentId, attempt: 0, wasStarted: true, exitCode: null, message: null, endedAt: at } }),
);
const scheduleFirst: (RunCommand | RunEvent)[] = [
  { type: 'QueueRun', data: { experimentId, order, cloningStrategy: null, sourceExperimentId: null, queuedAt: at } },
  { type: 'ReleaseOutputs', data: { experimentId, readyAt: at } },
];
/** Half of them begin ready to be scheduled: without that, few get anywhere. */
const messages = fc.tuple(fc.boolean(), fc.array(heard, { maxLength: 40 })).map(([isReady, rest]) => (isReady ? [...scheduleFirst, ...rest] : rest));

const isEnd = ({ type }: RunEvent) => type === 'RunSucceeded' || type === 'RunFailed' || type === 'RunStopped';

function play(all: readonly (RunCommand | RunEvent)[]): RunEvent[] {
  let run = unknownRun;
  const history: RunEvent[] = [];
  for (const message of all) {
    const events = message.type === 'RunPreempted' ? preempted(run, message) : runDecider.decide(message as RunCommand, run);
    for (const event of events) {
      run = evolve(run, event);
      history.push(event);
    }
  }
  return history;
}

/** As streams of former days hold it: without a budget, and with no look at the outputs. */
function preempted(run: typeof unknownRun, event: RunEvent & { type: 'RunPreempted' }): RunEvent[] {
  return run.state === 'started' ? [{ ...event, data: { ...event.data, attempt: run.attempt } }] : [];
}

describe('a run', () => {
  it('has at most one live attempt, ends each at most once, and changes nothing once done', () => {
    fc.assert(
      fc.property(messages, (all) => {
        const live = new Set<number>();
        const ends = new Map<number, number>();
        let isDone = false;
        let latest = 0;
        for (const event of play(all)) {
          expect(isDone).toBe(false);
          if (event.type === 'RunScheduled') {
            expect(live.size).toBe(0);
            expect(event.data.attempt).toBe(latest + 1);
            latest = event.data.attempt;
            live.add(latest);
          }
          if (event.type === 'RunStarted') expect([...live]).toEqual([event.data.attempt]);
          if (isEnd(event) || event.type === 'RunPreempted' || event.type === 'RunAttemptFailed') {
            const { attempt: of, wasStarted } = event.data as { attempt: number; wasStarted: boolean };
            expect(of).toBeLessThanOrEqual(latest);
            if (isEnd(event) && wasStarted) live.clear(); // a later one that could not be launched ends with it
            live.delete(of);
            if (isEnd(event)) ends.set(of, (ends.get(of) ?? 0) + 1);
            expect(ends.get(of) ?? 0).toBeLessThanOrEqual(1);
          }
          isDone = isEnd(event);
        }
        if (isDone) expect(live.size).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('has no more attempts than both budgets allow, and none after a stop was asked for', () => {
    fc.assert(
      fc.property(messages, (all) => {
        const history = play(all.filter(({ type }) => type !== 'RunPreempted'));
        expect(history.filter(({ type }) => type === 'RunScheduled').length).toBeLessThanOrEqual(attemptsMax);
        expect(history.filter(({ type }) => type === 'RunPreempted').length).toBeLessThanOrEqual(preemptionsAllowed);
        expect(history.filter(({ type }) => type === 'RunAttemptFailed').length).toBeLessThanOrEqual(1);
        const stop = history.findIndex(({ type }) => type === 'RunStopRequested');
        const after = stop === -1 ? [] : history.slice(stop).map(({ type }) => type);
        for (const type of ['RunScheduled', 'RunPreempted', 'RunAttemptFailed', 'RunSucceeded', 'RunPending'] as const) expect(after).not.toContain(type);
      }),
      { numRuns: 2000 },
    );
  });

  it('hears everything twice as if once', () => {
    const notRepeated = ['ScheduleRun', 'RunPreempted']; // each is a new attempt, when there was a preemption or a failure between
    fc.assert(
      fc.property(messages, (all) => {
        const once = all.filter(({ type }) => type !== 'RunPreempted');
        expect(play(once.flatMap((message) => (notRepeated.includes(message.type) ? [message] : [message, message])))).toEqual(play(once));
      }),
    );
  });
});
