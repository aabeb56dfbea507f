// What do a program, its user and the one who deletes it see of an experiment's life?
import { existsSync } from 'node:fs';
import { until } from '#testing';
import { clone, history, project, run, saveAndEnd, statuses, stop, untilStopped, written } from './asking.ts';
import { Platform } from './platform.ts';

let platform: Platform;

beforeAll(async () => {
  platform = await Platform.start({ POLYAXON_GRACE_PERIOD_SECONDS: '5', POLYAXON_MAX_CONCURRENT_RUNS: '4' });
  await platform.api('POST', 'projects', { name: 'verbs' });
}, 60_000);
afterAll(() => platform.remove(), 60_000);

describe('the program can see what it is', () => {
  const look = 'echo $POLYAXON_CLONING_STRATEGY/$POLYAXON_ORIGINAL_NAME/$POLYAXON_PARAMS/$POLYAXON_DECLARATIONS/$POLYAXON_LOGS_PATH; ' + saveAndEnd;

  it('its cloning strategy, the name of its original, its parameters', async () => {
    const source = await run(platform, look, { params: { lr: 0.1 } });
    const seen = async (id: number) => platform.log(await platform.done(id)).trim().split('/').slice(0, 4);
    expect(await seen(source.id)).toEqual(['', '', '{"lr":0.1}', '{"lr":0.1}']);
    for (const verb of ['resume', 'restart', 'copy'] as const) {
      const { id } = await clone(platform, verb, source.id, { params: { lr: 0.2 } });
      expect(await seen(id)).toEqual([verb, `root.verbs.${source.id}`, '{"lr":0.2}', '{"lr":0.2}']);
    }
  });

  it('with a token that is good for its own experiment only, and dead when it is done', async () => {
    const other = await run(platform, saveAndEnd);
    await platform.done(other.id);
    const live = await run(platform, `cd $POLYAXON_RUN_OUTPUTS_PATH; printf %s $POLYAXON_SECRET_USER_TOKEN > part; mv part token; ${untilStopped}`);
    const token = await written(platform, live, 'token');
    const { id } = live;
    const asRun = async (method: string, address: string, body?: object) => (await platform.api(method, address, body, { token })).status;
    const own = `${project}/experiments/${id}`;
    expect([await asRun('GET', own), await asRun('POST', `${own}/metrics`, { values: { loss: 1 } })]).toEqual([200, 201]);
    for (const verb of ['stop', 'resume', 'restart', 'copy']) expect(await asRun('POST', `${own}/${verb}`, {})).toBe(403);
    expect(await asRun('DELETE', own)).toBe(403);
    for (const address of [`${project}/experiments/${other.id}`, `${project}/experiments/${other.id}/logs`, `${project}/experiments/${other.id}/outputs/tree`]) expect(await asRun('GET', address)).toBe(404);
    expect([await asRun('GET', project), await asRun('POST', `${project}/experiments`, {}), await asRun('POST', 'projects', { name: 'mine' })]).toEqual([403, 403, 403]);
    await stop(platform, id);
    expect([await asRun('GET', own), await asRun('POST', `${own}/metrics`, { values: { loss: 2 } })]).toEqual([401, 401]);
  });
});

describe('statuses', () => {
  it('are told in the order of a life, with the message of the end', async () => {
    const good = await run(platform, saveAndEnd);
    const bad = await run(platform, 'exit 3');
    const halted = await run(platform, untilStopped);
    await written(platform, halted, 'model');
    await stop(platform, halted.id);
    const of = async (id: number) => (await platform.done(id), (await statuses(platform, id)).map(({ status }) => status));
    expect(await of(good.id)).toEqual(['created', 'scheduled', 'starting', 'running', 'succeeded']);
    expect(await of(bad.id)).toEqual(['created', 'scheduled', 'starting', 'running', 'failed']);
    expect(await of(halted.id)).toEqual(['created', 'scheduled', 'starting', 'running', 'stopped']);
    expect(await platform.experiment(bad.id)).toMatchObject({ exit_code: 3, last_status_message: expect.stringContaining('3') });
    const copied = await clone(platform, 'copy', good.id);
    expect(await of(copied.id)).toEqual(['created', 'copying', 'scheduled', 'starting', 'running', 'succeeded']);
  });

  it('a done status never changes', async () => {
    const ends = [await run(platform, saveAndEnd), await run(platform, 'exit 1')];
    for (const { id } of ends) {
      const before = await platform.done(id);
      expect(await platform.api('POST', `${project}/experiments/${id}/stop`)).toMatchObject({ status: 409, body: { code: 'experiment-already-done' } });
      await platform.api('POST', `${project}/experiments/${id}/statuses`, { status: 'running' });
      expect(await platform.experiment(id)).toMatchObject({ last_status: before.last_status, finished_at: before.finished_at, exit_code: before.exit_code });
      expect((await history(platform, id)).filter((type) => type === 'ExperimentDone')).toHaveLength(1);
    }
  });
});

describe('deleting', () => {
  it('an experiment whose outputs others still use is refused, and says who uses them', async () => {
    const root = await run(platform, saveAndEnd);
    await platform.done(root.id);
    const resumed = await clone(platform, 'resume', root.id);
    await platform.done(resumed.id);
    const remove = (id: number) => platform.api('DELETE', `${project}/experiments/${id}`);
    expect(await remove(root.id)).toMatchObject({ status: 409, body: { code: 'outputs-in-use', detail: expect.stringContaining(`experiment ${resumed.id}`) } });
    expect(platform.output(`${root.outputs_path}/model`)).toBe('trained\n');
    expect(await remove(resumed.id)).toMatchObject({ status: 204 });
    expect(platform.output(`${root.outputs_path}/model`)).toBe('trained\n');
    expect(await remove(root.id)).toMatchObject({ status: 204 });
    expect(await platform.api('GET', `${project}/experiments/${root.id}`)).toMatchObject({ status: 404 });
    await until('its outputs are gone', () => !existsSync(platform.outputs(root.outputs_path)));
  });

  it('a live one is refused', async () => {
    const live = await run(platform, untilStopped);
    expect(await platform.api('DELETE', `${project}/experiments/${live.id}`)).toMatchObject({ status: 409, body: { fix: `polyaxon experiment -xp ${live.id} stop` } });
    await stop(platform, live.id);
  });
});
