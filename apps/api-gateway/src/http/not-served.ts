// Which addresses of the original platform are there no answers for, and how is that said?
import type { FastifyInstance } from 'fastify';
import { Refusal } from '#decider';

const unserved: readonly (readonly [RegExp, string])[] = [
  [/^\/bookmarks\/[^/]+\/(?!(projects|experiments|groups)(\/|$))/, 'bookmarks of jobs and builds'],
  [/^\/superusers(\/|$)/, 'this way to make somebody an administrator: say so when the user is created'],
  [/^\/(searches|archives|activitylogs|historylogs)(\/|$)/, 'saved searches, archives and activity logs'],
  [/^\/[^/]+\/[^/]+\/(jobs|builds|ci)(\/|$)/, 'jobs and builds'],
  [/^\/[^/]+\/[^/]+\/((experiments|groups)\/[^/]+\/)?(tensorboards?|notebook)(\/|$)/, 'notebooks and tensorboards'],
  [/^\/[^/]+\/[^/]+\/repo\/(external|sync)(\/|$)/, 'code from a git server: upload it'],
  [/^\/[^/]+\/[^/]+\/(experiments\/[^/]+\/)?(ephemeraltoken|impersonatetoken)(\/|$)/, 'tokens for tokens: a run is given its own'],
];

/** Before anything is looked up, so that it says nothing about what exists. */
export function refuseUnserved(server: FastifyInstance): void {
  server.addHook('onRequest', async (request) => {
    const what = unservedAt(request.url);
    if (what) throw new Refusal('not-served', `not served here: ${what}`);
  });
}

export function unservedAt(url: string): string | undefined {
  if (!url.startsWith('/api/v1/')) return undefined;
  const path = url.slice('/api/v1'.length).replace(/\?.*$/, '');
  return unserved.find(([pattern]) => pattern.test(path))?.[1];
}
