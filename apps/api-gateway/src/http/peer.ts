// What does another service answer, and what is said when it is away?
import { Readable } from 'node:stream';
import { ServiceUnavailableException } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { refusalStatuses, type Problem, type RefusalCode } from '#contracts';
import { Refusal } from '#decider';
import { currentErrand } from '#event-store';
import { correlationHeader, internalTokenHeader } from '#service-host';

export interface PeerRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Not given: it is read. Bytes, unless the headers say otherwise. */
  readonly put?: Buffer;
  readonly signal?: AbortSignal;
  /** Statuses that are no failure, beside success. */
  readonly passed?: readonly number[];
}

const answerWithinMs = 30_000;
const octets = { 'content-type': 'application/octet-stream' };
/** As long as there is another instance to ask. */
const patienceMs = 3000;

/** Requests to one other service with the internal token, all safe to repeat, from whichever of its instances answers. What it refuses is refused; that all are away is 503. */
export class Peer {
  /** Which one has answered last. */
  #first = 0;

  constructor(
    private readonly name: string,
    private readonly urls: readonly string[],
    private readonly token: string,
  ) {}

  async get(request: PeerRequest): Promise<Response> {
    for (let left = this.urls.length; ; left -= 1) {
      const url = this.urls[this.#first % this.urls.length] as string;
      try {
        const response = await this.#ask(url, request, left > 1 ? patienceMs : answerWithinMs);
        if (!response.ok && !request.passed?.includes(response.status)) await this.#refuse(response);
        return response;
      } catch (error) {
        if (error instanceof Refusal || request.signal?.aborted) throw error;
        this.#first += 1;
        if (left > 1) continue;
        if (error instanceof ServiceUnavailableException) throw error;
        throw new ServiceUnavailableException(`the ${this.name} does not answer; try again in a moment`, { cause: error });
      }
    }
  }

  async #ask(url: string, { path, query, headers = {}, put, signal }: PeerRequest, withinMs: number): Promise<Response> {
    const address = new URL(`${url}${path}`);
    for (const [key, value] of Object.entries(query)) if (value !== undefined) address.searchParams.set(key, String(value));
    const { correlationId, traceparent } = currentErrand() ?? {};
    const given = Object.entries({ ...(put && octets), ...headers, [correlationHeader]: correlationId, traceparent, [internalTokenHeader]: this.token }).filter((pair): pair is [string, string] => pair[1] !== undefined);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), withinMs);
    try {
      const sent = put === undefined ? { headers: given } : { method: 'PUT', headers: given, body: new Uint8Array(put.buffer as ArrayBuffer, put.byteOffset, put.length) };
      return await fetch(address, { ...sent, signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal, redirect: 'error' });
    } finally {
      clearTimeout(timer);
    }
  }

  async json<Body>(request: PeerRequest): Promise<Body> {
    return (await (await this.get(request)).json()) as Body;
  }

  async #refuse(response: Response): Promise<never> {
    const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
    const { code, detail, fix } = problem;
    if (code !== undefined && code in refusalStatuses && response.status < 500 && code !== 'not-authenticated') throw new Refusal(code as RefusalCode, detail ?? code, fix);
    throw new ServiceUnavailableException(`the ${this.name} answers ${response.status}; try again in a moment`);
  }
}

/** The body as it comes, never buffered. When it breaks off, so does our answer: a file cut short must not look whole. */
export function passOn(response: Response, reply: FastifyReply, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) reply.header(name, value);
  const body = response.body ? Readable.fromWeb(response.body) : Readable.from([]);
  reply.raw.once('close', () => body.destroy());
  body.on('error', () => reply.raw.destroy());
  reply.code(response.status).send(body);
}

/** Those of the answer that tell a client what it gets. */
export function headersOf(response: Response, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (response.headers.has(name) ? [[name, response.headers.get(name) as string]] : [])));
}
