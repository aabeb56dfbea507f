// Is a build that failed the user's fault only when it is?
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import type { LaunchFailed } from '../executor.ts';
import { buildFailureOf } from './build-end.ts';
import { attemptWith, build, settings } from './objects/objects-fixture.ts';
import { buildPlanOf } from './objects/build-plan.ts';

const plan = buildPlanOf(attemptWith({ build: { dockerfile: 'Dockerfile' } }).order, { ...settings, build })!;
const job = (reason = 'BackoffLimitExceeded'): V1Job => ({ status: { conditions: [{ type: 'Failed', status: 'True', reason }] } });
const ended = (exitCode: number, message = '', reason = 'Error') => ({ terminated: { exitCode, message, reason } });
const pod = ({ build: state = {}, bring = ended(0), conditions = [] }: { build?: object; bring?: object; conditions?: object[] }): V1Pod =>
  ({ status: { phase: 'Failed', conditions, containerStatuses: [{ name: 'build', state }], initContainerStatuses: [{ name: 'bring', state: bring }] } }) as unknown as V1Pod;
const failure = (of: V1Pod | undefined, { isOwn = true, reason = 'BackoffLimitExceeded' } = {}) => buildFailureOf(job(reason), of, plan, build, isOwn) as LaunchFailed;

it.each([
  ['a step that fails', pod({ build: ended(1, 'process "/bin/sh -c make" failed: exit code: 2') }),
    /could not be built \(Dockerfile\): process .* exit code: 2; all of it: kubectl -n builds logs job\/build-/],
  ['a base image that is not there', pod({ build: ended(1, 'failed to resolve source metadata for docker.io/library/pyhton:3: not found') }), /pyhton:3: not found/],
  ['a base image of a registry that nobody knows', pod({ build: ended(1, 'error: failed to solve: nowhere.lab/x:1: failed to do request: dial tcp: lookup nowhere.lab: no such host') }), /no such host/],
  ['a step that reaches nobody', pod({ build: ended(1, '#5 push: connection refused\nerror: failed to solve: process "/bin/sh -c git push" did not complete successfully: exit code: 1') }), /git push/],
  ['too much memory', pod({ build: ended(137, '', 'OOMKilled') }), /POLYAXON_KUBERNETES_BUILD_LIMITS/],
  ['no Dockerfile', pod({ bring: ended(2, 'build.dockerfile: there is no file Dockerfile in the code') }), /there is no file Dockerfile/],
])('%s is', (_, of, message) => {
  expect(failure(of)).toMatchObject({ reason: 'build', message: expect.stringMatching(message) as string });
  expect(failure(of).options?.taken).toBeUndefined();
});
it('too long a build is', () => expect(failure(pod({}), { reason: 'DeadlineExceeded' })).toMatchObject({ message: expect.stringContaining('not done after 3600 s') as string }));

it.each([
  ['its pod was deleted', undefined],
  ['its node was drained', pod({ build: ended(143), conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'drained' }] })],
  ['it was killed', pod({ build: ended(143) })],
  ['nobody knows how it ended', pod({ build: ended(137, '', 'ContainerStatusUnknown') })],
  ['the gateway was away', pod({ bring: ended(1, 'its code could not be fetched') })],
  ['the registry takes nothing', pod({ build: ended(1, 'failed to push registry.lab:5000/team/runs:x: dial tcp: connect: connection refused') })],
  ['the registry has a fault', pod({ build: ended(1, 'error: failed to solve: failed to push registry.lab:5000/team/runs:x: unexpected status from PUT request: 503 Service Unavailable') })],
  ['the registry of its base image does not answer', pod({ build: ended(1, 'error: failed to solve: python:3: failed to resolve source metadata for docker.io/library/python:3: dial tcp 1.2.3.4:443: i/o timeout') })],
  ['nobody finds our registry', pod({ build: ended(1, 'error: failed to solve: failed to push registry.lab:5000/team/runs:x: failed to do request: dial tcp: lookup registry.lab: no such host') })],
])('is built again when %s', (_, of) => expect(failure(of)).toMatchObject({ reason: 'build', options: { taken: 'infrastructure' } }));

it("is built again with one's own code when that of another attempt could not be had", () => expect(failure(pod({ bring: ended(2, 'answers 401') }), { isOwn: false })).toBe('code'));
