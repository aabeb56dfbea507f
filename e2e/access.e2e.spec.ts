// Who may do what? Owners, strangers, programs of runs and nobody at all, in public and in private; and do secrets stay secret?
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { WebSocket } from 'ws';
import type { ExperimentBody, HistoryEntry, Page, Problem } from '#contracts';
import { until } from '#testing';
import { Platform, root, type Answer } from './platform.ts';

interface Route {
  readonly method: string;
  readonly path: string;
  readonly policy: string;
}
type Document = { paths: Record<string, Record<string, { 'x-polyaxon-access': { policy: string } }>> };

/** Of an answer, what is another one each time. */
const ofTheMoment = { requestId: '', at: '' };
const passwords = { root: 'the-canary-password-of-root', mona: 'the-canary-password-of-mona', stranger: 'the-canary-password-of-a-stranger' };
const tokens: Record<string, string> = {};
let platform: Platform;
let routes: Route[];
/** Everything the platform has answered, to be searched for secrets at the end. */
const heard: string[] = [];
let open: ExperimentBody;
let secret: ExperimentBody;
let runToken: string;

async function ask(who: string | null, method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await platform.api(method, path, body, { token: who === null ? null : (tokens[who] ?? who) });
  if (!path.startsWith('users/token')) heard.push(answer.text);
  return answer;
}

/** Without what differs from request to request anyway. */
const problem = ({ body }: Answer): Problem => ({ ...(body as Problem), requestId: '' });

async function run(project: string, cmd: string): Promise<ExperimentBody> {
  const content = JSON.stringify({ version: 1, kind: 'experiment', run: { cmd } });
  return (await ask('mona', 'POST', `mona/${project}/experiments`, { content, is_managed: true })).body as ExperimentBody;
}

beforeAll(async () => {
  platform = await Platform.start({ POLYAXON_ADMIN_PASSWORD: passwords.root });
  tokens.root = readFileSync(join(platform.home, 'admin-token'), 'utf8').trim();
  for (const username of ['mona', 'stranger'] as const) {
    await ask('root', 'POST', 'users', { username, password: passwords[username] });
    const withKey = { token: null, headers: { 'idempotency-key': randomUUID() } };
    const answer = await platform.api('POST', 'users/token', { username, password: passwords[username] }, withKey);
    tokens[username] = answer.body.token as string;
  }
  await ask('mona', 'POST', 'projects', { name: 'open', is_public: true });
  await ask('mona', 'POST', 'projects', { name: 'secret', is_public: false });
  const document = (await ask(null, 'GET', 'openapi.json')).body as Document;
  routes = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { 'x-polyaxon-access': { policy } }]) => ({ method: method.toUpperCase(), path: path.replace('/api/v1/', ''), policy })),
  );
  const save = 'echo precious > $POLYAXON_RUN_OUTPUTS_PATH/model; echo "precious words"; ';
  [open, secret] = [await run('open', save), await run('secret', `${save}cd ${platform.folder}; env > written; mv written environment; exec sleep 600`)];
  await platform.done(open.id);
  const environment = await until('the run has written its environment', () => readFileSync(join(platform.folder, 'environment'), 'utf8'));
  runToken = /^POLYAXON_SECRET_USER_TOKEN=(.+)$/m.exec(environment)?.[1] ?? '';
}, 120_000);
afterAll(() => platform.remove(), 60_000);

const addressed = (path: string, project: string, id: number) => path.replace('{user}', 'mona').replace('{project}', project).replace('{id}', String(id));
const ofProject = () => routes.filter(({ path }) => path.includes('{project}'));
/** An event stream goes on, so it is asked for elsewhere. */
const isStream = ({ path }: Route) => /(^|\/)events$/.test(path);

describe('a project of somebody else', () => {
  it('that is private answers on every route as one that does not exist', async () => {
    for (const { method, path } of ofProject()) {
      const foreign = await ask('stranger', method, addressed(path, 'secret', secret.id));
      const unknown = await ask('stranger', method, addressed(path, 'hidden', secret.id));
      expect([method, path, foreign.status]).toEqual([method, path, 404]);
      expect(problem(foreign)).toEqual(JSON.parse(JSON.stringify(problem(unknown)).replaceAll('mona/hidden', 'mona/secret')));
    }
    const [foreign, unknown] = [await ask('stranger', 'GET', `experiments/${secret.id}`), await ask('stranger', 'GET', 'experiments/3')];
    expect(problem(foreign)).toEqual(JSON.parse(JSON.stringify(problem(unknown)).replace('experiment 3', `experiment ${secret.id}`)));
    const listed = (await ask('stranger', 'GET', 'mona')).body as Page<{ name: string }>;
    expect([listed.count, listed.results.map(({ name }) => name)]).toEqual([1, ['open']]);
  });

  it('that is private tells nothing over a socket either', async () => {
    const told = async (project: string) => {
      const address = `${platform.url.replace('http', 'ws')}/api/v1/mona/${project}/experiments/${secret.id}/logs/stream/`;
      const socket = new WebSocket(address, { headers: { authorization: `Token ${tokens.stranger}` } });
      const lines: string[] = [];
      socket.on('message', (message: Buffer) => lines.push(message.toString().replace(project, '')));
      await new Promise((closed) => socket.once('close', closed));
      return lines;
    };
    const lines = await told('secret');
    expect(lines.join()).toContain('there is no project mona/');
    expect(lines).toEqual(await told('hidden'));
  });

  it('that is public can be read by everybody who is logged in, and changed by its owner alone', async () => {
    const at = `mona/open/experiments/${open.id}`;
    expect((await ask('stranger', 'GET', `${at}/outputs/files?path=model`)).text).toBe('precious\n');
    expect((await ask('stranger', 'GET', `${at}/logs`)).text).toContain('precious words');
    const writes = ofProject().filter(({ policy }) => policy.startsWith('write-'));
    expect(writes.length).toBeGreaterThan(15);
    const events = await platform.rows('SELECT id FROM event_store.messages');
    for (const { method, path } of writes) {
      const refused = problem(await ask('stranger', method, addressed(path, 'open', open.id)));
      expect([method, path, refused]).toEqual([method, path, expect.objectContaining({ status: 403, code: 'not-allowed' })]);
    }
    expect(await platform.rows('SELECT id FROM event_store.messages')).toEqual(events);
  });

  it('is the administrator’s too', async () => {
    expect((await ask('root', 'GET', `mona/secret/experiments/${secret.id}`)).body).toMatchObject({ id: secret.id, user: 'mona' });
    expect((await ask('root', 'GET', 'mona')).body).toMatchObject({ count: 2 });
  });

  it('is told of by the command line in the same words', async () => {
    const words = async (...command: string[]) => {
      const { code, err } = await platform.cli(platform.folder, ...command);
      heard.push(err);
      return [code, err];
    };
    expect((await words('login', '-u', 'stranger', '-p', passwords.stranger))[0]).toBe(0);
    expect(await words('project', '-p', 'mona/secret', 'get')).toEqual([3, expect.stringContaining('there is no project mona/secret')]);
    expect(await words('experiment', '-xp', String(secret.id), 'logs')).toEqual([3, expect.stringContaining(`there is no experiment ${secret.id}`)]);
    expect(await words('experiment', '-xp', String(open.id), 'restart')).toEqual([6, expect.stringContaining('only mona may change mona/open')]);
    expect((await words('logout'))[0]).toBe(0);
    expect(await words('project', '-p', 'mona/open', 'get')).toEqual([6, expect.stringContaining('polyaxon login')]);
    expect(await words('login', '-u', 'mona', '-p', 'a wrong one')).toEqual([6, expect.stringContaining('the user name or the password is wrong')]);
  });
});

describe('every route', () => {
  it('wants a token that somebody has, with a slash at its end or without', async () => {
    for (const { method, path, policy } of routes) {
      const address = addressed(path, 'open', open.id);
      for (const [who, slash] of [[null, ''], [null, '/'], ['nonsense', ''], ['nonsense', '/']] as const) {
        if (policy === 'public') expect([path, (await ask(null, method, address + slash)).status === 404]).toEqual([path, false]);
        else expect([method, path, slash, await ask(who, method, address + slash)]).toEqual([method, path, slash, expect.objectContaining({ status: 401 })]);
      }
    }
  });

  it('answers its owner the same with a slash at its end', async () => {
    for (const { path } of routes.filter((route) => route.method === 'GET' && !isStream(route) && !route.path.startsWith('admin/'))) {
      const address = addressed(path, 'open', open.id);
      const [plain, slashed] = [await ask('mona', 'GET', address), await ask('mona', 'GET', `${address}/`)];
      expect([path, slashed.status, slashed.text === '']).toEqual([path, plain.status, plain.text === '']);
      if (plain.body) expect({ ...slashed.body, ...ofTheMoment }).toEqual({ ...plain.body, ...ofTheMoment });
    }
  });

  it('is in the document that is checked in', async () => {
    expect((await ask(null, 'GET', 'openapi.json')).body).toEqual(JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8')));
  });
});

it('lists come 20 a page, and say where the others are', async () => {
  for (let made = 0; made < 45; made += 1) await ask('mona', 'POST', 'mona/open/experiments', { is_managed: false });
  const pages: Page<ExperimentBody>[] = [];
  for (let path: string | null = 'mona/open/experiments/?independent=True'; path !== null; path = pages.at(-1)?.next?.replace(/^.*\/api\/v1\//, '') ?? null) {
    pages.push((await ask('mona', 'GET', path)).body as Page<ExperimentBody>);
  }
  const shapes = pages.map(({ count, results, next, previous }) => [count, results.length, next !== null, previous !== null]);
  expect(shapes).toEqual([[46, 20, true, false], [46, 20, true, true], [46, 6, false, true]]);
  const neighbour = (offset: number) => expect.stringContaining(`${platform.url}/api/v1/mona/open/experiments/?independent=True&offset=${offset}`) as string; // and a cursor, which spares the walk
  expect([pages[1]?.next, pages[1]?.previous]).toEqual([neighbour(40), neighbour(0)]);
  const ids = pages.flatMap(({ results }) => results.map(({ id }) => id));
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
  for (const path of ['mona', `mona/open/experiments/${open.id}/statuses`, `mona/open/experiments/${open.id}/metrics`])
    expect(Object.keys((await ask('mona', 'GET', path)).body as object)).toEqual(['count', 'next', 'previous', 'results']);
});

it('events go on by Last-Event-ID where they broke off: none is lost, none comes twice', async () => {
  const { id } = await run('open', 'for n in 1 2 3; do echo $n; done');
  const seen: HistoryEntry[] = [];
  let last: string | undefined;
  for (let breaks = 0; !seen.some(({ type }) => type === 'ExperimentDone'); breaks += 1) {
    const stop = new AbortController();
    const headers = { authorization: `Token ${tokens.mona}`, ...(last !== undefined && { 'last-event-id': last }) };
    const answer = await fetch(`${platform.url}/api/v1/mona/open/experiments/${id}/events`, { headers, signal: stop.signal });
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      if (/^data: .+\n\n/m.test(text)) break; // one event or a few, and then the connection is cut
    }
    stop.abort();
    for (const [, eventId, type, data] of text.matchAll(/id: (.+)\nevent: (.+)\ndata: (.+)\n\n/g)) {
      const entry = JSON.parse(data as string) as HistoryEntry;
      expect(entry.type).toBe(type);
      seen.push(entry);
      last = eventId;
    }
  }
  const history = (await ask('mona', 'GET', `mona/open/experiments/${id}/history`)).body as HistoryEntry[];
  expect(seen).toEqual(history.slice(0, seen.length));
  expect(seen.map(({ type }) => type)).toEqual(expect.arrayContaining(['ExperimentCreated', 'OutputsPrepared', 'RunStarted', 'LogsArchived', 'ExperimentDone']));
});

describe('the token of a run', () => {
  const at = () => `mona/secret/experiments/${secret.id}`;

  it('reports and reads its own experiment, and nothing else', async () => {
    expect((await ask(runToken, 'GET', at())).body).toMatchObject({ id: secret.id });
    expect((await ask(runToken, 'POST', `${at()}/metrics`, { values: { loss: 0.5 } })).status).toBe(201);
    for (const { method, path } of ofProject().filter((route) => route.path.includes('experiments/{id}')))
      expect([method, path, (await ask(runToken, method, addressed(path, 'open', open.id))).status]).toEqual([method, path, 404]);
    const beyond = [
      ['POST', `${at()}/stop`], ['POST', `${at()}/restart`], ['DELETE', at()], ['GET', 'mona/secret'], ['GET', 'mona/open'],
      ['GET', 'mona/secret/groups/1'], ['GET', 'cluster'], ['GET', 'bookmarks/mona/experiments'], ['POST', 'mona/secret/experiments'],
      ['POST', 'projects'], ['GET', 'users'], ['GET', 'events'], ['POST', 'users'], ['POST', 'admin/rebuild_views'],
    ] as const;
    for (const [method, path] of beyond)
      expect([method, path, (await ask(runToken, method, path, method === 'POST' ? {} : undefined)).status]).toEqual([method, path, 403]);
  });

  it('is dead when its run is', async () => {
    await ask('mona', 'POST', `${at()}/stop`);
    await platform.done(secret.id);
    const ended = { status: 401, detail: `this token was good for attempt 1 of experiment ${secret.id}, which has ended` };
    for (const [method, path] of [['GET', at()], ['POST', `${at()}/metrics`]] as const) expect((await ask(runToken, method, path)).body).toMatchObject(ended);
    const { body: resumed } = await ask('mona', 'POST', `${at()}/resume`);
    await platform.status(resumed.id, 'running');
    expect((await ask(runToken, 'GET', at())).status).toBe(401);
    await ask('mona', 'POST', `mona/secret/experiments/${resumed.id}/stop`);
    await platform.done(resumed.id);
  });
});

/** The database removes files of its own while we look. */
function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

describe('secrets', () => {
  const inHome = (name: string) => readFileSync(join(platform.home, name), 'utf8').trim();

  it('passwords are kept by a function that is dear in memory', async () => {
    const rows = await platform.rows<{ password_hash: string }>('SELECT password_hash FROM api_gateway.users');
    expect(rows.map(({ password_hash: hash }) => hash)).toEqual(Array(3).fill(expect.stringMatching(/^scrypt\$15\$8\$1\$/)));
  });

  it('a run is told its own token and no other secret', () => {
    const environment = readFileSync(join(platform.folder, 'environment'), 'utf8');
    const { databaseUrl } = JSON.parse(inHome('platform.json')) as { databaseUrl: string };
    const others = [...['admin-token', 'internal-token', 'run-token-secret'].map(inHome), ...Object.values(passwords), databaseUrl];
    expect(others.filter((canary) => environment.includes(canary))).toEqual([]);
    expect(environment).toContain('POLYAXON_SECRET_USER_TOKEN=run.');
  });

  it('are in no event, table, log, file or answer', async () => {
    const { databaseUrl } = JSON.parse(inHome('platform.json')) as { databaseUrl: string };
    const canaries = Object.entries({
      'admin token': inHome('admin-token'), 'internal token': inHome('internal-token'), 'run token secret': inHome('run-token-secret'), 'token of a run': runToken,
      'token of mona': tokens.mona, 'token of the stranger': tokens.stranger, 'password of the database': new URL(databaseUrl).password, ...passwords,
    } as Record<string, string>);
    expect(canaries.filter(([, canary]) => canary.length < 16)).toEqual([]);
    const found: string[] = [];
    const search = (where: string, text: string | Buffer) => found.push(...canaries.filter(([, canary]) => text.includes(canary)).map(([name]) => `${name} in ${where}`));

    const tables = await platform.rows<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(['event_store.messages', 'api_gateway.tokens', 'api_gateway.idempotency_keys']));
    for (const { name } of tables) search(name, JSON.stringify(await platform.rows(`SELECT row_to_json(t)::text AS row FROM ${name} t`)));

    // The files that are there to keep a secret, for their owner only, are the only ones.
    const keepers = ['admin-token', 'admin-password', 'internal-token', 'run-token-secret', 'platform.json', 'postgres/password'];
    for (const keeper of keepers) expect([keeper, statSync(join(platform.home, keeper)).mode & 0o77]).toEqual([keeper, 0]);
    const entries = readdirSync(platform.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const files = entries.map(({ parentPath, name }) => relative(platform.home, join(parentPath, name)));
    expect(files).toEqual(expect.arrayContaining(['service-logs/api-gateway.log', 'service-logs/scheduler.log']));
    for (const file of files.filter((name) => !keepers.includes(name))) search(file, readIfThere(join(platform.home, file)));
    search('supervisor.log', readFileSync(join(platform.folder, 'supervisor.log')));
    heard.forEach((text) => search('an answer', text));
    expect(heard.length).toBeGreaterThan(300);
    expect(found).toEqual([]);
  });
});
