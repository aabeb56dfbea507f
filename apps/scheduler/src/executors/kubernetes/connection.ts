// How is the API server of a cluster asked, with whose credentials, and when is it given up?
import pLimit from 'p-limit';
import { Pool, ProxyAgent, type Dispatcher } from 'undici';
import type { KubeConfig } from '@kubernetes/client-node';
import { problemOf, unreachable } from './cluster-problem.ts';

export interface Question {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** The answer is bytes and no JSON. */
  readonly asIs?: boolean;
  /** What is done, in the words of an error: `create the Job run-3-1`. */
  readonly asked: string;
}

/** As many requests at once; watches don't count. */
export const requestsAtOnce = 16;
const answersWithinMs = 15_000;
/** Tokens and certificates are looked at again after so long: they are changed under us. */
const credentialsForMs = 30_000;

export interface WatchOptions {
  /** Nothing has come for so long: the way to the server is dead. */
  readonly silentMs: number;
  readonly signal: AbortSignal;
  /** The server has begun to answer. */
  readonly opened?: () => void;
}

interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/**
 * The generated client opens a new connection for each request; here they are kept. Who we are is read as `KubeConfig` reads it: files, tokens that are renewed, programs that are asked.
 */
export class Connection {
  readonly server: string;
  readonly #base: URL;
  /** So that whoever waits for a turn is not given up as if the server were silent. */
  readonly #inTurn = pLimit(requestsAtOnce);
  #credentials: { readonly of: Promise<Credentials>; readonly untilMs: number } | undefined;
  #open: { readonly key: string; readonly requests: Dispatcher; readonly watches: Dispatcher } | undefined;

  constructor(private readonly config: KubeConfig) {
    const cluster = config.getCurrentCluster();
    if (!cluster) throw new Error('the kubeconfig names no cluster: set its current-context (kubectl config use-context NAME)');
    this.server = cluster.server;
    this.#base = new URL(cluster.server);
  }

  /** Throws `ClusterProblem` for anything but a success. */
  ask<Answer>(question: Question): Promise<Answer> {
    return this.#inTurn(() => this.#ask<Answer>(question));
  }

  async #ask<Answer>(question: Question): Promise<Answer> {
    const body = question.body === undefined ? null : JSON.stringify(question.body);
    const headers = body === null ? {} : { 'content-type': question.contentType ?? 'application/json' };
    const answer = await this.#send(question, { headers, body, signal: AbortSignal.timeout(answersWithinMs) });
    let bytes: Buffer;
    try {
      bytes = Buffer.from(await answer.body.arrayBuffer());
    } catch (error) {
      throw unreachable(this.server, error);
    }
    if (answer.statusCode >= 300) throw this.#refused(answer.statusCode, bytes.toString(), question);
    return (question.asIs ? bytes : JSON.parse(bytes.toString())) as Answer;
  }

  /** Lines of JSON as they come; over when the server ends it, thrown out of when it is cut or silent for `silentMs`. */
  async *lines(question: Question, { silentMs, signal, opened }: WatchOptions): AsyncGenerator<string> {
    const answer = await this.#send(question, { headers: {}, body: null, signal, isWatch: true, silentMs });
    if (answer.statusCode >= 300) throw this.#refused(answer.statusCode, await answer.body.text().catch(() => ''), question);
    opened?.();
    let rest = '';
    try {
      answer.body.setEncoding('utf8');
      for await (const chunk of answer.body as AsyncIterable<string>) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        yield* lines.filter((line) => line !== '');
      }
    } catch (error) {
      if (signal.aborted) return;
      throw unreachable(this.server, error);
    } finally {
      answer.body.destroy();
    }
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await Promise.all([open?.requests.destroy(), open?.watches.destroy()]);
  }

  async #send(
    { method, path, query = {}, accept = 'application/json' }: Question,
    { headers, body, signal, isWatch = false, silentMs }: { headers: Record<string, string>; body: string | null; signal: AbortSignal; isWatch?: boolean; silentMs?: number },
  ): Promise<Dispatcher.ResponseData> {
    try {
      const credentials = await this.#identify();
      const { requests, watches } = this.#dispatchers(credentials);
      const asked = new URLSearchParams(query).toString();
      return await (isWatch ? watches : requests).request({
        origin: this.#base.origin,
        path: `${this.#base.pathname.replace(/\/$/, '')}${path}${asked === '' ? '' : `?${asked}`}`,
        method,
        headers: { accept, ...credentials.headers, ...headers },
        body,
        signal,
        ...(silentMs !== undefined && { bodyTimeout: silentMs }),
      });
    } catch (error) {
      throw unreachable(this.server, error);
    }
  }

  #refused(code: number, text: string, { asked }: Question): Error {
    if (code === 401) this.#credentials = undefined;
    return problemOf(code, text, asked);
  }

  async #identify(): Promise<Credentials> {
    const now = performance.now();
    if (!this.#credentials || now > this.#credentials.untilMs) this.#credentials = { of: this.#read(), untilMs: now + credentialsForMs };
    try {
      return await this.#credentials.of;
    } catch (error) {
      this.#credentials = undefined;
      throw error;
    }
  }

  async #read(): Promise<Credentials> {
    const options: { headers?: Record<string, string>; auth?: string } & Omit<Credentials, 'headers'> = {};
    await this.config.applyToHTTPSOptions(options);
    const { headers = {}, auth, ca, cert, key, servername, rejectUnauthorized } = options;
    return {
      headers: { ...headers, ...(auth && { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` }) },
      ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...(servername && { servername }), ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    };
  }

  /** New ones when the certificates are: those that are asked for something finish it on the old ones. */
  #dispatchers({ headers: _, ...tls }: Credentials): { readonly requests: Dispatcher; readonly watches: Dispatcher } {
    const key = JSON.stringify(Object.entries(tls).map(([name, value]) => [name, String(value)]));
    if (this.#open?.key === key) return this.#open;
    const former = this.#open;
    const make = (most: number | null): Dispatcher => {
      const times = { headersTimeout: answersWithinMs, bodyTimeout: answersWithinMs };
      const proxy = this.config.getCurrentCluster()?.proxyUrl;
      if (proxy) return new ProxyAgent({ uri: proxy, requestTls: tls, connections: most, ...times });
      return new Pool(this.#base.origin, { connections: most, connect: { ...tls, timeout: 5000 }, ...times });
    };
    this.#open = { key, requests: make(requestsAtOnce), watches: make(null) };
    void former?.requests.close();
    void former?.watches.close();
    return this.#open;
  }
}
