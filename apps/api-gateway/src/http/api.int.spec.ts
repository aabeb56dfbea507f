// Does the API keep its contract: users, projects, experiments, what a program reports, and what is refused how?
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { ExperimentBody, Page, Problem, ProjectBody, StatusBody } from '#contracts';
import { openTestStore, until, type TestStore } from '#testing';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';

const polyaxonfile = 'version: 1\nkind: experiment\nparams: {lr: 0.1}\nrun:\n  cmd: echo {{ lr }}\n';
let database: TestStore;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  database = await openTestStore();
  const started = await startGatewayUnderTest({ databaseUrl: database.url });
  gateway = { ...started, call: asDocumented(started.call, (await started.call<OpenAPIObject>('GET', '/openapi.json')).body) };
}, 120_000);
afterAll(async () => {
  await gateway?.stop();
  await database?.close();
});

/** Every answer of these tests is also held against the OpenAPI document. */
function asDocumented(call: GatewayUnderTest['call'], document: OpenAPIObject): GatewayUnderTest['call'] {
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  type Operation = { responses: Record<string, { content?: Record<string, { schema: object }> }> };
  const operations = Object.entries(document.paths).map(([path, item]) => ({ path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`), variables: path.split('{').length, item: item as Record<string, Operation> }));
  const validators = new Map<object, ValidateFunction>();
  return async (method, path, options) => {
    const answer = await call(method, path, options);
    const address = `/api/v1${path.replace(/\?.*$/, '').replace(/\/$/, '')}`;
    const found = operations.filter((operation) => operation.path.test(address)).sort((a, b) => a.variables - b.variables)[0]?.item[method.toLowerCase()];
    const content = (found?.responses[answer.status] ?? found?.responses.default)?.content;
    const schema = content && Object.values(content)[0]?.schema;
    if (!schema || answer.body === undefined) return answer as never;
    const validate = validators.get(schema) ?? ajv.compile(schema);
    validators.set(schema, validate);
    if (!validate(answer.body)) throw new Error(`${method} ${path} does not answer as documented: ${ajv.errorsText(validate.errors)} in ${answer.text.slice(0, 500)}`);
    return answer as never;
  };
}

const createProject = (name: string, more: object = {}, token?: string) => gateway.call<ProjectBody>('POST', '/projects', { json: { name, ...more }, ...(token && { token }) });
const createExperiment = (project: string, more: object = {}) => gateway.call<ExperimentBody>('POST', `/root/${project}/experiments`, { json: { content: polyaxonfile, ...more } });

describe('users', () => {
  it('logs in with a form, whatever the slash at the end', async () => {
    const form = () => new URLSearchParams({ username: 'root', password: 'the password of root' });
    for (const path of ['/users/token', '/users/token/']) {
      const { status, body } = await gateway.call<{ token: string }>('POST', path, { token: null, body: form() });
      expect(status).toBe(200);
      expect((await gateway.call('GET', '/users/', { token: body.token })).body).toEqual({ username: 'root', email: null, is_superuser: true });
    }
  });

  it('refuses a wrong password and an unknown name alike', async () => {
    const wrong = await gateway.call('POST', '/users/token', { token: null, json: { username: 'root', password: 'wrong' } });
    const unknown = await gateway.call('POST', '/users/token', { token: null, json: { username: 'nobody', password: 'wrong' } });
    expect(wrong.status).toBe(401);
    expect(unknown.body).toMatchObject({ code: 'not-authenticated', detail: (wrong.body as unknown as Problem).detail });
  });

  it('takes Bearer too, in any case, and nothing else', async () => {
    const status = async (authorization: string) => (await gateway.call('GET', '/users', { token: null, headers: { authorization } })).status;
    expect(await status('bEaReR the-token-of-the-administrator')).toBe(200);
    expect(await status('Basic the-token-of-the-administrator')).toBe(401);
    expect(await status('Token None')).toBe(401);
  });

  it('forgets a token that was logged out', async () => {
    const token = await gateway.user('leaver');
    expect((await gateway.call('DELETE', '/users/token', { token })).status).toBe(204);
    expect((await gateway.call('GET', '/users', { token })).status).toBe(401);
  });

  it('refuses names that would break paths or clients, and those of the API itself', async () => {
    for (const username of ['a.b', 'a@b', '../x', '', 'bookmarks', 'Users'])
      expect((await gateway.call('POST', '/users', { json: { username, password: 'long enough' } })).body).toMatchObject({ code: 'name-invalid', status: 400 });
    expect((await gateway.call('POST', '/users', { json: { username: 'root', password: 'long enough' } })).body).toMatchObject({ code: 'user-exists', status: 409 });
  });

  it('keeps no password and no token that could be read', async () => {
    const { rows } = await database.store.pool.query(`SELECT * FROM api_gateway.users, api_gateway.tokens`);
    expect(JSON.stringify(rows)).not.toMatch(/the password of|the-token-of/);
    expect(rows[0]).toMatchObject({ password_hash: expect.stringMatching(/^scrypt\$15\$/) as string });
  });
});

describe('versions', () => {
  it('asks nobody', async () => {
    expect((await gateway.call('GET', '/versions/cli/', { token: null })).body).toMatchObject({ latest_version: '0.5.6' });
    expect((await gateway.call('GET', '/log_handler/', { token: 'nonsense' })).body).toMatchObject({ dsn: null, tags: {} });
  });
});

describe('projects', () => {
  it('are made from the whole schema of the original client, listed, changed and deleted', async () => {
    const nulls = { id: null, uuid: null, user: null, has_code: false, num_jobs: 0, experiments: null };
    const made = await createProject('first', { ...nulls, description: 'a', tags: ['x'], is_public: false });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ name: 'first', user: 'root', unique_name: 'root.first', is_public: false, tags: ['x'] });
    expect((await createProject('first')).body).toMatchObject({ code: 'project-exists', status: 409 });
    expect((await gateway.call('PATCH', '/root/first', { json: { description: 'b' } })).body).toMatchObject({ description: 'b', tags: ['x'], is_public: false });
    expect((await gateway.call<Page<ProjectBody>>('GET', '/root')).body.results.map(({ name }) => name)).toContain('first');
    expect((await gateway.call('DELETE', '/root/first')).status).toBe(204);
    expect((await gateway.call('GET', '/root/first')).status).toBe(404);
  });

  it('suggests what may have been meant', async () => {
    await createProject('mnist');
    expect((await gateway.call('GET', '/root/mnits')).body).toMatchObject({ code: 'project-not-found', detail: expect.stringContaining('did you mean mnist') as string });
    expect((await gateway.call('GET', '/rooot/mnist')).body).toMatchObject({ code: 'user-not-found', detail: expect.stringContaining('did you mean root') as string });
    expect((await gateway.call('GET', '/rooot')).body).toMatchObject({ code: 'user-not-found' });
    expect((await gateway.call('GET', '/root/mnist/experiments/999999')).body).toMatchObject({ code: 'experiment-not-found' });
    expect((await gateway.call('GET', '/root/mnist/experiments/abc')).status).toBe(404);
  });
});

describe('experiments', () => {
  beforeAll(() => createProject('work'));

  it('are made from JSON or YAML, with a number that is found without the project too', async () => {
    const { status, body } = await createExperiment('work', { id: null, uuid: null, num_jobs: 0, has_tensorboard: false, is_managed: true, jobs: null, name: 'one', tags: ['t'] });
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'one', command: 'echo 0.1', last_status: 'created', project: 'root.work', tags: ['t'], outputs_path: `root/work/experiments/${body.id}` });
    expect((await gateway.call('GET', `/experiments/${body.id}`)).body).toEqual((await gateway.call('GET', `/root/work/experiments/${body.id}/`)).body);
  });

  it('are compared with any other the caller may read', async () => {
    const { body: { id } } = await createExperiment('work');
    expect((await gateway.call('GET', `/root/work/experiments/${id}/diff?with=root.work.${id}`)).body).toMatchObject({ same: true, before: { id }, after: { id }, outputs: { files: null } });
    expect((await gateway.call('GET', `/root/work/experiments/${id}/diff`)).body).toMatchObject({ code: 'request-invalid' });
    expect((await gateway.call('GET', `/root/work/experiments/${id}/diff?with=999999`)).body).toMatchObject({ code: 'experiment-not-found' });
    await createProject('hidden', { is_public: false });
    const { body: hidden } = await createExperiment('hidden');
    const other = await gateway.user('comparer');
    expect((await gateway.call('GET', `/root/work/experiments/${id}/diff?with=${hidden.id}`, { token: other })).body).toMatchObject({ code: 'experiment-not-found', status: 404 });
  });

  it('are searched; what can’t be read is refused with its place', async () => {
    expect((await gateway.call<Page<ExperimentBody>>('GET', '/root/work/experiments?query=name:one&sort=-metric.loss')).body).toMatchObject({ count: 1, results: [{ name: 'one' }] });
    expect((await gateway.call('GET', '/root/work/experiments?query=name:one,x')).body).toMatchObject({ code: 'request-invalid', detail: expect.stringContaining('at character 10:') as string });
  });

  it('pages by 20, and says where the rest is', async () => {
    for (let made = 0; made < 21; made += 1) await createExperiment('work', { content: null, is_managed: false });
    const { body } = await gateway.call<Page<ExperimentBody>>('GET', '/root/work/experiments/?independent=True&metrics=True');
    expect(body.results).toHaveLength(20);
    expect(body.previous).toBeNull();
    const rest = (await (await fetch(body.next ?? '', { headers: { authorization: 'Token the-token-of-the-administrator' } })).json()) as Page<ExperimentBody>;
    expect(rest.results.length).toBe(body.count - 20);
    expect(rest.next).toBeNull();
    for (const query of ['limit=0', 'limit=1000', 'offset=-1', 'offset=x']) expect((await gateway.call('GET', `/root/work/experiments?${query}`)).body).toMatchObject({ code: 'request-invalid' });
  });

  it('refuses a broken polyaxonfile by line, and a name that can not be', async () => {
    const refused = async (more: object) => (await createExperiment('work', more)).body as unknown as Problem;
    expect(await refused({ content: 'version: 1\nkind: experiment\nrunn:\n  cmd: x\n' })).toMatchObject({ code: 'polyaxonfile-invalid', status: 400, detail: expect.stringContaining('runn') as string });
    expect(await refused({ content: '' })).toMatchObject({ code: 'polyaxonfile-invalid' });
    expect(await refused({ name: 'a b' })).toMatchObject({ code: 'request-invalid', detail: expect.stringContaining('name') as string });
    expect(await refused({ code_revision: 'abcdef1' })).toMatchObject({ code: 'code-not-found' });
  });

  it('are described by their users and programs, in merges too', async () => {
    const { body } = await createExperiment('work');
    const patch = (json: object) => gateway.call<ExperimentBody>('PATCH', `/root/work/experiments/${body.id}`, { json });
    await patch({ tags: ['a'], params: { lr: 1 } });
    expect((await patch({ tags: ['b'], params: { depth: 2 }, merge: true, run_env: { 'sys.argv': ['x'] } })).body).toMatchObject({ tags: ['a', 'b'], params: { lr: 1, depth: 2 }, run_env: { 'sys.argv': ['x'] } });
    expect((await patch({ description: null })).status).toBe(200);
  });

  it('keep metrics as Python writes them', async () => {
    const { body } = await createExperiment('work');
    const post = (text: string) => gateway.call('POST', `/root/work/experiments/${body.id}/metrics/`, { body: text, headers: { 'content-type': 'application/json' } });
    expect((await post('[{"values": {"loss": NaN, "step": 1}, "created_at": "2026-11-22 22:15:36.132106+00:00"}, {"values": {"loss": 0.5}}]')).status).toBe(201);
    expect((await post('{"values": {"accuracy": -Infinity, "note": 1}}')).body).toMatchObject({ values: { accuracy: '-inf', note: 1 } });
    expect((await post('{"values": {"loss": "low"}}')).body).toMatchObject({ code: 'request-invalid' });
    expect((await post('[1]')).status).toBe(400);
    expect((await post('{"values": {"__proto__": 1}}')).status).toBe(400);
    expect((await post('{')).body).toMatchObject({ code: 'request-invalid' });
    const { body: page } = await gateway.call<Page<{ values: object; created_at: string }>>('GET', `/root/work/experiments/${body.id}/metrics`);
    expect(page.results.map(({ values }) => values)).toEqual([{ loss: 'nan', step: 1 }, { loss: 0.5 }, { accuracy: '-inf', note: 1 }]);
    expect(page.results[0]?.created_at).toBe('2026-11-22T22:15:36.132Z');
    expect((await gateway.call('GET', `/root/work/experiments/${body.id}`)).body).toMatchObject({ last_metric: { loss: 0.5, step: 1, accuracy: '-inf', note: 1 } });
  });

  it('hear statuses, code references and heartbeats, also with nothing in them', async () => {
    const { body } = await createExperiment('work', { content: null, is_managed: false });
    const at = `/root/work/experiments/${body.id}`;
    expect((await gateway.call('POST', `${at}/statuses`, { json: { status: 'running', message: null } })).status).toBe(201);
    expect((await gateway.call('POST', `${at}/statuses`, { json: { status: 'flying' } })).status).toBe(400);
    expect((await gateway.call('POST', `${at}/_heartbeat/`)).status).toBe(200);
    expect((await gateway.call('POST', `${at}/coderef`)).status).toBe(201);
    expect((await gateway.call('POST', `${at}/checkpoint_loads/`, { json: { path: 'step-7.pt', step: 7 } })).status).toBe(201);
    expect((await gateway.call('POST', `${at}/checkpoint_loads`, { json: { step: -1 } })).status).toBe(400);
    await gateway.call('POST', `${at}/coderef`, { json: { commit: 'abc', branch: 'main', is_dirty: true } });
    expect((await gateway.call('GET', `${at}/coderef`)).body).toEqual({ commit: 'abc', branch: 'main', is_dirty: true });
    await gateway.call('POST', `${at}/statuses`, { json: { status: 'succeeded' } });
    await gateway.call('POST', `${at}/statuses`, { json: { status: 'running' } });
    const { body: page } = await gateway.call<Page<StatusBody>>('GET', `${at}/statuses`);
    expect([...new Set(page.results.map(({ status }) => status))]).toEqual(['created', 'running', 'succeeded']); // a done status never changes
    expect((await gateway.call('POST', `${at}/stop`)).body).toMatchObject({ code: 'experiment-already-done', status: 409 });
  });

  it('tell their story and their family', async () => {
    const { body } = await createExperiment('work');
    expect((await gateway.call('POST', `/root/work/experiments/${body.id}/stop`, { json: { grace_period_seconds: 5 } })).body).toMatchObject({ code: 'request-invalid' });
    expect((await gateway.call('POST', `/root/work/experiments/${body.id}/stop`)).status).toBe(200);
    const history = await until('both are behind every open transaction', async () => {
      const { body: events } = await gateway.call<{ type: string }[]>('GET', `/root/work/experiments/${body.id}/history`);
      return events.length > 1 ? events : null;
    });
    expect(history.map(({ type }) => type)).toEqual(['ExperimentCreated', 'ExperimentStopRequested']);
    expect((await gateway.call('GET', `/root/work/experiments/${body.id}/lineage`)).body).toMatchObject({ experiment_id: body.id, nodes: [{ id: body.id, source_id: null }] });
  });

  it('are restarted, planned first, and not resumed while they live', async () => {
    const { body } = await createExperiment('work');
    const post = (path: string, json: object = {}) => gateway.call('POST', `/root/work/experiments/${body.id}/${path}`, { json });
    const plan = await post('restart/plan', { content: "{'params': {'lr': 0.5}}" });
    expect(plan.body).toMatchObject({ cloning_strategy: 'restart', command: { before: 'echo 0.1', after: 'echo 0.5' }, refusal: null, outputs_path: 'root/work/experiments/<new id>' });
    expect((await post('restart', { content: "{'params': {'lr': 0.5}}", update_code: null })).body).toMatchObject({ command: 'echo 0.5', cloning_strategy: 'restart', source_id: body.id });
    expect((await post('restart', { content: '- a list' })).body).toMatchObject({ code: 'override-invalid', status: 400 });
  });
});

describe('what is not there', () => {
  it('says so in one line, with a code', async () => {
    for (const path of ['/bookmarks/root/jobs', '/root/work/jobs', '/root/work/experiments/1/ephemeraltoken', '/root/work/ci'])
      expect((await gateway.call('GET', path)).body).toMatchObject({ status: 404, code: 'not-served' });
    expect((await gateway.call('GET', '/a/b/c/d')).body).toMatchObject({ status: 404, code: 'route-not-found' });
    expect((await gateway.call('GET', '/users/a/b')).body).toMatchObject({ status: 404 });
    expect((await gateway.call('PATCH', '/users/nobody')).body).toMatchObject({ status: 404, code: 'route-not-found' });
  });

  it('refuses bodies that are too large', async () => {
    const { body, status } = await gateway.call('POST', '/projects', { json: { name: 'x', description: 'y'.repeat(1024 * 1024) } });
    expect(status).toBe(413);
    expect(body).toMatchObject({ code: 'upload-too-large' });
  });
});

describe('the administrator', () => {
  it('rebuilds the views and sees dead letters', async () => {
    const before = (await gateway.call('GET', '/root/work/experiments')).text;
    expect((await gateway.call('POST', '/admin/rebuild_views')).body).toMatchObject({ events: expect.any(Number) as number });
    expect((await gateway.call('GET', '/root/work/experiments')).text).toBe(before);
    expect((await gateway.call('GET', '/admin/dead_letters')).body).toMatchObject({ count: 0, results: [] });
    expect((await gateway.call('POST', '/admin/dead_letters/replay')).body).toEqual({ replayed: 0 });
  });
});
