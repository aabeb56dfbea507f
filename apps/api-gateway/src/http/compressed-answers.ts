// Which answers are sent smaller?
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

const squeeze = promisify(gzip);
/** Less fits into the first packets of a connection anyway. */
const leastLength = 8192;
/** The quickest: half the bytes for a tenth of the time that the best takes. */
const options = { level: constants.Z_BEST_SPEED };

/** What is read, is long, and is JSON, for whoever understands it: a list, curves. It is done beside the event loop. */
export function compressAnswers(server: FastifyInstance): void {
  server.addHook('onSend', async ({ method, headers }, reply, payload: unknown) => {
    if (method !== 'GET' || typeof payload !== 'string' || payload.length < leastLength) return payload;
    if (!String(reply.getHeader('content-type')).startsWith('application/json') || reply.hasHeader('content-encoding')) return payload;
    void reply.header('vary', 'accept-encoding');
    if (!understands(headers['accept-encoding'])) return payload;
    void reply.header('content-encoding', 'gzip').removeHeader('content-length');
    return squeeze(payload, options);
  });
}

function understands(accepted: string | string[] | undefined): boolean {
  return String(accepted ?? '').split(',').some((one) => /^\s*(gzip|\*)\s*(;\s*q=(0?\.0*[1-9]\d*|1(\.0*)?)\s*)?$/i.test(one));
}
