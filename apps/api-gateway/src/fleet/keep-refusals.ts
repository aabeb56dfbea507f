// How is it remembered what was refused?
import type { FastifyInstance } from 'fastify';
import type { Problem } from '#contracts';
import { nameOf, type Authentication } from '../http/authentication.ts';
import type { RecentRefusals } from './recent-refusals.ts';

/** Whatever refuses, this is the way every answer goes. */
export function keepRefusals(server: FastifyInstance, authentication: Authentication, refusals: RecentRefusals): void {
  server.addHook('onSend', async (request, reply, payload) => {
    if (reply.statusCode < 400 || reply.statusCode >= 500 || typeof payload !== 'string' || !String(reply.getHeader('content-type')).startsWith('application/problem+json')) return;
    const { code, detail, fix = null } = JSON.parse(payload) as Problem;
    const caller = await authentication.callerOf(request).catch(() => null);
    refusals.keep({ code, detail, fix, by: caller && nameOf(caller), method: request.method, url: request.url });
  });
}
