// How does the page get into a browser?
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '#decider';
import type { Encoding, Page, PageFile } from './built-page.ts';

/** Nothing inline, nothing from elsewhere, in nobody's frame, and no text becomes markup. */
const policy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
  "require-trusted-types-for 'script'", "trusted-types 'none'",
].join('; ');
const guarded = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin' };
const forAYear = 'public, max-age=31536000, immutable';

/** Every address below /app is the page: it knows its screens itself. */
export function servePage(server: FastifyInstance, { index, assets }: Page): void {
  server.get('/', (_, reply) => void reply.redirect('/app'));
  const page = (request: FastifyRequest, reply: FastifyReply) => {
    if (!index) throw new Refusal('route-not-found', 'the page was not built', 'npm run build');
    send(request, reply.headers({ ...guarded, 'content-security-policy': policy, 'cache-control': 'no-cache' }), index);
  };
  server.get('/app', page);
  server.get('/app/*', page);
  server.get('/app/assets/:name', (request, reply) => {
    const { name } = request.params as { name: string };
    const file = assets.get(name);
    if (!file) throw new Refusal('route-not-found', 'the page has no such file (any more)');
    send(request, reply.headers({ ...guarded, 'cache-control': forAYear }), file);
  });
}

function send({ headers }: FastifyRequest, reply: FastifyReply, { type, contents }: PageFile): void {
  const encoding = encodingFor(String(headers['accept-encoding'] ?? ''), contents);
  if (encoding !== 'identity') void reply.header('content-encoding', encoding);
  void reply.headers({ 'content-type': type, vary: 'accept-encoding' }).send(contents[encoding]);
}

/** The smallest one that is there and understood. */
export function encodingFor(accepted: string, contents: PageFile['contents']): Encoding {
  const understood = new Set(accepted.split(',').map((one) => one.trim()).filter((one) => !/;\s*q=0(\.0*)?$/.test(one)).map((one) => one.replace(/;.*$/, '')));
  return (['br', 'gzip'] as const).find((encoding) => contents[encoding] && understood.has(encoding)) ?? 'identity';
}
