// Is a group made once however often it is asked for, seen by those who may, and changed by its owner alone?
import type { GroupBody, GroupResumePlan } from '#contracts';
import { openTestStore, until, type TestStore } from '#testing';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';

let database: TestStore;
let gateway: GatewayUnderTest;
let mona: string;
let theo: string;

beforeAll(async () => {
  database = await openTestStore();
  gateway = await startGatewayUnderTest({ databaseUrl: database.url });
  [mona, theo] = [await gateway.user('mona'), await gateway.user('theo')];
  await gateway.call('POST', '/projects', { token: mona, json: { name: 'sweep', is_public: false } });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await database.close();
});

const content = JSON.stringify({ version: 1, kind: 'group', hptuning: { concurrency: 2, matrix: { lr: { values: [0.1, 0.2, 0.3] } } }, run: { cmd: 'train --lr={{ lr }}' } });
const make = (headers: Record<string, string> = {}, more: object = {}) => gateway.call<GroupBody>('POST', '/mona/sweep/groups', { token: mona, json: { content, ...more }, headers });
const membersOf = async (id: number) => (await gateway.call<{ results: { id: number; params: object }[] }>('GET', `/mona/sweep/experiments?group=${id}`, { token: mona })).body.results;

describe('a group', () => {
  it('asked for twice under one key is one, with its members made once', async () => {
    const headers = { 'idempotency-key': 'a-sweep' };
    const [first, again] = [await make(headers), await make(headers)];
    expect([first.status, again.status, again.body.id]).toEqual([201, 201, first.body.id]);
    const members = await until('all members are made', async () => ((await membersOf(first.body.id)).length === 3 ? membersOf(first.body.id) : null));
    expect(members.map(({ params }) => params)).toEqual([{ lr: 0.3 }, { lr: 0.2 }, { lr: 0.1 }]);
    expect((await gateway.call<{ count: number }>('GET', '/mona/sweep/groups', { token: mona })).body.count).toBe(1);
  });

  it('keeps the seed it was given, or gets one', async () => {
    expect((await make()).body.hptuning.seed).toEqual(expect.any(Number));
    const seeded = JSON.stringify({ ...(JSON.parse(content) as object), hptuning: { seed: 5, matrix: { lr: { values: [1] } } } });
    expect((await make({}, { content: seeded })).body.hptuning.seed).toBe(5);
  });

  it('has a name of its own in the project', async () => {
    const { body } = await make({}, { name: 'rates' });
    expect(await make({}, { name: 'rates' })).toMatchObject({ status: 409, body: { code: 'group-name-taken' } });
    const changed = await gateway.call('PATCH', `/mona/sweep/groups/${body.id}`, { token: mona, json: { name: 'learning-rates', tags: ['a'] } });
    expect(changed).toMatchObject({ status: 200, body: { name: 'learning-rates', tags: ['a'] } });
  });

  it('of a private project is not there for others', async () => {
    const { body } = await make();
    for (const [method, path] of [['GET', ''], ['POST', '/stop'], ['POST', '/resume'], ['DELETE', '']] as const)
      expect(await gateway.call(method, `/mona/sweep/groups/${body.id}${path}`, { token: theo })).toMatchObject({ status: 404, body: { code: 'project-not-found' } });
    expect(await gateway.call('GET', '/mona/sweep/groups/99', { token: mona })).toMatchObject({ status: 404, body: { code: 'group-not-found' } });
  });

  it('that is stopped makes no more members, and can not be deleted while one is live', async () => {
    const { body } = await make();
    expect(await gateway.call('DELETE', `/mona/sweep/groups/${body.id}`, { token: mona })).toMatchObject({ status: 409, body: { code: 'group-not-done' } });
    expect((await gateway.call('POST', `/mona/sweep/groups/${body.id}/stop`, { token: mona, json: { pending: true } })).status).toBe(200);
    const { results } = (await gateway.call<{ results: { status: string }[] }>('GET', `/mona/sweep/groups/${body.id}/statuses`, { token: mona })).body;
    expect(results.map(({ status }) => status)).toEqual(['created', 'running', 'stopping']);
    const plan = await gateway.call<GroupResumePlan>('POST', `/mona/sweep/groups/${body.id}/resume/plan`, { token: mona });
    expect(plan).toMatchObject({ status: 200, body: { stays: 0, refusal: { code: 'group-not-done', fix: `polyaxon group -g ${body.id} stop` } } });
    expect(plan.body.goes_on.length + plan.body.unmade).toBe(3);
  });
});
