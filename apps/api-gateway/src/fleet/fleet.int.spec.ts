// Does whoever is on call see what is stuck, who is behind, who is away, and can dead letters be tried again or given up?
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { DeadLetterBody, DroppedLetterBody, FleetBody, Page, StorageHeldBody } from '#contracts';
import { anOrder, aTime, openTestStore, until, type TestStore } from '#testing';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';

const content = 'version: 1\nkind: experiment\nrun: {cmd: "true"}';
const told = { service: 'scheduler', version: '1.2.3', started_at: aTime, missing: [], degraded: [], lag_seconds: 0 };
let test: TestStore;
let gateway: GatewayUnderTest;
let schedulerAnswers = true;

beforeAll(async () => {
  test = await openTestStore();
  gateway = await startGatewayUnderTest({
    databaseUrl: test.url,
    storageManager: { '/internal/outputs/list': (query, response) => void response.writeHead(200).end(`${JSON.stringify({ path: `${query.get('path') ?? ''}/a`, size_bytes: 7 })}\n{"size_bytes":3}\n`) },
    scheduler: { '/about': (_, response) => void (schedulerAnswers ? response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(told)) : response.destroy()) },
  });
  await gateway.call('POST', '/projects', { json: { name: 'p' } });
});
afterAll(async () => {
  await gateway?.stop();
  await test?.close();
});

const look = async () => (await gateway.call<FleetBody>('GET', '/admin/fleet')).body;
/** It is found out once a second. */
const seen = (what: string, is: (fleet: FleetBody) => boolean) => until(what, async () => {
  const fleet = await look();
  return is(fleet) ? fleet : null;
});
const letters = async () => (await gateway.call<Page<DeadLetterBody>>('GET', '/admin/dead_letters')).body.results;

async function anExperiment(): Promise<number> {
  return (await gateway.call<{ id: number }>('POST', '/root/p/experiments', { json: { content } })).body.id;
}

it('is for administrators, and others are told so', async () => {
  const token = await gateway.user('mona');
  for (const [method, path] of [['GET', 'fleet'], ['GET', 'storage'], ['GET', 'dead_letters/dropped'], ['POST', 'dead_letters/drop']] as const)
    expect((await gateway.call(method, `/admin/${path}`, { token, ...(method === 'POST' && { json: {} }) })).body).toMatchObject({ status: 403, code: 'not-allowed', detail: 'only an administrator may do this' });
});

it('says what it says as documented', async () => {
  const { body: document } = await gateway.call<OpenAPIObject>('GET', '/openapi.json');
  const answer = document.paths['/api/v1/admin/fleet']?.get?.responses['200'] as { content: Record<string, { schema: object }> };
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  const validate = ajv.compile(answer.content['application/json']?.schema ?? {});
  validate(await look());
  expect(validate.errors).toBeNull();
});

it('what waits is told by its reason, with the longest wait, whose move it is, and what would release it', async () => {
  const [first, second] = [await anExperiment(), await anExperiment()];
  const { waiting } = await seen('both wait', (fleet) => fleet.waiting[0]?.count === 2);
  expect(waiting).toMatchObject([{ kind: 'missing', service: 'scheduler', reason: 'it was asked for, and the scheduler has not picked it up', experiments: [{ id: first, user: 'root', project: 'p' }, { id: second }] }]);
  expect(waiting[0]?.oldest_since).toBe(waiting[0]?.experiments[0]?.since);
  await test.store.append(`run-${first}`, -1, [{ type: 'RunQueued', data: { experimentId: first, order: anOrder(first), cloningStrategy: null, sourceExperimentId: null, queuedAt: aTime } }], { actor: 'scheduler' });
  const moved = await seen('one was picked up', (fleet) => fleet.waiting.length === 2);
  expect(moved.waiting.map(({ service, count }) => [service, count]).sort()).toEqual([['scheduler', 1], ['storage-manager', 1]]);
});

it('a service that is away is told as such, with what it said last', async () => {
  const here = await seen('the scheduler answers', ({ services }) => services.some(({ service, answers }) => service === 'scheduler' && answers));
  expect(here.services.map(({ service, answers, last }) => [service, answers, last?.version ?? null])).toEqual([
    ['api-gateway', true, expect.stringMatching(/^\d+\.\d+/)], ['scheduler', true, '1.2.3'], ['storage-manager', false, null], ['log-collector', false, null],
  ]);
  schedulerAnswers = false;
  const gone = await seen('the scheduler is away', ({ services }) => services.some(({ service, answers }) => service === 'scheduler' && !answers));
  expect(gone.services.find(({ service }) => service === 'scheduler')).toMatchObject({ answers: false, last: told, last_at: expect.any(String) as string });
});

it('who is behind is told in seconds, also of one that is gone', async () => {
  await test.store.pool.query(`INSERT INTO event_store.cursors VALUES ('log-collector', '0', 0) ON CONFLICT DO NOTHING`);
  await test.store.pool.query(`UPDATE event_store.messages SET time = time - interval '1 hour' WHERE global_position = (SELECT min(global_position) FROM event_store.messages)`);
  const { flow, relay } = await seen('the log-collector is an hour behind', (fleet) => (fleet.flow.find(({ group }) => group === 'log-collector')?.lag_seconds ?? 0) >= 3600);
  expect(flow.find(({ group }) => group === 'storage-manager')).toEqual({ group: 'storage-manager', lag_seconds: null, dead_letters: 0 });
  expect(relay).toBeNull();
  await test.store.pool.query(`INSERT INTO event_store.cursors VALUES ('relay', '0', 0)`);
  expect((await seen('there is a relay', (fleet) => fleet.relay !== null)).relay).toMatchObject({ lag_seconds: expect.any(Number) as number, events: expect.any(Number) as number });
});

it('whose outputs take how much room is found out while somebody looks', async () => {
  const look = async () => (await gateway.call<StorageHeldBody>('GET', '/admin/storage')).body;
  const held = await until('both are measured', async () => {
    const body = await look();
    return body.measured === body.outputs && body.outputs > 1 ? body : null;
  });
  expect(held).toMatchObject({ size_bytes: 10 * held.outputs, others: 0, problem: null, holders: [{ user: 'root', project: 'p', files: 2 * held.outputs, biggest: [{ size_bytes: 10 }, { size_bytes: 10 }] }] });
});

it('what was refused is counted by code', async () => {
  for (const name of ['a.b', '../c']) await gateway.call('POST', '/projects', { json: { name } });
  const { refusals } = await seen('both are counted', (fleet) => fleet.refusals.by_code.some(({ code, count }) => code === 'name-invalid' && count === 2));
  expect(refusals.by_code.find(({ code }) => code === 'name-invalid')).toMatchObject({ last_detail: expect.any(String) as string });
});

describe('a dead letter', () => {
  let id: string;
  beforeAll(async () => {
    const [message] = await test.store.load('experiment-1');
    id = message?.id ?? '';
    await test.store.pool.query(
      `INSERT INTO event_store.dead_letters (consumer_group, message_id, stream_name, type, reason, tries) VALUES ('scheduler', $1, 'experiment-1', 'ExperimentCreated', 'TypeError: bug', 1)`,
      [id],
    );
  });
  const post = (what: string, json: object) => gateway.call('POST', `/admin/dead_letters/${what}`, { json });

  it('is shown with what could not be reacted to, and counted', async () => {
    expect(await letters()).toMatchObject([{ consumer_group: 'scheduler', message_id: id, type: 'ExperimentCreated', reason: 'TypeError: bug', is_replayed: false, data: { experimentId: 1 } }]);
    await seen('it is counted', ({ flow }) => flow.some(({ group, dead_letters: dead }) => group === 'scheduler' && dead === 1));
  });

  it('is tried again alone', async () => {
    expect((await post('replay', { consumer_group: 'scheduler', message_id: id })).body).toEqual({ replayed: 1 });
    expect((await letters())[0]?.is_replayed).toBe(true);
    expect((await post('replay', { consumer_group: 'api-gateway', message_id: id })).body).toMatchObject({ status: 404, code: 'dead-letter-not-found' });
    expect((await post('replay', { consumer_group: 'scheduler' })).body).toMatchObject({ status: 400, code: 'request-invalid' });
  });

  it('is dropped only with a reason, and who, when and why is kept', async () => {
    const letter = { consumer_group: 'scheduler', message_id: id };
    const refused = { status: 400, code: 'request-invalid', detail: expect.stringContaining('why nobody shall react') as string };
    for (const reason of [undefined, '', '  ']) expect((await post('drop', { ...letter, reason })).body).toMatchObject(refused);
    expect((await post('drop', { ...letter, reason: ' the run is gone anyway ' })).body).toEqual({ dropped: 1 });
    expect((await post('drop', { ...letter, reason: 'again' })).body).toMatchObject({ status: 404, code: 'dead-letter-not-found' });
    const { body } = await gateway.call<Page<DroppedLetterBody>>('GET', '/admin/dead_letters/dropped');
    expect(body.results).toMatchObject([{ ...letter, reason: 'TypeError: bug', dropped_by: 'root', dropped_because: 'the run is gone anyway', dropped_at: expect.stringMatching(/^20/) as string }]);
    expect([await letters(), (await test.store.pool.query(`SELECT FROM event_store.inbox WHERE consumer_group = 'scheduler' AND message_id = $1`, [id])).rowCount]).toEqual([[], 1]);
  });
});
