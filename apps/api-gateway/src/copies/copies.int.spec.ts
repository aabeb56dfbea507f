// Does everybody see the copies of the projects they may read, and of no other?
import type { CopyBody, CopyTaskBody, ExperimentBody } from '#contracts';
import { openTestStore, until, type TestStore } from '#testing';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';

const progress = { files_done: 1, files: 2, bytes_done: 10, bytes: 20, bytes_per_second: 5, seconds_left: 2 };
const summary = { exists: true, files: 2, sizeBytes: 20, checkpoints: [], choice: { offered: null, setAside: [], problem: null, alternatives: [] } };
let tasks: CopyTaskBody[] = [];
let database: TestStore;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  database = await openTestStore();
  const answer = (body: () => unknown) => (_: URLSearchParams, response: import('node:http').ServerResponse) => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body()));
  gateway = await startGatewayUnderTest({ databaseUrl: database.url, storageManager: { '/internal/outputs/summary': answer(() => summary), '/internal/outputs/copies': answer(() => tasks) } });
  for (const [name, isPublic] of [['open', true], ['hidden', false]] as const) await gateway.call('POST', '/projects', { json: { name, is_public: isPublic } });
}, 120_000);
afterAll(async () => {
  await gateway?.stop();
  await database?.close();
});

const list = async (token?: string) => (await gateway.call<CopyBody[]>('GET', '/copies', token === undefined ? {} : { token })).body;
async function copyIn(project: string): Promise<number> {
  const { id } = (await gateway.call<ExperimentBody>('POST', `/root/${project}/experiments`, { json: { content: 'version: 1\nkind: experiment\nrun: {cmd: "true"}' } })).body;
  return (await gateway.call<ExperimentBody>('POST', `/root/${project}/experiments/${id}/copy`, { json: {} })).body.id;
}

it('one that runs is told with how far it is, one that ended with what it holds; a stranger sees nothing of what is private', async () => {
  expect(await list()).toEqual([]);
  const [open, hidden] = [await copyIn('open'), await copyIn('hidden')];
  expect((await list()).map(({ experiment_id: id, phase }) => [id, phase])).toEqual([[hidden, 'asked'], [open, 'asked']]);
  tasks = [open, hidden].map((id) => ({ experiment_id: id, is_taken: true, progress, progressed_at: '2026-01-01T00:00:00.000Z', tries: 1, problem: 'the store was away' }));
  expect(await list(await gateway.user('stranger'))).toMatchObject([{ experiment_id: open, phase: 'copying', progress, tries: 1, problem: 'the store was away', project: 'root.open', started_by: 'root' }]);
  const data = {
    experimentId: open,
    originalExperimentId: open,
    outputsPath: 'x',
    sourceExperimentId: open - 1,
    sourceOutputsPath: 'y',
    files: 2,
    sizeBytes: 20,
    digest: 'd',
    skippedLinks: 0,
    copiedAt: new Date().toISOString(),
  };
  await database.store.append(`outputs-${open}`, -1, [{ type: 'OutputsCopied', data }], { actor: 'storage-manager' });
  await until('it is told', async () => (await list()).some(({ phase }) => phase === 'copied') || null);
  expect((await list()).find(({ experiment_id: id }) => id === open)).toMatchObject({ phase: 'copied', files: 2, size_bytes: 20, progress: null });
});
