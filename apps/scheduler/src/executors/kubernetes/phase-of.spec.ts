// Is it known of a pod whether it waits, runs, or can't write any more?
import type { V1Job, V1Node, V1Pod } from '@kubernetes/client-node';
import { stopPatch } from './marks.ts';
import { isOver, phaseOf, type Patience } from './phase-of.ts';

const now = new Date('2026-11-27T21:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - 1000 * seconds).toISOString();
const patience: Patience = { startSeconds: 600, unschedulableSeconds: 0, unreachableSeconds: 60 };

function podOf({ phase = 'Pending', conditions = [] as object[], experiment = undefined as object | undefined, asked = undefined as string | undefined, onStore = false, isBound = true } = {}): V1Pod {
  return {
    metadata: { name: 'run-1-1-x', creationTimestamp: ago(1000), deletionTimestamp: asked },
    spec: {
      ...(isBound && { nodeName: 'n1' }),
      containers: [{ name: 'experiment', image: 'python:9' }],
      volumes: [onStore ? { name: 'outputs', emptyDir: {} } : { name: 'outputs', persistentVolumeClaim: { claimName: 'c' } }],
    },
    status: { phase, conditions, containerStatuses: experiment ? [{ name: 'experiment', state: experiment }] : [] },
  } as unknown as V1Pod;
}

const nodeOf = (ready: string, since = ago(100), taints: object[] = []): V1Node => ({ spec: { taints }, status: { conditions: [{ type: 'Ready', status: ready, lastTransitionTime: since }] } }) as unknown as V1Node;
const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: ago(700) };
const unschedulable = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' };
const phase = (pod: V1Pod, more: { job?: V1Job; node?: V1Node | null; patience?: Partial<Patience> } = {}) => phaseOf({ pod, job: more.job, node: more.node, now }, { ...patience, ...more.patience });

describe('a pod that waits', () => {
  it('says that no node has room, for ever', () => expect(phase(podOf({ conditions: [unschedulable] }))).toEqual({ at: 'waiting', cause: 'unschedulable', reason: '0/3 nodes are available' }));
  it('gives up on nodes when it is told to', () => expect(phase(podOf({ conditions: [unschedulable] }), { patience: { unschedulableSeconds: 900 } })).toMatchObject({ gaveUp: 'unschedulable' }));
  it.each([['ErrImagePull', 'image'], ['InvalidImageName', 'image'], ['CreateContainerConfigError', 'start']])('gives up on %s after a time', (reason, gaveUp) => {
    const pod = podOf({ conditions: [scheduled], experiment: { waiting: { reason, message: 'why' } } });
    expect(phase(pod)).toMatchObject({ at: 'waiting', gaveUp, reason: expect.stringContaining('why') });
    expect(phase(pod, { patience: { startSeconds: 800 } })).not.toHaveProperty('gaveUp');
  });
  it('never gives up on an image that is still coming', () =>
    expect(phase(podOf({ conditions: [scheduled], experiment: { waiting: { reason: 'ContainerCreating' } } }))).toEqual({
      at: 'waiting',
      cause: 'starting',
      reason: null,
    }));
  it('is over when it was asked to end and has no node', () => expect(phase(podOf({ asked: ago(1), isBound: false }), { job: stopPatch(now) })).toMatchObject({ at: 'never' }));
});

describe('a pod on a node that says nothing', () => {
  const running = { running: { startedAt: ago(900) } };
  it.each<[string, boolean, Parameters<typeof podOf>[0], V1Node | null | undefined]>([
    ['nobody has asked it to end', false, {}, nodeOf('Unknown')],
    ['nobody may look at nodes', false, { asked: ago(500) }, undefined],
    ['it is ready again', false, { asked: ago(500) }, nodeOf('True')],
    ['it holds a volume', false, { asked: ago(500) }, nodeOf('Unknown', ago(5000))],
    ['it holds a volume, and the node is gone', true, { asked: ago(500) }, null],
    ['it holds a volume, and the node is known to be off', true, { asked: ago(500) }, nodeOf('Unknown', ago(5), [{ key: 'node.kubernetes.io/out-of-service' }])],
    ['it has a store, and not waited long enough', false, { asked: ago(500), onStore: true }, nodeOf('Unknown', ago(59))],
    ['it has a store, and its grace is not over', false, { asked: ago(-5), onStore: true }, nodeOf('Unknown', ago(500))],
    ['it has a store that refuses it', true, { asked: ago(5), onStore: true }, nodeOf('False', ago(61))],
  ])('can write or not: %s', (_, over, how, node) => expect(isOver(podOf({ phase: 'Running', experiment: running, ...how }), node, now, patience)).toBe(over));
});
