// Does a request that is sent twice act once, whatever happened to the first?
import type { ExperimentBody, Page } from '#contracts';
import { openTestStore, type TestStore } from '#testing';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';

let database: TestStore;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  database = await openTestStore();
  gateway = await startGatewayUnderTest({ databaseUrl: database.url });
  await gateway.call('POST', '/projects', { json: { name: 'p' } });
});
afterAll(async () => {
  await gateway?.stop();
  await database?.close();
});

const content = 'version: 1\nkind: experiment\nrun: {cmd: "true"}';
const create = (key: string, more: object = {}) => gateway.call<ExperimentBody>('POST', '/root/p/experiments/', { json: { content, ...more }, headers: { 'idempotency-key': key } });
const count = async () => (await gateway.call<Page<unknown>>('GET', '/root/p/experiments')).body.count;
const sql = (text: string, values: unknown[] = []) => database.store.pool.query(text, values);

describe('a repeated request', () => {
  it('gets the old answer', async () => {
    const first = await create('one');
    const second = await create('one');
    expect(second.status).toBe(201);
    expect(second.text).toBe(first.text);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await count()).toBe(1);
  });

  it('is another one with another body, another address or another key', async () => {
    const before = await count();
    expect((await create('one', { name: 'other' })).body).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
    expect((await gateway.call('POST', '/projects', { json: { content }, headers: { 'idempotency-key': 'one' } })).status).toBe(422);
    await create('two');
    expect(await count()).toBe(before + 1);
  });

  it('of another user is not known', async () => {
    const token = await gateway.user('stranger');
    const { body } = await gateway.call('POST', '/root/p/experiments/', { token, json: { content }, headers: { 'idempotency-key': 'one' } });
    expect(body).toMatchObject({ code: 'not-allowed' });
  });

  it('makes one experiment of many sent at once', async () => {
    const before = await count();
    const answers = await Promise.all(Array.from({ length: 8 }, () => create('burst')));
    const made = answers.filter(({ status }) => status === 201);
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 201)) expect({ status, body }).toMatchObject({ status: 409, body: { code: 'request-in-progress' } });
    expect(await count()).toBe(before + 1);
  });

  it('finds what was made when the first died before it could answer', async () => {
    const before = await count();
    const made = await create('killed');
    await sql(`UPDATE api_gateway.idempotency_keys SET state = 'open', status = NULL, response_body = NULL WHERE key = 'killed'`);
    expect((await create('killed')).body).toMatchObject({ code: 'request-in-progress' });
    await sql(`UPDATE api_gateway.idempotency_keys SET locked_until = clock_timestamp() - interval '1 second' WHERE key = 'killed'`);
    expect((await create('killed')).body).toMatchObject({ id: made.body.id });
    expect(await count()).toBe(before + 1);
  });

  it('makes what was not made when the first died before it could act', async () => {
    const before = await count();
    await create('early');
    const { rows } = await sql(`SELECT experiment_id FROM api_gateway.idempotency_keys WHERE key = 'early'`);
    const id = (rows[0] as { experiment_id: number }).experiment_id;
    await sql(`UPDATE api_gateway.idempotency_keys
      SET state = 'open', key = 'early-again', experiment_id = nextval('api_gateway.experiment_ids'), locked_until = clock_timestamp() - interval '1 second' WHERE key = 'early'`);
    const { body } = await create('early-again');
    expect(body.id).toBeGreaterThan(id);
    expect(await count()).toBe(before + 2);
  });

  it('is tried again when the answer was no', async () => {
    const project = () => gateway.call('POST', '/projects', { json: { name: 'late' }, headers: { 'idempotency-key': 'project' } });
    await gateway.call('POST', '/projects', { json: { name: 'late' } });
    expect((await project()).status).toBe(409);
    await gateway.call('DELETE', '/root/late');
    expect((await project()).status).toBe(201);
    expect((await project()).headers.get('idempotency-replayed')).toBe('true');
  });

  it('is answered although what it is about is gone', async () => {
    await gateway.call('POST', '/projects', { json: { name: 'gone' } });
    const remove = () => gateway.call('DELETE', '/root/gone', { headers: { 'idempotency-key': 'delete' } });
    expect((await remove()).status).toBe(204);
    expect((await remove()).status).toBe(204);
    expect((await gateway.call('DELETE', '/root/gone')).status).toBe(404);
  });

  it('keeps no password, not even a digest that could be tried', async () => {
    await gateway.call('POST', '/users', { json: { username: 'secretive', password: 'correct horse' }, headers: { 'idempotency-key': 'user' } });
    await gateway.call('POST', '/users/token', { json: { username: 'secretive', password: 'correct horse' }, headers: { 'idempotency-key': 'login' } });
    const { rows } = await sql(`SELECT * FROM api_gateway.idempotency_keys WHERE key IN ('user', 'login')`);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain('correct horse');
  });

  it('needs a key that can be one', async () => {
    expect((await create('has blanks in it')).body).toMatchObject({ code: 'request-invalid' });
  });
});
