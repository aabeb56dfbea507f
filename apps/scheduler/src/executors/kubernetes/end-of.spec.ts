// Is every way in which a pod ends told apart from the others?
import type { V1Job, V1Node, V1Pod } from '@kubernetes/client-node';
import { endOf } from './end-of.ts';
import { stopPatch } from './marks.ts';

const began = '2026-11-27T20:00:00Z';
const ended = '2026-11-27T20:10:00Z';
const later = '2026-11-27T20:20:00Z';

type State = Record<string, unknown>;
const terminated = (exitCode: number, more: State = {}): State => ({ terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt: began, finishedAt: ended, ...more } });

function podOf(experiment: State | undefined, { status = {}, bring, carrier }: { status?: State; bring?: State; carrier?: unknown } = {}): V1Pod {
  const named = (name: string, state: State | undefined) => (state ? [{ name, state }] : []);
  return {
    metadata: { name: 'run-1-1-x' },
    spec: { nodeName: 'n1', terminationGracePeriodSeconds: 30 },
    status: {
      phase: 'Failed',
      containerStatuses: named('experiment', experiment),
      initContainerStatuses: [...named('bring', bring), ...named('carrier', carrier === undefined ? undefined : { terminated: { exitCode: 0, message: typeof carrier === 'string' ? carrier : JSON.stringify(carrier) } })],
      ...status,
    },
  } as unknown as V1Pod;
}

const disrupted = (reason: string, at = began, message = 'so it was said'): State => ({ conditions: [{ type: 'DisruptionTarget', status: 'True', reason, message, lastTransitionTime: at }] });
const ready = (status: string): V1Node => ({ status: { conditions: [{ type: 'Ready', status }] } });
const left = (more: object) => ({ carried: null, isWhole: true, consoleBytes: 0, consoleSizeBytes: 0, exitCode: null, ...more });

describe('the end of a pod', () => {
  it.each<
    [string, V1Pod, V1Node | null | undefined, { readonly exitCode?: number | null; readonly cause?: string; readonly message?: unknown; readonly isBuilding?: boolean }]
  >([
    ['a success', podOf(terminated(0)), undefined, { exitCode: 0, message: null }],
    ['a failure of its program', podOf(terminated(3)), undefined, { exitCode: 3, message: 'exited with code 3' }],
    ['a signal from inside', podOf(terminated(137)), undefined, { exitCode: 137 }],
    [
      'too much memory',
      podOf(terminated(137, { reason: 'OOMKilled' })),
      undefined,
      { exitCode: 137, cause: 'out-of-memory', message: expect.stringContaining('out of memory') },
    ],
    ['a child that used too much memory, which its program got over', podOf(terminated(0, { reason: 'OOMKilled' })), undefined, { exitCode: 0, message: null }],
    [
      'a command that is not there',
      podOf(terminated(127), { carrier: left({ tail: 'sh: no-such: not found' }) }),
      undefined,
      { exitCode: 127, message: 'sh: no-such: not found' },
    ],
    [
      'a build step',
      podOf(terminated(2), { carrier: left({ buildStep: '1 of 2 (make)' }) }),
      undefined,
      { exitCode: 2, isBuilding: true, message: 'build step 1 of 2 (make) failed: exited with code 2' },
    ],
    ['preemption', podOf(terminated(143), { status: disrupted('PreemptionByScheduler') }), undefined, { exitCode: 143, cause: 'preempted' }],
    [
      'preemption that it has saved a checkpoint in',
      podOf(terminated(0), { status: disrupted('PreemptionByScheduler') }),
      undefined,
      { exitCode: 0, cause: 'preempted' },
    ],
    [
      'a failure before the pod was disturbed',
      podOf(terminated(1), { status: disrupted('EvictionByEvictionAPI', later) }),
      undefined,
      { exitCode: 1, message: 'exited with code 1' },
    ],
    ['a success before the pod was disturbed', podOf(terminated(0), { status: disrupted('DeletionByPodGC', later) }), null, { exitCode: 0, message: null }],
    ['a drained node', podOf(terminated(143), { status: disrupted('EvictionByEvictionAPI') }), undefined, { cause: 'evicted' }],
    ['a node short of memory', podOf(terminated(137), { status: { ...disrupted('TerminationByKubelet'), reason: 'Evicted' } }), undefined, { cause: 'evicted' }],
    [
      'a node short of processes, which its program has left in good order before kubelet has written that down',
      podOf(terminated(0), { status: { ...disrupted('TerminationByKubelet', '2026-11-27T20:10:01Z'), reason: 'Evicted' } }),
      undefined,
      { exitCode: 0, cause: 'evicted' },
    ],
    [
      'a success, by its own word before it was asked to end, while its node was short of something',
      podOf(terminated(0), { status: { ...disrupted('TerminationByKubelet', '2026-11-27T20:10:01Z'), reason: 'Evicted' }, carrier: left({ exitCode: 0, wasAsked: false }) }),
      undefined,
      { exitCode: 0, message: null },
    ],
    ['a success long before its node was short of something', podOf(terminated(0), { status: { ...disrupted('TerminationByKubelet', later), reason: 'Evicted' } }), undefined, { exitCode: 0, message: null }],
    [
      'a node short of memory, which it has more of than it has asked for',
      podOf(terminated(137), { status: { ...disrupted('TerminationByKubelet', began, 'The node was low on resource: memory. Container experiment has larger consumption of memory. '), reason: 'Evicted' } }),
      undefined,
      { cause: 'evicted', message: expect.stringMatching(/\(n1\): The node was low on resource: memory.*; ask for as much as it uses/) },
    ],
    ['a node short of disk, by its older words', podOf(terminated(137), { status: { reason: 'Evicted', message: 'The node was low on resource: ephemeral-storage. ' } }), undefined, { exitCode: 137, cause: 'evicted' }],
    [
      'more on the disk than its container may have',
      podOf(terminated(137), { status: { reason: 'Evicted', message: 'Container experiment exceeded its local ephemeral storage limit "1Mi". ' } }),
      undefined,
      { exitCode: 137, message: expect.stringMatching(/^it wrote more to the disk .*local ephemeral storage limit "1Mi"\. Let it keep less there/) },
    ],
    [
      'more on the disk than its pod may have, of which nobody knows how it ended',
      podOf(terminated(137, { reason: 'ContainerStatusUnknown' }), { status: { reason: 'Evicted', message: 'Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. ' } }),
      undefined,
      { exitCode: null, message: expect.stringContaining('ephemeral-storage') },
    ],
    [
      'a volume that is too full, which its program has left in good order',
      podOf(terminated(0), { status: { reason: 'Evicted', message: 'Usage of EmptyDir volume "run" exceeds the limit "1Mi". ' } }),
      undefined,
      { exitCode: null, message: expect.stringContaining('"run" exceeds') },
    ],
    [
      'room for something critical',
      podOf(terminated(143), { status: { ...disrupted('TerminationByKubelet'), reason: 'Preempting' } }),
      undefined,
      { cause: 'preempted' },
    ],
    ['a taint', podOf(terminated(143), { status: disrupted('DeletionByTaintManager') }), ready('True'), { cause: 'evicted' }],
    [
      'a taint of a node that says nothing',
      podOf({ running: { startedAt: began } }, { status: disrupted('DeletionByTaintManager') }),
      ready('Unknown'),
      { exitCode: null, cause: 'node-lost', message: expect.stringContaining('n1') },
    ],
    ['a node that was removed', podOf({ running: { startedAt: began } }, { status: disrupted('DeletionByPodGC') }), null, { exitCode: null, cause: 'node-lost' }],
    ['a node that is gone, without a word', podOf({ running: { startedAt: began } }), null, { exitCode: null, cause: 'node-lost' }],
    ['a node that was shut down', podOf(terminated(143), { status: { reason: 'Terminated', message: 'node shutdown' } }), undefined, { cause: 'evicted' }],
    [
      'a node that did not take it',
      podOf(undefined, { status: { reason: 'OutOfcpu', message: 'not enough' } }),
      undefined,
      { exitCode: null, cause: 'infrastructure', message: expect.stringContaining('OutOfcpu') },
    ],
    ['a status that nobody knows', podOf(terminated(137, { reason: 'ContainerStatusUnknown' })), undefined, { exitCode: null, cause: 'infrastructure' }],
    [
      'a status that nobody but the carrier knows',
      podOf(terminated(137, { reason: 'ContainerStatusUnknown' }), { carrier: left({ exitCode: 5 }) }),
      undefined,
      { exitCode: 5 },
    ],
    ['a carrier that was cut off in the middle of a word', podOf(terminated(4), { carrier: '{"carried"' }), undefined, { exitCode: 4 }],
    [
      'a container that can not be started',
      podOf(terminated(128, { reason: 'StartError', message: 'exec: no such file', startedAt: '1970-01-01T00:00:00Z' })),
      undefined,
      { exitCode: null, cause: 'start', message: expect.stringContaining('no such file') },
    ],
    [
      'what nobody could bring',
      podOf({ waiting: { reason: 'PodInitializing' } }, { bring: terminated(2, { message: 'its code, revision ab, is gone from the platform' }) }),
      undefined,
      { exitCode: null, cause: 'start', message: expect.stringContaining('is gone') },
    ],
    [
      'what could not be brought',
      podOf({ waiting: { reason: 'PodInitializing' } }, { bring: terminated(1, { message: 'its code, revision ab, could not be fetched: 503' }) }),
      undefined,
      { exitCode: null, cause: 'infrastructure', message: expect.stringContaining('could not be fetched') },
    ],
  ])('is told apart: %s', (_, pod, node, expected) => {
    const end = endOf(pod, undefined, node);
    expect(end).toMatchObject({ state: 'ended', ...expected });
    expect(end.cause).toBe(expected.cause);
  });

  it('is that of a wait that was too long, unless it had begun meanwhile', () => {
    const job = stopPatch(new Date(began), { cause: 'image', message: "the image i can't be had" }) as V1Job;
    expect(endOf(podOf({ waiting: { reason: 'ImagePullBackOff' } }), job, undefined)).toEqual({ state: 'ended', exitCode: null, cause: 'image', message: "the image i can't be had" });
    expect(endOf(podOf(terminated(143)), job, undefined)).toMatchObject({ exitCode: 143 });
  });
});
