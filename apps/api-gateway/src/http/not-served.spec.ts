// Is every unserved address of the original platform known, and no served one taken for it?
import { unservedAt } from './not-served.ts';

it('is unserved', () => {
  for (const path of [
    '/bookmarks/u/jobs/', '/bookmarks/u/builds', '/superusers/grant/n', '/u/p/jobs/', '/u/p/builds/1',
    '/u/p/tensorboards', '/u/p/experiments/1/tensorboard/start', '/u/p/notebook/stop', '/u/p/repo/external', '/u/p/experiments/1/ephemeraltoken/', '/u/p/ci', '/searches/u/x',
  ])
    expect([path, unservedAt(`/api/v1${path}`)]).toEqual([path, expect.any(String)]);
});

it('is served', () => {
  for (const path of [
    '/users', '/users/token', '/users/activate/n', '/u', '/u/p', '/u/p/experiments?query=jobs/', '/u/p/experiments/1/logs', '/u/p/repo/upload', '/u/bookmark', '/u/groups', '/jobs/p/experiments/1', '/versions/cli',
    '/bookmarks/u/projects/', '/u/p/bookmark', '/u/p/experiments/1/unbookmark/', '/u/p/experiments/1/jobs/2/logs', '/cluster/', '/nodes/1',
  ])
    expect([path, unservedAt(`/api/v1${path}`)]).toEqual([path, undefined]);
});
