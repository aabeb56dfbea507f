// Does somebody see what needs them, what runs and what has ended, and nothing they have dismissed?
import type { NowBody, NowExperiment } from '#contracts';
import { anOrder, aTime, openTestStore, until, type TestStore } from '#testing';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';

const content = 'version: 1\nkind: experiment\nrun: {cmd: "true"}';
const saved = new Map<string, string>();
const empty = { exists: false, files: 0, sizeBytes: 0, checkpoints: [], choice: { offered: null, setAside: [], problem: null, alternatives: [] } };
let test: TestStore;
let gateway: GatewayUnderTest;
let mona: string;

beforeAll(async () => {
  test = await openTestStore();
  gateway = await startGatewayUnderTest({
    databaseUrl: test.url,
    storageManager: {
      '/internal/outputs/newest_checkpoint': (query, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ modifiedAt: saved.get(query.get('path') ?? '') ?? null })),
      '/internal/outputs/summary': (_, response) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(empty)),
    },
  });
  mona = await gateway.user('mona');
  await gateway.call('POST', '/projects', { token: mona, json: { name: 'p' } });
});
afterAll(async () => {
  await gateway?.stop();
  await test?.close();
});

const look = async (token = mona) => (await gateway.call<NowBody>('GET', '/now', { token })).body;
const seen = (what: string, is: (now: NowBody) => boolean) => until(what, async () => {
  const now = await look();
  return is(now) ? now : null;
});
const post = (path: string, json: object = {}) => gateway.call('POST', path, { token: mona, json });
const dismiss = (kind: string, experiment: number, how = 'dismissals') => post(`/now/${how}`, { dismissed: [{ experiment, kind }] });

async function anExperiment(): Promise<number> {
  return (await post('/mona/p/experiments', { content })).body.id as number;
}

const started = (id: number, startedAt: string) => test.store.append(`run-${id}`, -1, [
  { type: 'RunQueued', data: { experimentId: id, order: anOrder(id), cloningStrategy: null, sourceExperimentId: null, queuedAt: aTime } },
  { type: 'RunStarted', data: { experimentId: id, attempt: 1, console: 'file:///x', logsPath: 'x', startedAt } },
], { actor: 'scheduler' });

async function ended(id: number, type: 'RunFailed' | 'RunSucceeded'): Promise<void> {
  const end = { experimentId: id, attempt: 1, wasStarted: true, exitCode: type === 'RunFailed' ? 1 : 0, message: type === 'RunFailed' ? 'exit code 1' : null, endedAt: new Date().toISOString() };
  await test.store.append(`run-${id}`, 1, [type === 'RunFailed' ? { type, data: { ...end, reason: 'program' } } : { type, data: end }], { actor: 'scheduler' });
  await test.store.append(`logs-${id}`, -1, [{ type: 'LogsArchived', data: { experimentId: id, attempt: 1, sizeBytes: 0, lines: 0, lostBytes: 0, archivedAt: aTime } }], { actor: 'log-collector' });
}
const ids = (rows: readonly { readonly experiment: NowExperiment }[]) => rows.map(({ experiment }) => experiment.id);

it('at first there is nothing', async () => expect(await look()).toMatchObject({ needs: [], running: [], running_count: 0, done: [], done_count: 0, has_runs: false }));

it('what runs, with its last metric and its last save; one that has saved nothing for long needs somebody', async () => {
  const [one, other] = [await anExperiment(), await anExperiment()];
  await started(one, new Date(Date.now() - 3_600_000).toISOString());
  await started(other, new Date().toISOString());
  saved.set(`mona/p/experiments/${one}`, new Date(Date.now() - 3_000_000).toISOString());
  await post(`/mona/p/experiments/${one}/metrics`, { values: { loss: 0.5 } });
  const now = await seen('both run', ({ running }) => running.length === 2);
  expect(now).toMatchObject({ has_runs: true, running_count: 2 });
  expect(now.running).toMatchObject([{ experiment: { id: other, user: 'mona', project: 'p', last_status: 'running' }, saved_at: null }, {
    experiment: { id: one }, last_metric: { loss: 0.5 }, saved_at: saved.get(`mona/p/experiments/${one}`),
  }]);
  expect(now.needs).toMatchObject([{ experiment: { id: one }, kind: 'checkpoint-overdue', since: saved.get(`mona/p/experiments/${one}`) }]);
});

it('what failed, until somebody goes on from it', async () => {
  await ended(1, 'RunFailed');
  const now = await seen('it failed', ({ needs }) => needs.some(({ kind }) => kind === 'failed'));
  expect(now.needs).toMatchObject([{ experiment: { id: 1 }, kind: 'failed', text: 'exit code 1', fix: 'polyaxon experiment -xp 1 resume' }]);
});

it('what was refused to them, with what mends it', async () => {
  expect((await post('/mona/p/experiments/1/resume')).body).toMatchObject({ code: 'outputs-empty' });
  expect((await look()).needs).toMatchObject([{
    experiment: { id: 1 }, kind: 'refused', text: expect.stringContaining('To resume it was refused: ') as string, fix: 'polyaxon experiment -xp 1 restart',
  }, { kind: 'failed' }]);
  expect((await post('/mona/p/experiments/1/restart')).status).toBe(201);
  expect((await look()).needs).toEqual([]);
});

it('what has ended, until they have seen it', async () => {
  await ended(2, 'RunSucceeded');
  await seen('it has ended', ({ done }) => done.length === 1);
  expect((await dismiss('done', 2)).status).toBe(204);
  expect(await look()).toMatchObject({ done: [], done_count: 0 });
  expect((await dismiss('done', 2, 'dismissals/undo')).status).toBe(204);
  expect(ids((await look()).done)).toEqual([2]);
});

it('what is dismissed comes back when it happens again', async () => {
  expect((await post('/mona/p/experiments/3/resume')).status).toBe(409);
  const [need] = (await look()).needs;
  expect(need).toMatchObject({ experiment: { id: 3 }, kind: 'refused' });
  await dismiss('refused', 3);
  expect((await look()).needs).toEqual([]);
  await until('a moment has passed', () => Date.now() > Date.parse(need?.since ?? '') + 5);
  expect((await post('/mona/p/experiments/3/resume')).status).toBe(409);
  expect(ids((await look()).needs)).toEqual([3]);
});

it('nobody sees it of others, and what can’t be dismissed is refused', async () => {
  expect(await look(await gateway.user('other'))).toMatchObject({ needs: [], running: [], done: [], has_runs: false });
  for (const dismissed of [[], [{ experiment: 1, kind: 'all' }], [{ experiment: 0, kind: 'done' }], undefined])
    expect((await post('/now/dismissals', { dismissed })).body).toMatchObject({ status: 400, code: 'request-invalid' });
});
