// Does the API refuse what the policy forbids, however it is asked for, and before anything is written down?
import type { ClonePlan, ExperimentBody, GroupBody } from '#contracts';
import { openTestStore, until, type TestStore } from '#testing';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';

const start = 'version: 1\nkind: experiment\nrun: {cmd: "true"}\n';
const group = 'version: 1\nkind: group\nhptuning: {matrix: {lr: {values: [1, 2]}}}\nrun: {cmd: "true"}\n';
const summary = { exists: true, files: 1, sizeBytes: 1, checkpoints: [], choice: { offered: null, newest: null, setAside: [] } };
const forbidden = (rule: string) => ({ status: 403, code: 'policy-forbids', detail: expect.stringContaining(`policy rule ${rule}: environment.`) as string, fix: expect.any(String) as string });
let database: TestStore;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  database = await openTestStore();
  gateway = await startGatewayUnderTest({
    databaseUrl: database.url,
    storageManager: { '/internal/outputs/summary': (_, response) => response.end(JSON.stringify(summary)) },
    told: { POLYAXON_POLICY: 'restricted', POLYAXON_POLICY_SERVICE_ACCOUNTS: 'trainer, reader', POLYAXON_POLICY_GPU_MAX: '2' },
  });
  await gateway.call('POST', '/projects', { json: { name: 'p' } });
});
afterAll(async () => {
  await gateway?.stop();
  await database?.close();
});

const post = <Body = Record<string, unknown>>(path: string, json: object) => gateway.call<Body>('POST', `/root/p/${path}`, { json });

it.each([
  ['privileged', 'security_context: {privileged: true}'],
  ['host-path', 'volumes: [{name: etc, hostPath: {path: /etc}}]'],
  ['host-pid', 'host_pid: true'],
  ['host-network', 'host_network: true'],
  ['service-account', 'service_account: admin'],
  ['gpu-quota', 'resources: {gpu: {limits: 4}}'],
  ['gpu-quota', 'resources: {gpu: {limits: 1}}\n  replicas: {n_workers: 2}'],
])('a new experiment is refused by the rule %s, and so is a group', async (rule, environment) => {
  const said = `environment:\n  ${environment}\n`;
  expect((await post('experiments', { content: `${start}${said}` })).body).toMatchObject(forbidden(rule));
  expect((await post('groups', { content: `${group}${said}` })).body).toMatchObject(forbidden(rule));
});

it('what the policy allows is accepted', async () => {
  const { status } = await post('experiments', { content: `${start}environment: {service_account: reader, resources: {gpu: {limits: 2}}}\n` });
  expect(status).toBe(201);
});

it.each(['restart', 'copy', 'resume'])('a %s can not bring it in, and its plan says so', async (verb) => {
  const { body } = await post<ExperimentBody>('experiments', { content: start });
  const content = 'environment: {host_pid: true}';
  expect((await post(`experiments/${body.id}/${verb}`, { content })).body).toMatchObject(forbidden('host-pid'));
  const { body: plan, status } = await post<ClonePlan>(`experiments/${body.id}/${verb}/plan`, { content });
  expect([status, plan.refusal?.code]).toEqual([200, 'policy-forbids']);
  expect(plan.refusal?.detail).toContain('policy rule host-pid');
});

it('a member of a group that asks for too much is not made, the others are', async () => {
  const matrix = 'version: 1\nkind: group\nhptuning: {matrix: {gpus: {values: [1, 4, 2]}}}\nenvironment: {resources: {gpu: {limits: "{{ gpus }}"}}}\nrun: {cmd: "true"}\n';
  const { body } = await post<GroupBody>('groups', { content: matrix });
  const made = await until('two members are there', async () => {
    const { body: page } = await gateway.call<{ results: ExperimentBody[] }>('GET', `/root/p/experiments?group=${body.id}`);
    return page.results.length === 2 ? page.results : null;
  });
  expect(made.map(({ params }) => params?.gpus).sort()).toEqual([1, 2]);
});

it('an experiment can not become a group that asks for it', async () => {
  const { body } = await post<ExperimentBody>('experiments', { content: start });
  const content = 'hptuning: {matrix: {lr: {values: [1, 2]}}}\nenvironment: {privileged: true}';
  expect((await post(`experiments/${body.id}/restart`, { content })).body).toMatchObject(forbidden('privileged'));
});
