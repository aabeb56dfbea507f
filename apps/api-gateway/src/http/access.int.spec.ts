// Every route times every role: who gets in, and what do the others see?
import type { OpenAPIObject } from '@nestjs/swagger';
import type { ExperimentBody, GroupBody } from '#contracts';
import { openTestStore, until, type TestStore } from '#testing';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';
import type { AccessRule } from './access.ts';

type Role = 'anonymous' | 'nonsense' | 'owner' | 'other' | 'admin' | 'own run' | 'another run';
const roles: readonly Role[] = ['anonymous', 'nonsense', 'owner', 'other', 'admin', 'own run', 'another run'];
type Outcome = 'in' | 401 | 403 | 404;

interface Place {
  readonly project: string;
  readonly isPublic: boolean;
  readonly id: number;
  readonly groupId: number;
  readonly tokens: Readonly<Record<Role, string | null>>;
}

interface Route {
  readonly method: string;
  readonly path: string;
  readonly rule: AccessRule;
}

const denials = ['not-authenticated', 'not-allowed', 'user-not-found', 'project-not-found', 'experiment-not-found', 'group-not-found', 'route-not-found'];
const bodies: Readonly<Record<string, unknown>> = {
  'POST /api/v1/{user}/{project}/experiments': { is_managed: false },
  'POST /api/v1/{user}/{project}/experiments/{id}/statuses': { status: 'running' },
  'POST /api/v1/{user}/{project}/experiments/{id}/metrics': { values: { a: 1 } },
  'POST /api/v1/{user}/{project}/experiments/{id}/logs': ['a line'],
};

let database: TestStore;
let gateway: GatewayUnderTest;
let routes: Route[];
let document: OpenAPIObject;

beforeAll(async () => {
  database = await openTestStore();
  gateway = await startGatewayUnderTest({ databaseUrl: database.url });
  document = (await gateway.call<OpenAPIObject>('GET', '/openapi.json', { token: null })).body;
  routes = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, { 'x-polyaxon-access'?: AccessRule }>).map(([method, operation]) => ({
      method: method.toUpperCase(), path, rule: operation['x-polyaxon-access'] as AccessRule,
    })),
  );
  // What ends a session or takes something away comes last.
  routes.sort((a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE') || b.path.length - a.path.length);
});
afterAll(async () => {
  await gateway?.stop();
  await database?.close();
});

async function place(name: string, isPublic: boolean): Promise<Place> {
  const user = `owner-${name}`;
  const owner = await gateway.user(user);
  await gateway.call('POST', '/projects', { token: owner, json: { name: 'project', is_public: isPublic } });
  const create = () => gateway.call<ExperimentBody>('POST', `/${user}/project/experiments`, { token: owner, json: { content: 'version: 1\nkind: experiment\nrun: {cmd: "true"}' } });
  const [own, another] = [(await create()).body.id, (await create()).body.id];
  const group = { content: 'version: 1\nkind: group\nhptuning: {matrix: {lr: {values: [1]}}}\nrun: {cmd: "true"}' };
  const groupId = (await gateway.call<GroupBody>('POST', `/${user}/project/groups`, { token: owner, json: group })).body.id;
  const tokens: Record<Role, string | null> = {
    anonymous: null, nonsense: 'nonsense', owner, other: await gateway.user(`other-${name}`), admin: 'the-token-of-the-administrator', 'own run': gateway.runToken(own), 'another run': gateway.runToken(another),
  };
  return { project: `${user}/project`, isPublic, id: own, groupId, tokens };
}

function expected({ path, rule: { policy, run } }: Route, role: Role, isPublic: boolean): Outcome {
  if (policy === 'public') return 'in';
  if (role === 'anonymous' || role === 'nonsense') return 401;
  const isRun = role === 'own run' || role === 'another run';
  if (path.startsWith('/api/v1/bookmarks/{user}') && role === 'other') return 403; // what somebody marks is nobody else's business
  if (policy === 'login') return isRun ? 403 : 'in';
  if (policy === 'admin') return role === 'admin' ? 'in' : 403;
  if (isRun && !policy.endsWith('-experiment')) return 403;
  if (isRun) return role === 'another run' ? 404 : run ? 'in' : 403;
  if (role === 'owner' || role === 'admin') return 'in';
  if (!isPublic) return 404;
  return policy.startsWith('read-') ? 'in' : 403;
}

async function outcome({ method, path }: Route, { project, id, groupId, tokens }: Place, role: Role): Promise<Outcome> {
  const [user = '', name = ''] = project.split('/');
  const number = String(path.includes('/groups/') ? groupId : id);
  const filled = path.replace('{user}', user).replace('{project}', name).replace('{username}', user.replace('owner', 'other')).replace('{id}', number);
  const url = gateway.url.replace(/\/api\/v1$/, '') + filled;
  const token = tokens[role];
  const json = bodies[`${method} ${path}`];
  const upload = path.endsWith('/repo/upload') ? new FormData() : undefined;
  const stop = new AbortController();
  const body = upload ?? (json === undefined ? undefined : JSON.stringify(json));
  const headers = { ...(token && { authorization: `Token ${token}` }), ...(json !== undefined && { 'content-type': 'application/json' }) };
  const response = await fetch(url, { method, headers, signal: stop.signal, ...(body !== undefined && { body }) });
  const problem = response.headers.get('content-type')?.includes('problem') ? ((await response.json()) as { code: string; detail: string }) : undefined;
  stop.abort(); // an event stream would go on
  if (response.status >= 500 && problem?.code !== 'unavailable') throw new Error(`${method} ${url} as ${role}: ${response.status} ${problem?.detail}`);
  return problem && denials.includes(problem.code) ? (response.status as Outcome) : 'in';
}

describe('access', () => {
  it('is stated by every route', () => {
    expect(routes.length).toBeGreaterThan(40);
    expect(routes.filter(({ rule }) => !rule)).toEqual([]);
  });

  it.each([true, false])('is what the policy says, for a project that is public: %s', async (isPublic) => {
    const seen: string[] = [];
    const wanted: string[] = [];
    for (const role of roles) {
      const there = await place(`${isPublic ? 'public' : 'private'}-${role.replace(' ', '-')}`, isPublic);
      for (const route of routes) {
        const line = `${route.method} ${route.path} as ${role}: `;
        seen.push(line + (await outcome(route, there, role)));
        wanted.push(line + expected(route, role, isPublic));
      }
    }
    expect(seen).toEqual(wanted);
  });

  it('answers for what is foreign and private exactly as for what does not exist', async () => {
    const { project, tokens, id } = await place('hidden', false);
    const other = { token: tokens.other };
    const hidden = (await gateway.call('GET', `/${project}`, other)).text;
    await gateway.call('POST', '/projects', { json: { name: 'visible-neighbour' } });
    const unknown = (await gateway.call('GET', `/${project.replace('/project', '/unknown')}`, other)).text;
    const neutral = (text: string) => text.replaceAll(/owner-hidden\/(project|unknown)/g, '<project>').replace(/"requestId":"[^"]*"/, '');
    expect(neutral(hidden)).toBe(neutral(unknown));
    expect((await gateway.call('GET', `/experiments/${id}`, other)).status).toBe(404);
    expect((await gateway.call('GET', `/${project.split('/')[0]}`, other)).body).toMatchObject({ count: 0, results: [] });
  });

  it('of a run ends with it, or with its attempt', async () => {
    const { project, id } = await place('ended', false);
    const asRun = (attempt: number) => gateway.call('GET', `/${project}/experiments/${id}`, { token: gateway.runToken(id, attempt) });
    const done = { experimentId: id, attempt: 2, wasStarted: false, exitCode: 0, message: null, endedAt: '2026-01-01T00:00:00.000Z' };
    expect((await asRun(1)).status).toBe(200);
    const over = { experimentId: id, attempt: 1, wasStarted: true, exitCode: null, message: 'its node is gone', endedAt: '2026-01-01T00:00:00.000Z', cause: 'node-lost' as const };
    await database.store.append(`run-${id}`, -1, [{ type: 'RunPreempted', data: over }], { actor: 'scheduler' });
    const refused = await until('the attempt that is over is refused, before the next one has begun', async () => {
      const { status, body } = await asRun(1);
      return status === 401 ? (body as { detail: string }) : null;
    });
    expect(refused.detail).toBe(`this token was good for attempt 1 of experiment ${id}, which has ended`);
    const started = { experimentId: id, attempt: 2, console: 'file:///nowhere', logsPath: `${project}/experiments/${id}`, startedAt: '2026-01-01T00:00:00.000Z' };
    await database.store.append(`run-${id}`, 0, [{ type: 'RunStarted', data: started }], { actor: 'scheduler' });
    expect((await asRun(2)).status).toBe(200);
    await database.store.append(`run-${id}`, 1, [{ type: 'RunSucceeded', data: done }], { actor: 'scheduler' });
    await until('the run has ended', async () => (await asRun(2)).status === 401);
    expect((await asRun(3)).body).toMatchObject({ code: 'not-authenticated' });
    expect((await gateway.call('GET', `/experiments/${id}`, { token: gateway.runToken(id).replace(/.$/, 'x') })).status).toBe(401);
  });

  it('of the page is a cookie, with which only the page itself changes something', async () => {
    const token = await gateway.user('somebody');
    const asPage = { 'x-polyaxon-page': '1' };
    const begun = await gateway.call('POST', '/users/session', { token: null, json: { username: 'somebody', password: 'the password of somebody' } });
    expect(begun).toMatchObject({ status: 200, body: { username: 'somebody' } });
    const cookie = begun.headers.get('set-cookie')?.split(';')[0] ?? '';
    const asks = (method: string, path: string, headers: Record<string, string>, json?: unknown) =>
      gateway.call(method, path, { token: null, headers: { cookie, ...headers }, ...(json !== undefined && { json }) });
    expect((await asks('GET', '/users', {})).body).toMatchObject({ username: 'somebody' });
    for (const headers of [{}, { ...asPage, origin: 'http://127.0.0.1:1' }]) expect((await asks('POST', '/projects', headers, { name: 'foreign' })).body).toMatchObject({ code: 'not-allowed' });
    expect((await asks('POST', '/projects', { ...asPage, origin: new URL(gateway.url).origin }, { name: 'own' })).status).toBe(201);
    expect((await asks('DELETE', '/users/session', asPage)).headers.get('set-cookie')).toMatch(/Max-Age=0/);
    expect((await asks('GET', '/users', {})).status).toBe(401);
    expect((await gateway.call('GET', '/users', { token })).status).toBe(200); // another session goes on
    for (const json of [{ token }, { token: 'nonsense' }, { token: gateway.runToken(1) }, { username: 'somebody' }, { username: 'somebody', password: 'wrong' }]) {
      const { status } = await gateway.call('POST', '/users/session', { token: null, json });
      expect([json, status]).toEqual([json, json.token === token ? 200 : json.token || json.password ? 401 : 400]);
    }
  });
});

it('whoever is not known is counted, by what was wrong', async () => {
  const counted = async () => {
    const text = await (await fetch(gateway.url.replace('/api/v1', '/metrics'))).text();
    return ['token', 'password', 'run'].map((reason) => Number(new RegExp(`^polyaxon_auth_failures_total\\{reason="${reason}"\\} (\\d+)$`, 'm').exec(text)?.[1]));
  };
  const [tokens = NaN, passwords = NaN, runs = NaN] = await counted();
  await gateway.call('GET', '/users', { token: 'nobody-s' });
  await gateway.call('POST', '/users/session', { token: null, json: { username: 'root', password: 'wrong' } });
  await gateway.call('GET', '/users', { token: gateway.runToken(999_999) });
  expect(await counted()).toEqual([tokens + 1, passwords + 1, runs + 1]);
});
