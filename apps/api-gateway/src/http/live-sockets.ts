// How do command lines watch logs, and what a run uses: a WebSocket on the port of the API.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { Refusal } from '#decider';
import type { AccessGuard } from './access.guard.ts';
import { nameOf, type Authentication, type Caller } from './authentication.ts';
import type { LogMessage, LogStream } from '../logs/log-stream.ts';
import type { ResourceMessage, ResourceStream } from '../resources/resource-stream.ts';

const route = /^\/api\/v1\/([^/?]+)\/([^/?]+)\/experiments\/([^/?]+)(?:\/jobs\/([1-9]\d{0,5}))?\/(logs\/stream|resources)\/?(?:\?|$)/;
const isResources = /\/resources\/?(?:\?|$)/;
/** Bytes, of the protocol. */
const closeReasonMax = 123;

interface Watcher {
  send(message: LogMessage | ResourceMessage): Promise<void>;
  readonly gone: AbortSignal;
}

const aliveMs = 30_000;
const perCaller = 50;

/** The original client shows no refused handshake: every one is accepted, and the reason is a line of the log, and of the close. */
export class LiveSockets {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024, perMessageDeflate: false });
  readonly #open = new Map<string, number>();
  readonly #alive = new WeakSet<WebSocket>();
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(
    private readonly authentication: Authentication,
    private readonly guard: AccessGuard,
    private readonly logs: LogStream,
    private readonly resources: ResourceStream,
  ) {}

  listenOn(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#server.handleUpgrade(request, socket, head, (client) => void this.#welcome(client, request));
    });
    this.#heartbeat = setInterval(() => this.#dropTheDead(), aliveMs).unref();
  }

  /** A restart of the gateway: clients come back with their offset. */
  stop(): void {
    clearInterval(this.#heartbeat);
    for (const client of this.#server.clients) {
      client.close(1012, 'the gateway restarts');
      setTimeout(() => client.terminate(), 500).unref();
    }
    this.#server.close();
  }

  async #welcome(client: WebSocket, request: IncomingMessage): Promise<void> {
    this.#alive.add(client);
    client.on('pong', () => this.#alive.add(client)).on('error', () => client.terminate());
    const watcher = watcherOf(client);
    try {
      await this.#serve(watcher, request);
      client.close(1000);
    } catch (error) {
      const reason = error instanceof Refusal ? error.message : 'it can not be read at the moment; try again';
      if (!isResources.test(request.url ?? '')) await watcher.send({ status: null, log_lines: [reason] }).catch(() => undefined);
      client.close(error instanceof Refusal ? 1008 : 1011, Buffer.byteLength(reason) <= closeReasonMax ? reason : '');
    }
  }

  async #serve(watcher: Watcher, request: IncomingMessage): Promise<void> {
    const [, user, project, id, job, what] = (route.exec(request.url ?? '') ?? []).map((part) => (part === undefined ? undefined : decoded(part)));
    if (user === undefined || project === undefined || id === undefined) throw new Refusal('route-not-found', 'there is no stream at this address');
    const caller = await this.authentication.identify(request.headers.authorization);
    if (!caller) throw new Refusal('not-authenticated', 'a token is required', 'polyaxon login');
    const experiment = await this.guard.mayRead(caller, { user, project, id });
    const attempt = job === undefined ? undefined : Number(job);
    await this.#counted(caller, () => (what === 'resources' ? this.resources.tell(watcher, experiment, attempt) : this.logs.tell(watcher, experiment, { offset: offsetIn(request.url), attempt })));
  }

  async #counted(caller: Caller, work: () => Promise<void>): Promise<void> {
    const name = nameOf(caller);
    const open = this.#open.get(name) ?? 0;
    if (open >= perCaller) throw new Refusal('too-many-requests', `at most ${perCaller} streams at once`);
    this.#open.set(name, open + 1);
    try {
      await work();
    } finally {
      this.#open.set(name, (this.#open.get(name) ?? 1) - 1);
    }
  }

  #dropTheDead(): void {
    for (const client of this.#server.clients) {
      if (!this.#alive.delete(client)) client.terminate();
      else client.ping();
    }
  }
}

/** One message at a time, so that a slow client makes its source wait. */
function watcherOf(client: WebSocket): Watcher {
  const gone = new AbortController();
  client.once('close', () => gone.abort());
  let last: Promise<void> = Promise.resolve();
  const deliver = (message: LogMessage | ResourceMessage) =>
    new Promise<void>((resolve) => {
      if (gone.signal.aborted) return resolve();
      client.send(JSON.stringify(message), () => resolve()); // one that fails closes the socket
    });
  return { gone: gone.signal, send: (message) => (last = last.then(() => deliver(message))) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function offsetIn(url = ''): number {
  const offset = Number(new URL(url, 'http://gateway').searchParams.get('offset') ?? 0);
  return Number.isSafeInteger(offset) && offset >= 0 ? offset : 0;
}
