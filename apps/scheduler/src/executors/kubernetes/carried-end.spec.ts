// Does an attempt whose outputs nobody has seen arrive end as it should, and does nobody else decide that?
import type { V1Pod } from '@kubernetes/client-node';
import { carries, withCarried } from './carried-end.ts';
import type { Ended } from './end-of.ts';
import { indexAnnotation, roleLabel } from './objects/names.ts';

const success: Ended = { state: 'ended', exitCode: 0, message: null };

/** Of the carrier; undefined: it was ended before it could say anything. */
function podWith(left: object | undefined, outputs: object = { emptyDir: {} }, more: object = {}): V1Pod {
  const terminated = { exitCode: left ? 0 : 137, ...(left && { message: JSON.stringify(left) }) };
  return { spec: { volumes: [{ name: 'outputs', ...outputs }], ...more }, status: { initContainerStatuses: [{ name: 'carrier', state: { terminated } }] } } as unknown as V1Pod;
}

describe('an attempt whose program has succeeded', () => {
  it('has, when all is in the store', () => expect(withCarried(success, podWith({ carried: { isOk: true, warnings: [] } }))).toEqual(success));
  it('is told what was not taken', () => expect(withCarried(success, podWith({ carried: { isOk: true, warnings: ['a link'] } }))).toEqual({ ...success, warnings: ['a link'] }));
  it('has not, when nobody knows', () => expect(withCarried(success, podWith(undefined))).toMatchObject({ exitCode: null, cause: 'infrastructure', message: expect.stringContaining('without saying') }));
  it('has not, when it could not be carried', () => {
    expect(withCarried(success, podWith({ carried: { isOk: false, message: 'the store is full', warnings: [] } }))).toEqual({ state: 'ended', exitCode: null, message: 'the store is full' });
  });
  it('has, on a volume', () => expect(withCarried(success, podWith(undefined, { persistentVolumeClaim: { claimName: 'outputs' } }))).toEqual(success));
});

describe('of several', () => {
  const replica = (index: number, labels = {}): V1Pod => ({ ...podWith(undefined, undefined, { subdomain: 'run-1-1' }), metadata: { labels, annotations: { [indexAnnotation]: String(index) } } });

  it('the master carries, and nobody else', () => expect([0, 1, 2].map((index) => carries(replica(index), undefined))).toEqual([true, false, false]));
  it('the same where each role has a Job', () => expect(['master', 'worker', 'ps'].map((role) => carries(replica(0, { [roleLabel]: role }), undefined))).toEqual([true, false, false]));
  it('who is alone does', () => expect(carries(podWith(undefined), undefined)).toBe(true));
});
