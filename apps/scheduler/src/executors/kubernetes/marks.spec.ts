// When is it certain that nothing comes of an attempt any more, whoever makes its pods?
import type { V1Job } from '@kubernetes/client-node';
import { isAcknowledged, isStandIn, setStandIn, standIn, stopPatch } from './marks.ts';
import { settings } from './objects/objects-fixture.ts';
import { kindOf, type Workload } from './objects/workload.ts';

const now = new Date('2026-11-28T02:00:00Z');
const stoppedAt = (kind: 'Job' | 'JobSet' | 'TrainJob', suspended: boolean): Workload => ({
  ...(stopPatch(now, undefined, kind) as { metadata: object }),
  spec: { suspend: true, ...(kind === 'JobSet' && { network: {} }), ...(kind === 'TrainJob' && { runtimeRef: {} }) },
  ...(suspended && { status: { conditions: [{ type: 'Suspended', status: 'True' }] } }),
}) as unknown as Workload;
const child = (...conditions: string[]): V1Job => ({ metadata: { name: 'c' }, status: { conditions: conditions.map((type) => ({ type, status: 'True' })) } });
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);

describe('what was asked to end', () => {
  it.each<[string, Workload, V1Job[], boolean]>([
    ['a Job that nobody has seen', stoppedAt('Job', false), [], false],
    ['a suspended Job', stoppedAt('Job', true), [], true],
    ['a suspended set, whose Jobs are not', stoppedAt('JobSet', true), [child('Suspended'), child()], false],
    ['a suspended set with its Jobs', stoppedAt('JobSet', true), [child('Suspended'), child('Complete')], true],
    ['a set that is suspended before it had Jobs', stoppedAt('JobSet', true), [], true],
    ['a TrainJob that is suspended before it had Jobs, of which its JobSet may not know', stoppedAt('TrainJob', true), [], false],
    ['a TrainJob with its Jobs', stoppedAt('TrainJob', true), [child('Suspended')], true],
  ])('%s', (_, workload, children, isSure) => {
    expect(isAcknowledged(workload, children, later(1))).toBe(isSure);
    expect(isAcknowledged(workload, children, later(31))).toBe(true);
  });
  it('leaves its queue, where its size can not be changed', () => {
    expect(stopPatch(now, undefined, 'JobSet')).toMatchObject({ metadata: { labels: { 'kueue.x-k8s.io/queue-name': null } }, spec: { suspend: true } });
    expect(stopPatch(now)).toMatchObject({ spec: { suspend: true, parallelism: 0 } });
  });
});

it.each(['JobSet', 'TrainJob'] as const)('a %s that takes the place of one is seen as such', (kind) => {
  const { set } = setStandIn(kind, 'run-1-1', 'runs', {}, now);
  expect([kindOf(set), isStandIn(set)]).toEqual([kind, true]);
  expect(isStandIn(stoppedAt(kind, true))).toBe(false);
  expect(isStandIn(standIn('run-1-1', {}, settings, now))).toBe(true);
});
