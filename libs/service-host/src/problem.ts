// How does a refusal look over HTTP, and what is said of a fault?
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { refusalStatuses, type Problem, type RefusalCode } from '#contracts';
import { Refusal } from '#decider';
import { kindOf } from '#messaging';
import type { Logger } from './log.ts';
import { counter } from './metrics/instruments.ts';

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): void;
}

const codeOfStatus: Readonly<Record<number, RefusalCode>> = { 400: 'request-invalid', 401: 'not-authenticated', 403: 'not-allowed', 404: 'route-not-found', 413: 'upload-too-large', 429: 'too-many-requests' };

/** One line in `detail`, since the original client prints the body as it is. A fault says nothing of the inside; its log line carries the same request id. */
export function problemOf(error: unknown, requestId?: string): Problem {
  const extra = requestId === undefined ? {} : { requestId };
  if (error instanceof Refusal) {
    const code = error.code as RefusalCode;
    return { type: `urn:polyaxon:${code}`, title: code.replaceAll('-', ' '), status: refusalStatuses[code] ?? 400, code, detail: oneLine(error.message), ...(error.fix && { fix: error.fix }), ...extra };
  }
  const status = error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number } | null)?.statusCode;
  if (status !== undefined && status >= 400 && status < 500) {
    const code = codeOfStatus[status] ?? 'request-invalid';
    return { type: `urn:polyaxon:${code}`, title: code.replaceAll('-', ' '), status, code, detail: oneLine(messageOf(error)), ...extra };
  }
  const databaseAway = status === undefined && kindOf(error) === 'transient';
  const unavailable = status === 503 || databaseAway;
  const code = unavailable ? 'unavailable' : 'internal-error';
  const detail = databaseAway ? 'The database does not answer; try again in a moment.' : unavailable ? oneLine(messageOf(error)) : 'Something failed on our side; the server log has the reason under this request id.';
  return { type: `urn:polyaxon:${code}`, title: code.replaceAll('-', ' '), status: unavailable ? 503 : 500, code, detail, ...extra };
}

@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #refusals = counter('refusals_total');

  constructor(private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<{ id?: string; method?: string; url?: string }>();
    const problem = problemOf(error, request.id);
    const isProbe = request.url === '/ready'; // who asks that hears why not, and asks again and again
    if (!isProbe) this.#refusals.inc({ code: problem.code });
    if (problem.status >= 500 && !isProbe) this.log.error({ err: error, correlationId: request.id, method: request.method, url: request.url }, 'request failed');
    const reply = host.switchToHttp().getResponse<Reply>();
    if (problem.status === 503) reply.header('connection', 'close'); // behind one address there may be others: over this connection whoever asks again would meet this one for ever
    const { detail, fix, ...rest } = problem; // first, what a person reads: the original client prints the body as it is
    reply.status(problem.status).header('content-type', 'application/problem+json; charset=utf-8').send(JSON.stringify({ detail, fix, ...rest }));
  }
}

function messageOf(error: unknown): string {
  if (error instanceof HttpException) {
    const body = error.getResponse();
    const message = typeof body === 'string' ? body : (body as { message?: string | string[] }).message;
    return Array.isArray(message) ? message.join('; ') : (message ?? error.message);
  }
  return error instanceof Error ? error.message : String(error);
}

function oneLine(value: string): string {
  return value.replaceAll(/\s*\n\s*/g, ' ').trim();
}
