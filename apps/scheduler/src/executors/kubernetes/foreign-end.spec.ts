// Is what somebody else has ended told from what has ended by itself, and from what we have ended?
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { endOf } from './end-of.ts';
import { stopPatch } from './marks.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 28, 5, 0, seconds));
/** Asked at second 30, with a grace of 10. */
const podThat = (exitCode: number, endedAt: number, { isDeleted = true, isOneOfSeveral = false, wasAsked }: { isDeleted?: boolean; isOneOfSeveral?: boolean; wasAsked?: boolean } = {}): V1Pod => ({
  metadata: {
    name: 'run-1-1-x', ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'run-1-1', uid: 'u', controller: true }],
    ...(isDeleted && { deletionTimestamp: at(40), deletionGracePeriodSeconds: 10 }),
  },
  spec: { nodeName: 'n1', containers: [], ...(isOneOfSeveral && { subdomain: 'run-1-1' }) },
  status: {
    phase: 'Failed',
    containerStatuses: [{ name: 'experiment', state: { terminated: { exitCode, reason: 'Error', startedAt: at(0), finishedAt: at(endedAt) } } }],
    ...(wasAsked !== undefined && { initContainerStatuses: [{ name: 'carrier', state: { terminated: { exitCode: 0, message: JSON.stringify({ exitCode, wasAsked }) } } }] }),
  },
} as unknown as V1Pod);
const job = (more: Partial<V1Job> = {}): V1Job => ({ metadata: { name: 'run-1-1' }, spec: { template: {} }, ...more });
const failed = (reason: string) => ({ conditions: [{ type: 'Failed', status: 'True', reason }] });
const byDeadline = job({ spec: { template: {}, activeDeadlineSeconds: 5 }, status: failed('DeadlineExceeded') });

it.each<[string, V1Pod, V1Job | undefined, string | undefined, RegExp | undefined]>([
  ['its pod was deleted', podThat(143, 31), job(), 'infrastructure', /^killed by SIGTERM.*; somebody has deleted its pod run-1-1-x$/],
  ['its pod was deleted, and it has saved and left', podThat(0, 32), job(), 'infrastructure', /^somebody has deleted its pod/],
  ['its pod was deleted in the second in which a signal ended it', podThat(137, 30), job(), 'infrastructure', undefined],
  ['its pod was deleted in the second in which it left in good order, as it says', podThat(0, 30, { wasAsked: true }), job(), 'infrastructure', undefined],
  ['it had ended by itself, as it says, whatever the times', podThat(0, 31, { wasAsked: false }), job(), undefined, undefined],
  ['its Job was deleted', podThat(143, 31), undefined, 'infrastructure', /somebody has deleted its Job run-1-1$/],
  ['its Job is being deleted, of several', podThat(143, 31, { isOneOfSeveral: true }), job({ metadata: { deletionTimestamp: at(30) } }), 'infrastructure', /deleted its Job/],
  ['its Job got a deadline', podThat(143, 31), byDeadline, 'infrastructure', /had a deadline of 5 s \(activeDeadlineSeconds\)/],
  ['its Job was suspended', podThat(143, 31), job({ spec: { template: {}, suspend: true } }), 'preempted', /run-1-1 was suspended/],
  ['it has succeeded, and was removed because of its time to live', podThat(0, 30), undefined, undefined, undefined],
  ['it has failed, and was removed because of its time to live', podThat(3, 30), undefined, undefined, /^exited with code 3$/],
  ['it had ended before it was deleted', podThat(143, 29), job(), undefined, /^killed by SIGTERM/],
  ['nobody has deleted it', podThat(143, 31, { isDeleted: false }), job(), undefined, /^killed by SIGTERM/],
  ['we have stopped it', podThat(143, 31), { ...job(), ...(stopPatch(at(29)) as V1Job) }, undefined, /^killed by SIGTERM/],
  ['another of several has failed', podThat(143, 31, { isOneOfSeveral: true }), job({ status: failed('PodFailurePolicy') }), undefined, /^killed by SIGTERM/],
])('an end is told apart: %s', (_, pod, of, cause, message) => {
  const end = endOf(pod, of, undefined);
  expect(end.cause).toBe(cause);
  if (message) expect(end.message).toMatch(message);
});
