// How does a service say what it is doing?
import pino, { type Logger } from 'pino';
import { currentErrand } from '#event-store';

export type { Logger };

/** JSON lines on stdout, each with the errand it is said on. What must never be read there is cut out by name. */
export function openLog(service: string, level = 'info'): Logger {
  return pino({
    name: service,
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: errand,
    redact: { paths: ['password', 'token', 'authorization', '*.password', '*.token', '*.authorization', 'req.headers.authorization'], censor: '[redacted]' },
  });
}

function errand(): object {
  const { correlationId, experimentId, traceparent } = currentErrand() ?? {};
  return { ...(correlationId && { correlationId }), ...(experimentId !== undefined && { experimentId }), ...(traceparent && { traceId: traceparent.slice(3, 35) }) };
}
