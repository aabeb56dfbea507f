// How do specs get a gateway on a port, with somebody to answer for the other services?
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfiguration, signRunToken, type RunningService } from '#service-host';
import { gatewayVariables } from './configuration.ts';
import { startGateway } from './gateway.ts';

export const adminToken = 'the-token-of-the-administrator';
export const internalToken = 'the-internal-token';
const runTokenSecret = 'the-secret-of-run-tokens';

/** Answers the internal reads of one other service, by path. */
export type PeerRoutes = Readonly<Record<string, (query: URLSearchParams, response: ServerResponse, request: IncomingMessage) => void>>;

export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly body: Body;
  readonly text: string;
  readonly headers: Headers;
}

export interface CallOptions {
  readonly token?: string | null;
  readonly json?: unknown;
  readonly body?: string | URLSearchParams | FormData | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface GatewayUnderTest {
  readonly url: string;
  readonly service: RunningService;
  readonly codeRoot: string;
  call<Body = Record<string, unknown>>(method: string, path: string, options?: CallOptions): Promise<Answer<Body>>;
  /** A user who is logged in; the token. */
  user(name: string): Promise<string>;
  runToken(experimentId: number, attempt?: number): string;
  stop(): Promise<void>;
}

export interface FixtureOptions {
  readonly databaseUrl: string;
  readonly storageManager?: PeerRoutes;
  readonly logCollector?: PeerRoutes;
  readonly scheduler?: PeerRoutes;
  readonly codeRoot?: string;
  /** What it is told besides. */
  readonly told?: Readonly<Record<string, string>>;
}

export async function startGatewayUnderTest({ databaseUrl, storageManager = {}, logCollector = {}, scheduler = {}, codeRoot, told = {} }: FixtureOptions): Promise<GatewayUnderTest> {
  const peers = await Promise.all([storageManager, logCollector, scheduler].map(startPeer));
  const [storageManagerUrl = '', logCollectorUrl = '', schedulerUrl = ''] = peers.map(addressOf);
  const folder = codeRoot ?? (await mkdtemp(join(tmpdir(), 'polyaxon-code-')));
  const configuration = readConfiguration(gatewayVariables, {
    POLYAXON_DATABASE_URL: databaseUrl, POLYAXON_INTERNAL_TOKEN: internalToken, POLYAXON_HOST: '127.0.0.1', POLYAXON_LOG_LEVEL: 'fatal', POLYAXON_PORT: '0',
    POLYAXON_ADMIN_USER: 'root', POLYAXON_ADMIN_PASSWORD: 'the password of root', POLYAXON_ADMIN_TOKEN: adminToken, POLYAXON_RUN_TOKEN_SECRET: runTokenSecret, POLYAXON_GROUP_MEMBERS_LIMIT: '1000',
    POLYAXON_CODE_ROOT: folder, POLYAXON_SCHEDULER_URL: schedulerUrl, POLYAXON_STORAGE_MANAGER_URL: storageManagerUrl, POLYAXON_LOG_COLLECTOR_URL: logCollectorUrl, ...told,
  });
  const service = await startGateway(configuration);
  const url = `http://127.0.0.1:${service.port}/api/v1`;
  const call = caller(url);
  let stopped: Promise<void> | undefined;
  const stopService = () => (stopped ??= service.stop());
  return {
    url,
    service: { ...service, stop: stopService },
    codeRoot: folder,
    call,
    async user(name) {
      await call('POST', '/users', { json: { username: name, password: `the password of ${name}` } });
      const { body } = await call<{ token: string }>('POST', '/users/token', { token: null, body: new URLSearchParams({ username: name, password: `the password of ${name}` }) });
      return body.token;
    },
    runToken: (experimentId, attempt = 1) => signRunToken(runTokenSecret, { experimentId, attempt }),
    async stop() {
      await stopService();
      for (const peer of peers) {
        peer.closeAllConnections();
        await new Promise((resolve) => peer.close(resolve));
      }
      if (codeRoot === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function caller(url: string): GatewayUnderTest['call'] {
  return async <Body>(method: string, path: string, { token = adminToken, json, body, headers = {} }: CallOptions = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(token && { authorization: `Token ${token}` }), ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
      redirect: 'error',
      ...(json !== undefined ? { body: JSON.stringify(json) } : body !== undefined ? { body } : {}),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, headers: response.headers, text, body: (isJson ? JSON.parse(text) : undefined) as Body };
  };
}

/** Unless a test says otherwise. */
const storesAreWell: PeerRoutes = { '/internal/outputs/store': (_, response) => response.end(JSON.stringify({ known: ['default'], problem: null })) };

async function startPeer(routes: PeerRoutes): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://peer');
    const isAllowed = pathname === '/about' || request.headers['x-polyaxon-internal-token'] === internalToken;
    const route = isAllowed ? (routes[pathname] ?? storesAreWell[pathname]) : undefined;
    if (route) return route(searchParams, response, request);
    response.writeHead(404, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ code: pathname.startsWith('/internal/logs/') ? 'logs-not-found' : 'path-not-found', detail: `nothing at ${pathname}` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
