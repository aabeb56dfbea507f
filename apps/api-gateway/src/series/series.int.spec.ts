// Are metrics given as one line over an original and its resumes, by attempt, with what was done twice?
import type { Event, ExperimentBody, RunsSeriesBody, SeriesBody, StreamName } from '#contracts';
import { openTestStore, until, type TestStore } from '#testing';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-fixture.ts';

const began = Date.parse('2026-01-01T00:00:00.000Z');
const at = (second: number) => new Date(began + second * 1000).toISOString();
const saved = (step: number) => ({ path: `weights-${step}.h5`, framework: 'keras', step, sizeBytes: 1, modifiedAt: at(0), complete: true, problem: null });
const summary = { exists: true, files: 1, sizeBytes: 1, checkpoints: [saved(30)], choice: { offered: saved(30), setAside: [], problem: null, alternatives: [] } };

let database: TestStore;
let gateway: GatewayUnderTest;
let original: number;

beforeAll(async () => {
  database = await openTestStore();
  gateway = await startGatewayUnderTest({
    databaseUrl: database.url,
    storageManager: { '/internal/outputs/summary': (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(summary)) },
  });
  await gateway.call('POST', '/projects', { json: { name: 'mnist', is_public: false } });
  original = (await gateway.call<ExperimentBody>('POST', '/root/mnist/experiments', {
    json: { content: 'version: 1\nkind: experiment\nparams: {lr: 0.01}\nenvironment: {resources: {gpu: {limits: 2}}}\nrun: {cmd: "true"}' },
  })).body.id;
}, 120_000);
afterAll(async () => {
  await gateway?.stop();
  await database?.close();
});

/** As the other services would tell it. */
async function tell(stream: StreamName, actor: string, ...events: Event[]): Promise<void> {
  await database.store.append(stream, (await database.store.load(stream)).length - 1, events, { actor });
}
const path = (id: number) => `/root/mnist/experiments/${id}`;
const log = (id: number, attempt: number, rows: (readonly [second: number, values: object])[]) =>
  gateway.call('POST', `${path(id)}/metrics`, { token: gateway.runToken(id, attempt), json: rows.map(([second, values]) => ({ created_at: at(second), values })) });
const series = async (id: number, query = '') => (await gateway.call<SeriesBody>('GET', `${path(id)}/series${query}`)).body;
const started = (experimentId: number, attempt: number, second: number): Event => ({ type: 'RunStarted', data: { experimentId, attempt, console: 'file:/x', logsPath: 'x', startedAt: at(second) } });
const end = (experimentId: number, attempt: number, second: number) => ({ experimentId, attempt, wasStarted: true, exitCode: 1, message: null, endedAt: at(second) });
const given = (experimentId: number, step: number, attempt?: number): Event => ({
  type: 'OutputsPrepared',
  data: { experimentId, originalExperimentId: original, outputsPath: `root/mnist/experiments/${original}`, preparedAt: at(0), ...(attempt && { attempt }), checkpoint: { offered: saved(step), parts: [], setAside: [] } },
});

it('one that has logged nothing has no metrics, and one that has not run no attempts', async () =>
  expect(await series(original)).toEqual({ outputs_owner_id: original, step_name: null, names: [], attempts: [], lost: [], lost_steps: 0, lost_seconds: 0, lost_gpu_seconds: 0 }));

it('two attempts of one run and a resume are one line; what was done again is counted', async () => {
  await tell(`run-${original}`, 'scheduler', started(original, 1, 0));
  await log(original, 1, [[10, { step: 10, loss: 1 }], [20, { step: 20, loss: 0.5 }], [21, { accuracy: 0.7 }], [30, { step: 30, loss: 'nan' }]]);
  await tell(`run-${original}`, 'scheduler', { type: 'RunAttemptFailed', data: { ...end(original, 1, 35), reason: 'program', attemptsAllowed: 2, nextAttemptAt: at(36) } });
  await tell(`outputs-${original}`, 'storage-manager', given(original, 20, 2));
  await tell(`run-${original}`, 'scheduler', started(original, 2, 40));
  await log(original, 2, [[45, { step: 30, loss: 0.4 }], [50, { step: 40, loss: 'inf' }]]);
  await tell(`run-${original}`, 'scheduler', { type: 'RunStopped', data: end(original, 2, 60) });
  await tell(`logs-${original}`, 'log-collector', { type: 'LogsArchived', data: { experimentId: original, attempt: 2, sizeBytes: 0, lines: 0, lostBytes: 0, archivedAt: at(60) } });
  await until('it is done', async () => (await gateway.call<ExperimentBody>('GET', path(original))).body.last_status === 'stopped' || null);
  const { id } = (await gateway.call<ExperimentBody>('POST', `${path(original)}/resume`, { json: { content: 'params: {lr: 0.003}' } })).body;
  await tell(`outputs-${original}`, 'storage-manager', given(id, 30));
  await tell(`run-${id}`, 'scheduler', started(id, 1, 100));
  await log(id, 1, [[110, { step: 40, loss: 0.3 }]]);

  const line = await series(id, '?names=loss&names=accuracy');
  expect(line).toMatchObject({ outputs_owner_id: original, step_name: 'step', names: ['accuracy', 'loss'], lost_steps: 20, lost_seconds: 14, lost_gpu_seconds: 28 });
  expect(line.attempts).toMatchObject([
    {
      experiment_id: original,
      attempt: 1,
      ended_because: 'failed: exit code 1',
      reports: 4,
      first_step: 10,
      last_step: 30,
      went_on_from: 0,
      went_on_by: 'beginning',
      kept_until: 20,
      metrics: {
        loss: { steps: [10, 20, 30], values: [1, 0.5, 'nan'], times: [10, 20, 30].map((second) => began + second * 1000) },
        accuracy: { steps: [20], values: [0.7] },
      },
    },
    {
      experiment_id: original,
      attempt: 2,
      ended_because: 'stopped',
      offered: { path: 'weights-20.h5', step: 20 },
      went_on_from: 20,
      went_on_by: 'checkpoint',
      kept_until: 30,
      metrics: { loss: { values: [0.4, 'inf'] } },
    },
    {
      experiment_id: id,
      attempt: 1,
      ended_because: null,
      went_on_from: 30,
      kept_until: null,
      params: [{ path: 'lr', change: 'changed', before: 0.01, after: 0.003 }],
      metrics: { loss: { steps: [40], values: [0.3] } },
    },
  ]);
  expect(line.lost).toMatchObject([{ attempt: 0, by: 1, from_step: 20, to_step: 30, seconds: 9 }, { attempt: 1, by: 2, from_step: 30, to_step: 40, seconds: 5 }]);
  expect(await series(original, '?names=loss&names=accuracy')).toEqual(line);
  expect((await series(id, '?chain=false')).attempts).toHaveLength(1);
});

it('what nobody asks for is left out, and a spike is not', async () => {
  const { id } = (await gateway.call<ExperimentBody>('POST', '/root/mnist/experiments', { json: { is_managed: false } })).body;
  const rows = Array.from({ length: 3000 }, (_, index) => ({ values: { global_step: index, step: 1, loss: index === 1234 ? 99 : 1, [`m${index % 50}`]: 1 } }));
  await gateway.call('POST', `${path(id)}/metrics`, { json: rows });
  const line = await series(id, '?names=loss&points=100');
  expect(line.step_name).toBe('global_step');
  expect(line.names).toHaveLength(51);
  expect(Object.keys(line.attempts[0]?.metrics ?? {})).toEqual(['loss']);
  expect(line.attempts[0]?.metrics.loss?.steps).toEqual(expect.arrayContaining([0, 1234, 2999]));
  expect(line.attempts[0]?.metrics.loss?.steps.length).toBeLessThan(110);
});

it('several are given beside each other, each alone', async () => {
  const others = await Promise.all([0.1, 0.2].map(async (loss) => {
    const { id } = (await gateway.call<ExperimentBody>('POST', '/root/mnist/experiments', { json: { is_managed: false } })).body;
    await gateway.call('POST', `${path(id)}/metrics`, { json: { values: { step: 1, loss } } });
    return id;
  }));
  const { body } = await gateway.call<RunsSeriesBody>('GET', `/experiments/series?ids=${[original, ...others].join()}&names=loss`);
  expect(body.map(({ experiment_id: id, series: { attempts, lost_steps: lost } }) => [id, attempts.length, lost, attempts.at(-1)?.metrics.loss?.values.at(-1)])).toEqual([
    [original, 2, 10, 'inf'],
    [others[0], 1, 0, 0.1],
    [others[1], 1, 0, 0.2],
  ]);
  expect((await gateway.call('GET', `/experiments/series?ids=${original},999999`)).status).toBe(404);
  for (const ids of ['', '1,', '1;2', 'a', Array.from({ length: 101 }, () => '1').join()]) expect((await gateway.call('GET', `/experiments/series?ids=${ids}`)).body).toMatchObject({ code: 'request-invalid' });
  const stranger = await gateway.user('another');
  expect((await gateway.call('GET', `/experiments/series?ids=${original}`, { token: stranger })).status).toBe(404);
});

it('of many, however much each has reported, every report is counted once, and each has steps of its own', async () => {
  const runs = await Promise.all(Array.from({ length: 12 }, async (_, place) => {
    const rows = place === 5 ? 4500 : place;
    const { id } = (await gateway.call<ExperimentBody>('POST', '/root/mnist/experiments', { json: { is_managed: false } })).body;
    const counts = place % 2 === 0 ? 'step' : 'epoch';
    if (rows > 0) await gateway.call('POST', `${path(id)}/metrics`, { json: Array.from({ length: rows }, (__, row) => ({ values: { [counts]: row, loss: 1 / (row + 1), rows } })) });
    return { id, rows, counts };
  }));
  const several = (query: string) => gateway.call<RunsSeriesBody>('GET', `/experiments/series?ids=${runs.map(({ id }) => id).join()}&${query}`);
  const { body } = await several('names=loss&names=rows&points=20000');
  expect(body.map(({ series: { step_name: counts, attempts: [attempt] } }) => ({ counts, rows: attempt?.reports, steps: attempt?.metrics.loss?.steps }))).toEqual(
    runs.map(({ counts, rows }) => ({ counts: rows > 0 ? counts : null, rows, steps: Array.from({ length: rows }, (_, row) => row) })),
  );
  expect(body.map(({ series }) => series)).toEqual(await Promise.all(runs.map(({ id }) => series(id, '?names=loss&names=rows&points=20000&chain=false'))));
  const short = (await several('names=loss&names=rows&points=20000&digits=3&times=false')).body[5]?.series.attempts[0]?.metrics;
  expect([short?.loss?.values.slice(2, 4), short?.rows?.values.at(-1), short?.loss?.times]).toEqual([[0.333, 0.25], 4500, []]);
});

it('is for those who may read it, and says what can’t be asked', async () => {
  const stranger = await gateway.user('stranger');
  expect((await gateway.call('GET', `${path(original)}/series`, { token: stranger })).status).toBe(404);
  for (const query of ['points=1', 'digits=1', 'points=x', 'points=1000000', Array.from({ length: 21 }, (_, index) => `names=m${index}`).join('&')])
    expect((await gateway.call('GET', `${path(original)}/series?${query}`)).body).toMatchObject({ code: 'request-invalid' });
});
