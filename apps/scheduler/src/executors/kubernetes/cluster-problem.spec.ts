// Is it known of each refusal whether it passes?
import { problemOf } from './cluster-problem.ts';
import { orphansIn } from './orphans.ts';
import { attemptLabels } from './objects/names.ts';

const said = (message: string, reason = '') => JSON.stringify({ kind: 'Status', message, reason });

describe('a problem with a cluster', () => {
  it.each([
    [403, said('jobs.batch is forbidden: User "u" cannot create resource "jobs" in API group "batch" in the namespace "n"'), 'forbidden', false],
    [403, said('jobs.batch "j" is forbidden: exceeded quota: q'), 'quota', false],
    [403, said('pods "p" is forbidden: violates PodSecurity "restricted:latest"'), 'denied', true],
    [400, said('admission webhook "w" denied the request: no'), 'denied', true],
    [409, said('jobs.batch "j" already exists', 'AlreadyExists'), 'exists', false],
    [409, said('the object has been modified', 'Conflict'), 'conflict', false],
    [410, said('too old resource version', 'Expired'), 'gone', false],
    [422, said('Job is invalid', 'Invalid'), 'invalid', true],
    [429, said('too many requests'), 'busy', false],
    [503, 'upstream connect error', 'busy', false],
    [401, said('Unauthorized'), 'unauthorized', false],
  ])('%i %s is %s', (code, body, kind, isLasting) => expect(problemOf(code, body, 'create the Job j')).toMatchObject({ kind, isLasting }));
});

describe('an orphan', () => {
  const of = (platform: string, experimentId: number) => ({ metadata: { labels: attemptLabels(platform, { experimentId, attempt: 1 }, experimentId) } });
  it('is of this platform and of no run', () => {
    const objects = [of('ours', 1), of('ours', 2), of('ours', 2), of('theirs', 3), { metadata: { labels: { any: 'thing' } } }, {}];
    expect(orphansIn(objects, 'ours', new Set(['1-1']))).toEqual([{ experimentId: 2, attempt: 1 }]);
  });
});
