// Is the end of several pods that of their training, whoever of them ended when?
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import type { Phase } from './phase-of.ts';
import { hasFailed, partOf, together, trainingIn, wholeOf, type Part } from './together.ts';

const running: Phase = { at: 'running' };
const waiting: Phase = { at: 'waiting', cause: 'unschedulable', reason: 'no room' };
const over = (exitCode: number | null): Phase => ({ at: 'over', end: { state: 'ended', exitCode, message: `code ${exitCode}` } });
const taken: Phase = { at: 'over', end: { state: 'ended', exitCode: null, message: 'its node is gone', cause: 'node-lost' } };
const part = (phase: Phase, endedAt = Infinity, isServing = false): Part => ({ name: 'one', phase, endedAt, isServing });
/** With the name of who failed. */
const failed = (phase: Phase): Phase => (phase.at === 'over' ? { ...phase, end: { ...phase.end, message: `one: ${phase.end.message}` } } : phase);
const held: Phase = { at: 'waiting', cause: 'unschedulable', reason: 'one: no room; the others wait for it' };

it.each<[string, Part[], Phase]>([
  ['none is there', [], { at: 'nothing' }],
  ['one waits, one runs', [part(waiting), part(running)], held],
  ['one waits, one was done quickly', [part(waiting), part(over(0), 1)], held],
  ['one waits for longer than it may', [part(waiting), part({ ...waiting, gaveUp: 'unschedulable' })], { ...waiting, gaveUp: 'unschedulable' }],
  ['one waits, one is being made', [part(waiting), part({ ...waiting, cause: 'starting', reason: null })], held],
  ['all wait', [part(waiting), part(waiting)], waiting],
  ['all run', [part(running), part(running)], running],
  ['one has ended well, one runs', [part(over(0), 1), part(running)], running],
  ['one has failed, one is being ended', [part(over(1), 1), part(running)], running],
  ['one has failed, one never began', [part(over(1), 1), part(waiting)], running],
  ['one is not there yet', [part(running)], { at: 'waiting', cause: 'starting', reason: null }],
  ['all have succeeded', [part(over(0), 1), part(over(0), 2)], over(0)],
  ['one has failed, the other was ended then', [part(over(143), 3), part(over(1), 2)], failed(over(1))],
  ['both ended in one second', [part(over(143), 2), part(over(1), 2)], failed(over(1))],
  ['one was killed first, the other was ended then', [part(over(1), 3), part(over(137), 2)], failed(over(137))],
  ['nobody knows how one ended', [part(over(null)), part(over(143), 2)], failed(over(143))],
  ['the node of one is gone, the other was ended then', [part(over(143), 2), part(taken)], failed(taken)],
  ['the node of one is gone, the other missed it', [part(over(1), 2), part(taken)], failed(taken)],
  ['one was evicted, the other missed it', [part(over(1), 3), part(taken, 2)], failed(taken)],
  ['one has failed, and the other was evicted on its way', [part(taken, 3), part(over(1), 2)], failed(over(1))],
  ['all that train have succeeded, and who serves was ended', [part(over(0), 1), part(over(0), 2), part(over(143), 3, true)], over(0)],
  ['who serves has failed', [part(over(143), 3), part(over(143), 3), part(over(1), 2, true)], failed(over(1))],
  ['who serves is not ended yet', [part(over(0), 1), part(over(0), 2), part(running, Infinity, true)], running],
])('%s', (_, parts, phase) => expect(together(parts, { pods: 2, training: 2 })).toEqual(phase));

it('is as ever with one', () => expect(together([part(over(3), 1)])).toEqual(over(3)));

it('has failed with the first of them', () => expect([[part(running), part(over(1))], [part(running), part(over(0))]].map(hasFailed)).toEqual([true, false]));

it('knows who serves by the index, and when the program ended', () => {
  const job = { spec: { completions: 4, successPolicy: { rules: [{ succeededIndexes: '0-2' }] } } } as V1Job;
  const pod = (index: number) =>
    ({
      metadata: { annotations: { 'batch.kubernetes.io/job-completion-index': String(index) } },
      status: { containerStatuses: [{ name: 'experiment', state: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:00:01Z' } } }] },
    }) as unknown as V1Pod;
  expect([trainingIn(job), trainingIn({ spec: { completions: 2 } } as V1Job), trainingIn(undefined)]).toEqual([3, 2, 1]);
  expect([2, 3].map((index) => partOf(pod(index), job, running).isServing)).toEqual([false, true]);
  expect([0, 1, 2, 3].map((index) => partOf(pod(index), job, running).name)).toEqual(['master', 'worker-0', 'worker-1', 'ps-0']);
  expect(wholeOf(job)).toEqual({ pods: 4, training: 3 });
  expect(partOf(pod(0), job, running).endedAt).toBe(Date.parse('2026-01-01T00:00:01Z'));
});
