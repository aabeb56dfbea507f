// What does the command line ask of a gateway? A server on a free port that speaks the contract and remembers every request.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import type { ExperimentBody } from '#contracts';

export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}
export type Answer = (request: Recorded, response: ServerResponse) => unknown;
type Stream = (socket: WebSocket, offset: number) => void;

export class RecordingGateway {
  readonly requests: Recorded[] = [];
  readonly #answers = new Map<string, Answer>();
  readonly #server: Server = createServer((request, response) => void this.#handle(request, response));
  readonly #sockets = new Set<Socket>();
  stream: Stream = (socket) => socket.close(1000);

  async start(): Promise<this> {
    const streams = new WebSocketServer({ noServer: true });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('upgrade', (request, socket, head) => {
      const recorded = this.#record(request, Buffer.alloc(0));
      streams.handleUpgrade(request, socket, head, (one) => this.stream(one, Number(recorded.query.offset)));
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `GET /users`, under /api/v1; a value is answered as JSON, a function answers itself. */
  on(route: string, answer: unknown, status = 200): this {
    this.#answers.set(route, typeof answer === 'function' ? (answer as Answer) : (_request, response) => json(response, status, answer));
    return this;
  }

  forget(): void {
    this.requests.length = 0;
    this.#answers.clear();
    this.stream = (socket) => socket.close(1000);
  }

  /** `POST /mona/mnist/experiments/23/resume {"update_code":true}`; reads that only look at a state are left out. */
  get said(): string[] {
    return this.requests.map(({ method, path, query, body, headers }) => {
      const search = Object.keys(query).length > 0 ? `?${decodeURIComponent(new URLSearchParams(query).toString())}` : '';
      const text = headers['content-type'] === 'application/json' ? ` ${body.toString()}` : '';
      return `${method} ${path}${search}${text}`;
    });
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const recorded = this.#record(request, Buffer.concat(chunks));
    const answer = this.#answers.get(`${recorded.method} ${recorded.path}`);
    if (answer) await answer(recorded, response);
    else problem(response, 404, 'route-not-found', `there is no ${recorded.method} ${recorded.path}`);
  }

  #record(request: IncomingMessage, body: Buffer): Recorded {
    const url = new URL(request.url ?? '/', 'http://gateway');
    const recorded = {
      method: request.method ?? '',
      path: url.pathname.replace(/^\/api\/v1/, ''),
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body,
    };
    this.requests.push(recorded);
    return recorded;
  }
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(status === 204 ? undefined : JSON.stringify(body));
}

export function problem(response: ServerResponse, status: number, code: string, detail: string, fix?: string): void {
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ type: `urn:polyaxon:${code}`, title: code, status, code, detail, ...(fix && { fix }) }));
}

export function experimentBody(id: number, changes: Partial<ExperimentBody> = {}): ExperimentBody {
  return {
    id,
    uuid: '0'.repeat(32),
    name: null,
    unique_name: `mona.mnist.${id}`,
    user: 'mona',
    project: 'mona.mnist',
    experiment_group: null,
    build_job: null,
    description: null,
    tags: ['night'],
    last_status: 'running',
    last_status_message: null,
    last_metric: { loss: 0.25 },
    params: { lr: 0.5, optimizer: 'sgd' },
    content: '',
    command: 'python train.py',
    resources: null,
    run_env: null,
    framework: null,
    backend: null,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    started_at: null,
    finished_at: null,
    total_run: null,
    exit_code: null,
    attempt: 1,
    is_clone: false,
    is_managed: true,
    has_tensorboard: false,
    num_jobs: 0,
    ttl: null,
    jobs: [],
    original: null,
    source_id: null,
    outputs_owner_id: id,
    cloning_strategy: null,
    code_revision: 'c0de'.repeat(16),
    outputs_path: `mona/mnist/experiments/${id}`,
    outputs_state: 'kept',
    is_pinned: false,
    logs_path: `mona/mnist/experiments/${id}`,
    ...changes,
  };
}
