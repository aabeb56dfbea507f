// How does every write with an Idempotency-Key act only once?
import type {} from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { nameOf, type Authentication } from './authentication.ts';
import type { Claim, Idempotency } from './idempotency.ts';

const claims = new WeakMap<object, Claim>();
const writes = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Of the request under way; undefined without a key. */
export function claimOf(request: FastifyRequest): Claim | undefined {
  return claims.get(request);
}

/**
 * Before the route: a repeated request gets its old answer, also when what it is about is gone by now. After it: only an answer that says that something was done is kept.
 * Uploads need none: the same files are the same revision. Neither do logins: an answer with a token in it must not be kept.
 */
export function answerRepeatedRequests(server: FastifyInstance, idempotency: Idempotency, authentication: Authentication): void {
  server.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string' || !writes.has(request.method) || request.isMultipart() || isLogin(request.url)) return;
    const caller = await authentication.callerOf(request);
    if (!caller) return; // the route says what is missing
    const begun = await idempotency.begin(nameOf(caller), key, idempotency.hashOf(request.method, request.url, request.body));
    if ('key' in begun) {
      claims.set(request, begun);
      return;
    }
    if (begun.contentType) reply.header('content-type', begun.contentType);
    return reply.code(begun.status).header('idempotency-replayed', 'true').send(begun.body);
  });

  server.addHook('onSend', async (request, reply, payload) => {
    const claim = claims.get(request);
    if (!claim) return;
    claims.delete(request);
    const done = reply.statusCode >= 200 && reply.statusCode < 300 && (payload === null || payload === undefined || typeof payload === 'string');
    const contentType = reply.getHeader('content-type');
    if (done) await idempotency.answered(claim, { status: reply.statusCode, contentType: typeof contentType === 'string' ? contentType : null, body: (payload as string | null) ?? '' });
    else await idempotency.reopen(claim);
  });
}

function isLogin(url: string): boolean {
  return /^\/api\/v1\/users\/(token|session)\b/.test(url);
}
