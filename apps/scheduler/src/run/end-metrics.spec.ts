// Is each end counted, and does one that failed before it could read its checkpoint not count as having ignored it?
import { register } from 'prom-client';
import { openEndMetrics } from './end-metrics.ts';

type Told = Parameters<ReturnType<typeof openEndMetrics>>[0][number];
const event = (type: string, data: object = {}) => ({ type, data: { experimentId: 23, attempt: 1, ...data } }) as unknown as Told;
const valueOf = async (name: string, label: string) => (await register.getSingleMetric(`polyaxon_${name}`)?.get())?.values.find(({ labels }) => Object.values(labels).includes(label))?.value;

it('by its outcome, and a failed attempt by its reason, also when another one follows', async () => {
  const told = openEndMetrics();
  told([event('RunSucceeded')]);
  told([event('RunAttemptFailed', { reason: 'lost' })]);
  told([event('RunFailed', { reason: 'program' }), event('RunWarned')]);
  expect([await valueOf('runs_finished_total', 'succeeded'), await valueOf('runs_finished_total', 'failed'), await valueOf('runs_finished_total', 'stopped')]).toEqual([1, 1, 0]);
  expect([await valueOf('run_attempts_failed_total', 'lost'), await valueOf('run_attempts_failed_total', 'program'), await valueOf('run_attempts_failed_total', 'start')]).toEqual([1, 1, 0]);
});

it('what the machine took away by its cause, and it is no failure', async () => {
  openEndMetrics()([event('RunPreempted', { cause: 'node-lost' }), event('RunPreempted')]);
  expect([await valueOf('runs_preempted_total', 'node-lost'), await valueOf('runs_preempted_total', 'infrastructure'), await valueOf('runs_preempted_total', 'evicted')]).toEqual([1, 1, 0]);
});

it.each([
  ['proven', [event('RunCheckpointSeen', { read: 'read' })]],
  ['proven', [event('RunCheckpointSeen', { read: 'read' }), event('RunFailed', { reason: 'program' })]],
  ['not_loaded', [event('RunCheckpointSeen', { read: 'not-read' }), event('RunSucceeded')]],
  ['not_loaded', [event('RunCheckpointSeen', { read: 'not-read' }), event('RunFailed', { reason: 'program', experimentId: 24 })]],
  ['unknown', [event('RunCheckpointSeen', { read: 'not-read' }), event('RunFailed', { reason: 'program' })]],
  ['unknown', [event('RunCheckpointSeen', { read: 'not-read' }), event('RunPreempted', { cause: 'evicted' })]],
  ['unknown', [event('RunCheckpointSeen', { read: 'unknown' }), event('RunSucceeded')]],
] as const)('a checkpoint was %s', async (result, events) => {
  openEndMetrics()(events);
  for (const one of ['proven', 'not_loaded', 'unknown', 'started_at_zero']) expect([one, await valueOf('resume_loads_total', one)]).toEqual([one, one === result ? 1 : 0]);
});
