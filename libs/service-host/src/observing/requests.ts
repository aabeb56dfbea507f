// What is known of each request, for its log lines, its events, its span and the metrics?
import { AsyncResource } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { beginSpan, onErrand, type Errand, type Span } from '#event-store';
import type { HttpMetrics } from './http-metrics.ts';
import { readTraceparent } from './traceparent.ts';

export const correlationHeader = 'x-request-id';

const idShape = /^[\w.:@/+=-]{1,128}$/;
/** Asked again and again by those who look after the service: in no trace. */
const untraced = new Set(['/live', '/ready', '/metrics', '/about']);

/** What the caller names it, else the trace it belongs to, else a new one. */
export function correlationIdOf(headers: IncomingHttpHeaders): string {
  const given = headers[correlationHeader];
  if (typeof given === 'string' && idShape.test(given)) return given;
  return readTraceparent(headers.traceparent)?.traceId ?? randomUUID();
}

/** Before every other hook, so that whatever a request comes to is done on its errand. */
export function observeRequests(server: FastifyInstance, metrics: HttpMetrics): void {
  const resources = new WeakMap<FastifyRequest, AsyncResource>();
  server.addHook('onRoute', ({ method, url }) => metrics.route(method, url));
  server.addHook('onRequest', (request, reply, done) => {
    const span = spanOf(request);
    const beganAtMs = performance.now();
    metrics.began();
    void reply.header(correlationHeader, request.id);
    reply.raw.once('close', () => {
      // Whoever asked may be gone before there was an answer: 499, as proxies say.
      const statusCode = reply.raw.headersSent ? reply.raw.statusCode : 499;
      metrics.ended(request.method, routeOf(request), statusCode, performance.now() - beganAtMs);
      span?.end({ ...(statusCode >= 500 && { error: new Error(`answered ${statusCode}`) }), attributes: { 'http.response.status_code': statusCode } });
    });
    onErrand(errandOf(request, span), () => {
      resources.set(request, new AsyncResource('request'));
      done();
    });
  });
  // The body arrives in events of the connection, which know nothing of the errand.
  server.addHook('preValidation', (request, _, done) => {
    const resource = resources.get(request);
    if (resource) resource.runInAsyncScope(done);
    else done();
  });
}

/** Never the address itself, which has names and numbers in it. */
export function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unmatched';
}

function spanOf(request: FastifyRequest): Span | undefined {
  const route = routeOf(request);
  if (untraced.has(route)) return undefined;
  const attributes = { 'http.request.method': request.method, 'http.route': route, 'polyaxon.correlation_id': request.id };
  return beginSpan(`${request.method} ${route}`, { kind: 'server', parent: parentOf(request), attributes });
}

/** Where nothing is traced, what came with the request is passed on as it is. */
function errandOf(request: FastifyRequest, span: Span | undefined): Errand {
  const { id, experimentId = id } = (request.params ?? {}) as { id?: string; experimentId?: string };
  const number = /\/experiments\/:id|:experimentId/.test(routeOf(request)) ? Number(experimentId) : NaN;
  const traceparent = span?.traceparent ?? parentOf(request);
  return { correlationId: request.id, ...(Number.isSafeInteger(number) && { experimentId: number }), ...(traceparent && { traceparent }) };
}

function parentOf({ headers: { traceparent } }: FastifyRequest): string | undefined {
  return readTraceparent(traceparent) && String(traceparent);
}
