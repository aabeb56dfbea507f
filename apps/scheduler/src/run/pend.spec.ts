// Do users read why it can't start, once for each reason, and that it can again?
import type { ExperimentOrder, PendingCause, RunEvent, RunPending, RunQueued } from '#contracts';
import { given } from '#decider';
import { runDecider, type RunCommand } from './decider.ts';

const experimentId = 31;
const at = (seconds: number) => new Date(Date.parse('2026-11-22T10:00:00.000Z') + seconds * 1000).toISOString();
const order = { experimentId, logsPath: 'l', environment: {} } as unknown as ExperimentOrder;
const queued: RunQueued = { type: 'RunQueued', data: { experimentId, order, cloningStrategy: null, sourceExperimentId: null, queuedAt: at(0) } };
const before: RunEvent[] = [queued, { type: 'RunOutputsReady', data: { experimentId, readyAt: at(0) } }, { type: 'RunScheduled', data: { experimentId, attempt: 1, scheduledAt: at(0) } }];
const stopRequested: RunEvent = { type: 'RunStopRequested', data: { experimentId, requestedAt: at(0) } };
const started: RunEvent = { type: 'RunStarted', data: { experimentId, attempt: 1, console: 'c', logsPath: 'l', startedAt: at(0) } };
const pend = (cause: PendingCause, reason: string | null, seconds = 0, attempt = 1): RunCommand => ({ type: 'PendRun', data: { experimentId, attempt, cause, reason, pendingAt: at(seconds) } });
const pending = (cause: PendingCause, reason: string | null, seconds = 0): RunPending => ({ type: 'RunPending', data: { experimentId, attempt: 1, cause, reason, pendingAt: at(seconds) } });
const run = (...history: RunEvent[]) => given(runDecider, ...before, ...history);
const advised = {
  unschedulable: 'no room; it starts by itself when there is room; ask for less in its environment (resources, node_selector), or stop it',
  image: 'no such image; it is tried again; look at the name of the image (build.image) and at the pull secret (environment.image_pull_secrets)',
  cluster: 'refused; it goes on by itself when the cluster answers',
};

it('is told with what to do', () => {
  run().when(pend('unschedulable', 'no room')).then(pending('unschedulable', advised.unschedulable));
  run().when(pend('image', 'no such image')).then(pending('image', advised.image));
  run().when(pend('cluster', 'refused')).then(pending('cluster', advised.cluster));
});
it('is told once, and of the same cause at most once a minute', () => {
  run(pending('unschedulable', advised.unschedulable)).when(pend('unschedulable', 'no room', 600)).thenNothing();
  run(pending('unschedulable', advised.unschedulable)).when(pend('unschedulable', '3 machines have no room', 59)).thenNothing();
  const other = advised.unschedulable.replace('no room', '3 machines have no room');
  run(pending('unschedulable', advised.unschedulable)).when(pend('unschedulable', '3 machines have no room', 60)).then(pending('unschedulable', other, 60));
});
it('another cause is told at once', () => run(pending('unschedulable', advised.unschedulable)).when(pend('image', 'no such image', 1)).then(pending('image', advised.image, 1)));
it('that nothing holds it up is told when something did', () => {
  run().when(pend('starting', null)).thenNothing();
  run(pending('image', advised.image)).when(pend('starting', null, 1)).then(pending('starting', null, 1));
  run(pending('image', advised.image), pending('starting', null, 1)).when(pend('starting', null, 2)).thenNothing();
});
it('is nothing to one that is there, is to stop, or is at another attempt', () => {
  run(started).when(pend('unschedulable', 'no room')).thenNothing();
  run(stopRequested).when(pend('unschedulable', 'no room')).thenNothing();
  run().when(pend('unschedulable', 'no room', 0, 2)).thenNothing();
});
