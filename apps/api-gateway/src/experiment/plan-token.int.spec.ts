// Does nobody get anything but what their plan has shown, whoever else is faster?
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import type { CheckpointSummary, ClonePlan, OutputsSummary } from '#contracts';
import { anOrder, aTime, openTestStore, until, type TestStore } from '#testing';
import { startGatewayUnderTest, type Answer, type GatewayUnderTest } from '../gateway-fixture.ts';

const content = 'version: 1\nkind: experiment\nparams: {lr: 0.1}\nrun: {cmd: "train {{ lr }}"}';
const checkpoint = (step: number): CheckpointSummary => ({ path: `m-${step}.pt`, framework: 'pytorch', step, sizeBytes: 10, modifiedAt: aTime, complete: true, problem: null });
let test: TestStore;
let gateway: GatewayUnderTest;
let outputs: OutputsSummary;
/** Done while a request is being looked into: after its source was read, and before anything is decided. */
let meanwhile: (() => Promise<unknown>) | undefined;

const withCheckpoint = (step: number, files = 2): OutputsSummary => ({
  exists: true, files, sizeBytes: files * 10, checkpoints: [checkpoint(step)], choice: { offered: checkpoint(step), setAside: [], problem: null, alternatives: [] },
});

beforeAll(async () => {
  test = await openTestStore();
  gateway = await startGatewayUnderTest({
    databaseUrl: test.url,
    storageManager: {
      '/internal/outputs/summary': (_, response) => {
        const act = meanwhile;
        meanwhile = undefined;
        void Promise.resolve(act?.()).then(() => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(outputs)));
      },
    },
  });
  await gateway.call('POST', '/projects', { json: { name: 'p' } });
});
beforeEach(() => {
  outputs = withCheckpoint(40);
});
afterAll(async () => {
  await gateway?.stop();
  await test?.close();
});

const at = (id: number) => `/root/p/experiments/${id}`;
const post = <Body = Record<string, unknown>>(id: number, what: string, json: object = {}, more: object = {}): Promise<Answer<Body>> => gateway.call<Body>('POST', `${at(id)}/${what}`, { json, ...more });
const planned = async (id: number, verb: 'resume' | 'restart' | 'copy', json: object = {}) => (await post<ClonePlan>(id, `${verb}/plan`, json)).body;

/** One that has ended, unless told. */
async function anExperiment({ ends = true } = {}): Promise<number> {
  const { body } = await gateway.call<{ id: number }>('POST', '/root/p/experiments', { json: { content } });
  if (ends) await end(body.id);
  return body.id;
}

async function end(id: number): Promise<void> {
  const run = { experimentId: id, attempt: 1 };
  await test.store.append(`run-${id}`, -1, [
    { type: 'RunQueued', data: { experimentId: id, order: anOrder(id), cloningStrategy: null, sourceExperimentId: null, queuedAt: aTime } },
    { type: 'RunStopped', data: { ...run, wasStarted: true, exitCode: 143, message: null, endedAt: aTime } },
  ], { actor: 'scheduler' });
  await test.store.append(`logs-${id}`, -1, [{ type: 'LogsArchived', data: { ...run, sizeBytes: 0, lines: 0, lostBytes: 0, archivedAt: aTime } }], { actor: 'log-collector' });
  await until('it is done', async () => (await gateway.call('GET', at(id))).body.last_status === 'stopped' || null);
}

const outdated = (id: number, verb: string, why: RegExp) => ({
  status: 409,
  body: { code: 'plan-outdated', detail: expect.stringMatching(why) as string, fix: `polyaxon experiment -xp ${id} ${verb} --plan` },
});

it.each(['resume', 'restart', 'copy'] as const)('a %s does what its plan has shown while nothing has changed', async (verb) => {
  const id = await anExperiment();
  const { token, valid_until: until } = await planned(id, verb, { content: 'params: {lr: 0.5}' });
  expect(Date.parse(until)).toBeGreaterThan(Date.now());
  expect((await planned(id, verb, { content: 'params: {lr: 0.5}' })).token.split('.').slice(2)).toEqual(token.split('.').slice(2));
  expect(await post(id, verb, { content: 'params: {lr: 0.5}', plan_token: token })).toMatchObject({ status: 201, body: { command: 'train 0.5', cloning_strategy: verb } });
});

it('what happened since is named, with who did it', async () => {
  const id = await anExperiment();
  const { token } = await planned(id, 'resume');
  expect((await post(id, 'pin')).status).toBe(200);
  expect(await post(id, 'resume', { plan_token: token })).toMatchObject(outdated(id, 'resume', /since then there was ExperimentPinned by root at 20/));
  expect(await post(id, 'resume')).toMatchObject({ status: 201 });
  expect(await post(id, 'restart', { plan_token: (await planned(id, 'restart')).token })).toMatchObject({ status: 201 });
});

it('another checkpoint is another plan', async () => {
  const id = await anExperiment();
  const plans = { resume: await planned(id, 'resume'), copy: await planned(id, 'copy') };
  outputs = withCheckpoint(50);
  expect(await post(id, 'resume', { plan_token: plans.resume.token })).toMatchObject(outdated(id, 'resume', /the checkpoint is m-50\.pt \(step 50\) now$/));
  outputs = withCheckpoint(40, 3);
  expect(await post(id, 'copy', { plan_token: plans.copy.token })).toMatchObject(outdated(id, 'restart --copy', /there are 3 files of 30 bytes now$/));
  expect(await post(id, 'resume', { plan_token: plans.resume.token })).toMatchObject({ status: 201 });
});

it('what a live source has written meanwhile is no other plan, but a later checkpoint is', async () => {
  const id = await anExperiment({ ends: false });
  const { token } = await planned(id, 'copy');
  outputs = withCheckpoint(40, 30);
  expect(await post(id, 'copy', { plan_token: token })).toMatchObject({ status: 201 });
  outputs = withCheckpoint(41, 30);
  expect(await post(id, 'copy', { plan_token: token })).toMatchObject(outdated(id, 'restart --copy', /step 41/));
});

it('newer code is another plan', async () => {
  const id = await anExperiment();
  const { token } = await planned(id, 'restart', { update_code: true });
  const file = Buffer.alloc(2048);
  new Header({ path: 'train.py', type: 'File', mode: 0o644, size: 0 }).encode(file, 0);
  const code = new FormData();
  code.set('repo', new Blob([gzipSync(file)], { type: 'text/plain' }), 'repo.tar.gz');
  expect((await gateway.call('PUT', '/root/p/repo/upload', { body: code })).status).toBe(200);
  expect(await post(id, 'restart', { update_code: true, plan_token: token })).toMatchObject(outdated(id, 'restart', /the code is [0-9a-f]{12} now$/));
  expect(await post(id, 'restart', { plan_token: token })).toMatchObject({ status: 201 }); // the code of the source, as the plan has seen it
});

it.each([
  ['another override', { content: 'params: {lr: 2}' }, /it was made for another request; it would run something else now/],
  ['another name', { name: 'other' }, /it was made for another request$/],
])('%s is another request', async (_, json, why) => {
  const id = await anExperiment();
  const { token } = await planned(id, 'restart', { content: 'params: {lr: 1}' });
  expect(await post(id, 'restart', { content: 'params: {lr: 1}', ...json, plan_token: token })).toMatchObject(outdated(id, 'restart', why));
});

it('so is another verb, and another experiment', async () => {
  const [one, other] = [await anExperiment(), await anExperiment()];
  const { token } = await planned(one, 'restart');
  expect(await post(one, 'resume', { plan_token: token })).toMatchObject(outdated(one, 'resume', /another request/));
  expect(await post(other, 'restart', { plan_token: token })).toMatchObject(outdated(other, 'restart', /another request/));
});

it('an old one is refused, and what is none', async () => {
  const id = await anExperiment();
  const { token } = await planned(id, 'restart');
  const [version, , ...rest] = token.split('.');
  expect(await post(id, 'restart', { plan_token: [version, Date.now().toString(36), ...rest].join('.') })).toMatchObject(outdated(id, 'restart', /it is older than 60 minutes$/));
  for (const plan_token of ['', 'x', token.slice(0, -1)]) expect((await post(id, 'restart', { plan_token })).body).toMatchObject({ status: 400, code: 'request-invalid' });
  const many = await post(id, 'restart', { content: 'kind: group\nhptuning: {matrix: {lr: {values: [1, 2]}}}', plan_token: token });
  expect(many.body).toMatchObject({ code: 'request-invalid', detail: expect.stringContaining('a plan is of one experiment') as string });
});

it.each([['resume', 'resume'], ['copy', 'restart --copy']] as const)('what happens while a %s is being looked into is seen, and nothing is done', async (verb, words) => {
  const id = await anExperiment();
  const { token } = await planned(id, verb);
  meanwhile = () => post(id, 'pin');
  expect(await post(id, verb, { plan_token: token })).toMatchObject(outdated(id, words, /since then there was ExperimentPinned by root/));
  expect((await test.store.load(`experiment-${id}`)).map(({ type }) => type)).toEqual(['ExperimentCreated', 'ExperimentDone', 'ExperimentPinned']);
  const { body } = await gateway.call<{ results: { source_id: number | null }[] }>('GET', '/root/p/experiments?limit=500');
  expect(body.results.filter(({ source_id: source }) => source === id)).toEqual([]);
});

it('of many who have seen the same, one resumes, and the others are told who was faster', async () => {
  const id = await anExperiment();
  const { token } = await planned(id, 'resume');
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(id, 'resume', { plan_token: token })));
  const [won, lost] = [answers.filter(({ status }) => status === 201), answers.filter(({ status }) => status !== 201)];
  expect(won).toHaveLength(1);
  for (const answer of lost) expect(answer).toMatchObject(outdated(id, 'resume', /since then there was ExperimentResumeRequested by root/));
});

it('however a plan and what happens meet: what is done is what was seen', async () => {
  for (let round = 0; round < 6; round += 1) {
    const id = await anExperiment();
    const { token } = await planned(id, 'resume');
    const [pinned, resumed] = await Promise.all([post(id, 'pin'), post(id, 'resume', { plan_token: token })]);
    expect(pinned.status).toBe(200);
    const types = (await test.store.load(`experiment-${id}`)).map(({ type }) => type).slice(2);
    if (resumed.status === 201) expect(types).toEqual(['ExperimentResumeRequested', 'ExperimentPinned']);
    else expect([resumed.body.code, types]).toEqual(['plan-outdated', ['ExperimentPinned']]);
  }
});

it('a request that is repeated is answered as before, and not held against what it did itself', async () => {
  const id = await anExperiment();
  const { token } = await planned(id, 'resume');
  const headers = { 'idempotency-key': `again-${id}` };
  const [first, second] = [await post(id, 'resume', { plan_token: token }, { headers }), await post(id, 'resume', { plan_token: token }, { headers })];
  expect([first.status, second.status, second.text]).toEqual([201, 201, first.text]);
});

it('a plan that would be refused says which event that comes of, if one', async () => {
  const id = await anExperiment();
  const { body: resumed } = await post<{ id: number }>(id, 'resume');
  const cause = { type: 'ExperimentResumeRequested', experiment_id: resumed.id, actor: 'root', event_id: expect.stringMatching(/^[\da-f-]{36}$/) as string };
  expect((await planned(id, 'resume')).refusal).toMatchObject({ code: 'experiment-not-done', cause });
  outputs = { ...outputs, files: 0 };
  expect((await planned(await anExperiment(), 'resume')).refusal).toMatchObject({ code: 'outputs-empty', cause: null });
});
