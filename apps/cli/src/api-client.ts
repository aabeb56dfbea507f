// How are requests and answers of the gateway spelled? `/api/v1`, `Authorization: Token`, one idempotency key a write, problems as failures.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Page, Problem } from '#contracts';
import { CommandFailure, exitCodeOf, exitCodes } from './failure.ts';
import { addressOf, backOffMs, ConnectionLost, exchange, type Server } from './transport.ts';

export type Query = Readonly<Record<string, string | number | undefined>>;
export interface Download {
  readonly body: IncomingMessage;
  /** Null: the gateway can't tell before the end. */
  readonly sizeBytes: number | null;
}

const maxTriesInProgress = 8;

export class ApiClient {
  constructor(
    readonly server: Server,
    readonly token: string | null,
  ) {}

  get<Body>(path: string, query: Query = {}): Promise<Body> {
    return this.#json<Body>('GET', path + search(query));
  }

  send<Body>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Body> {
    const content = body === undefined ? '' : JSON.stringify(body);
    return this.#json<Body>(
      method,
      path,
      { ...(content && { 'content-type': 'application/json' }), 'content-length': String(Buffer.byteLength(content)) },
      () => content,
    );
  }

  sendForm<Body>(path: string, fields: Readonly<Record<string, string>>): Promise<Body> {
    const content = new URLSearchParams(fields).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(Buffer.byteLength(content)) };
    return this.#json<Body>('POST', path, headers, () => content);
  }

  put<Body>(path: string, headers: Readonly<Record<string, string>>, body: () => Readable): Promise<Body> {
    return this.#json<Body>('PUT', path, headers, body);
  }

  /** Lists come in pages; some of ours, which end by themselves, as plain arrays. */
  async list<Item>(path: string, query: Query = {}): Promise<readonly Item[]> {
    const body = await this.get<Page<Item> | readonly Item[]>(path, query);
    return 'results' in body ? body.results : body;
  }

  async download(path: string, query: Query = {}, headers: Readonly<Record<string, string>> = {}): Promise<Download> {
    const body = await this.#answer('GET', path + search(query), headers);
    const size = Number(body.headers['x-polyaxon-content-length'] ?? body.headers['content-length'] ?? NaN);
    return { body, sizeBytes: Number.isSafeInteger(size) ? size : null };
  }

  /** An answer of one JSON object a line, as they come. One that breaks off is a failure. */
  async *lines<Line>(path: string, query: Query = {}): AsyncGenerator<Line> {
    const answer = await this.#answer('GET', path + search(query), {});
    let rest = '';
    try {
      for await (const chunk of answer.setEncoding('utf8')) {
        const lines = (rest + (chunk as string)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') yield JSON.parse(line) as Line;
      }
    } catch (error) {
      throw new ConnectionLost(addressOf(this.server), error as NodeJS.ErrnoException);
    }
    if (rest !== '') yield JSON.parse(rest) as Line;
  }

  webSocketUrl(path: string, query: Query = {}): string {
    return `${addressOf(this.server, 'ws')}/api/v1${path}${search(query)}`;
  }

  get authorization(): Readonly<Record<string, string>> {
    return this.token === null ? {} : { authorization: `Token ${this.token}` };
  }

  async #json<Body>(method: string, path: string, headers: Readonly<Record<string, string>> = {}, body?: () => string | Readable): Promise<Body> {
    const text = await this.#textOf(await this.#answer(method, path, headers, body));
    if (text === '') return {} as Body;
    try {
      return JSON.parse(text) as Body;
    } catch {
      throw new CommandFailure(
        'not-a-platform',
        exitCodes.failure,
        `${addressOf(this.server)} answered ${method} ${path} with something else than JSON`,
        'polyaxon config get',
      );
    }
  }

  async #answer(method: string, path: string, headers: Readonly<Record<string, string>>, body?: () => string | Readable): Promise<IncomingMessage> {
    const key = method === 'GET' ? {} : { 'idempotency-key': randomUUID() };
    const wanted = { method, path: `/api/v1${path}`, headers: { ...this.authorization, ...key, ...headers }, ...(body && { body }) };
    for (let tried = 1; ; tried++) {
      const answer = await exchange(this.server, wanted, ({ statusCode }) => statusCode === 502 || statusCode === 503);
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status < 300) return answer;
      const failure = this.#failure(status, await this.#textOf(answer), `${method} ${path}`);
      if (failure.code !== 'request-in-progress' || tried === maxTriesInProgress) throw failure;
      await delay(backOffMs(tried)); // our own first try, whose connection broke, is still worked on
    }
  }

  #failure(status: number, text: string, what: string): CommandFailure {
    const problem = problemIn(text);
    const code = problem?.code ?? `http-${status}`;
    const detail = problem?.detail ?? (text.slice(0, 200).replaceAll(/\s+/g, ' ') || `${what} was answered with ${status}`);
    const fix = problem?.fix ?? (status === 401 ? 'polyaxon login -u USERNAME' : undefined);
    return new CommandFailure(code, exitCodeOf({ status, code: code as Problem['code'] }), detail, fix, problem ?? undefined);
  }

  async #textOf(answer: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of answer) chunks.push(chunk as Buffer);
    } catch (error) {
      throw new ConnectionLost(addressOf(this.server), error as NodeJS.ErrnoException);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

function search(query: Query): string {
  const given = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)] as [string, string]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

function problemIn(text: string): Problem | null {
  try {
    const value = JSON.parse(text) as Problem | null;
    return typeof value?.detail === 'string' ? value : null;
  } catch {
    return null;
  }
}
