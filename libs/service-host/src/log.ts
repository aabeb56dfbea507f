// How does a service say what it is doing?
import pino, { type Logger } from 'pino';

export type { Logger };

/** JSON lines on stdout. What must never be read there is cut out by name. */
export function openLog(service: string, level = 'info'): Logger {
  return pino({
    name: service,
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ['password', 'token', 'authorization', '*.password', '*.token', '*.authorization', 'req.headers.authorization'], censor: '[redacted]' },
  });
}
