// The original tracking client: in a program that the platform runs, and in one that only tells it.
import type { ExperimentBody, MetricBody, Page, StatusBody } from '#contracts';
import { until } from '#testing';
import { drives } from './command-table.ts';
import { currentRequests, numberIn } from './original-client.ts';
import { iris, type TheStage } from './stage.ts';

/** Prints what it found as one line of JSON. */
const managed = `
import json, os, sys
import polyaxon_client, requests
from polyaxon_client.tracking import Experiment, get_data_paths, get_log_level, get_outputs_path, get_outputs_refs_paths
assert polyaxon_client.__file__.startswith(sys.prefix), polyaxon_client.__file__

xp = Experiment()
with open(os.path.join(get_outputs_path(), 'model'), 'w') as f:
    f.write('trained')
xp.log_metrics(step=1, loss=0.5)
xp.log_metrics(step=2, loss=float('nan'), gain=float('inf'))
xp.log_metrics(step=3, accuracy=0.75)
xp.log_params(batch=32)
xp.log_params(optimizer='adam')
xp.log_tags(['tracked'])
xp.log_data_ref(data=[1, 2], data_name='train')
xp.log_data_ref(data=[3], data_name='test')
xp.set_name('by-the-program')
xp.set_description('said by the program')
xp.log_framework('pytorch')
xp.log_backend('native')
xp.log_status('warning', message='the disk is slow')
xp.log_code_ref()
xp.log_artifact(os.path.join(get_outputs_path(), 'model'))
xp.get_entity_data()
beat = xp.client.transport.post(xp.client.experiment.get_heartbeat_url(xp.username, xp.project_name, xp.experiment_id))
xp.client.experiment.send_logs(xp.username, xp.project_name, xp.experiment_id, 'one more line')
print(json.dumps(dict(params=xp.get_params(), outputs=xp.get_outputs_path(), refs=get_outputs_refs_paths(), data=get_data_paths(), level=get_log_level(), info=xp.get_experiment_info(),
    tf=xp.get_tf_config(), cluster=xp.get_cluster_def(), task=xp.get_task_info(), entity=xp._entity_data['id'] if isinstance(xp._entity_data, dict) else xp._entity_data.id,
    beat=beat.status_code, requests=requests.__version__)))
xp.log_succeeded()
xp.log_metrics(step=4, late=1)
`;

const outside = `
import logging, os
logging.basicConfig(level=logging.INFO)
from polyaxon_client.tracking import Experiment
xp = Experiment(project='iris')
xp.create(name='from-outside', tags=['mine'], framework='keras', description='elsewhere', base_outputs_path=os.getcwd())
logging.getLogger('training').info('epoch %s of %s', 1, 2)
xp.log_metrics(loss=0.125)
xp.log_params(lr=0.3)
print('tracked', xp.experiment_id)
`;
const failing = `
from polyaxon_client.tracking import Experiment
xp = Experiment(project='adam/iris', track_logs=False)
xp.create()
print('tracked', xp.experiment_id, flush=True)
raise ValueError('boom')
`;
const unreachable = `
from polyaxon_client.tracking import get_outputs_path
try:
    get_outputs_path()
except Exception as e:
    print(e)
`;

export function tracking(stage: TheStage): void {
  const metricsOf = async (id: number) => ((await stage().platform.api('GET', `${iris}/experiments/${id}/metrics?limit=100`)).body as Page<MetricBody>).results.map(({ values }) => values);
  const statusesOf = async (id: number) => ((await stage().platform.api('GET', `${iris}/experiments/${id}/statuses?limit=100`)).body as Page<StatusBody>).results;
  const tracked = (out: string) => Number(/^tracked (\d+)$/m.exec(out)?.[1]);

  it('in a managed run it reads everything it was told, and everything it says arrives', async () => {
    drives('Experiment() in a run', 'get_outputs_path and what else a run is told', 'log_metrics', 'log_params, log_tags, log_data_ref');
    drives('set_name, set_description, log_framework, log_backend', 'log_status, log_succeeded', 'log_code_ref');
    const { adam, platform } = stage();
    adam.write('managed.py', managed);
    adam.write('managed.yml', JSON.stringify({ version: 1, kind: 'experiment', logging: { level: 'DEBUG' }, params: { lr: 0.1 }, tags: ['first'], run: { cmd: `${adam.venv}/bin/python -W ignore managed.py` } }));
    const id = numberIn(await adam.does('run', '-u', '-f', 'managed.yml'));
    const done = await platform.done(id);
    const log = platform.log(done);
    expect([done.last_status, log]).toEqual(['succeeded', expect.stringMatching(/^\{.*\}$/m)]);
    const found = JSON.parse(/^\{.*\}$/m.exec(log)?.[0] ?? '{}') as Record<string, unknown>;
    const outputs = platform.outputs(done.outputs_path);
    expect(found).toMatchObject({
      params: { lr: 0.1 }, outputs, refs: { jobs: [], experiments: [] }, data: {}, level: 'DEBUG',
      info: { project_name: 'adam.iris', experiment_name: `adam.iris.${id}` }, tf: { model_dir: outputs, environment: 'cloud' },
      entity: id, beat: 200,
    });
    expect(done).toMatchObject({
      name: 'by-the-program', description: 'said by the program', framework: 'pytorch', backend: 'native', tags: ['first', 'tracked'], params: { lr: 0.1, batch: 32, optimizer: 'adam' },
      run_env: { 'sys.argv': ['managed.py'], python_version: expect.stringMatching(/^3/) },
    });
    const values = await metricsOf(id);
    expect(values.slice(0, 3)).toEqual([{ step: 1, loss: 0.5 }, { step: 2, loss: 'nan', gain: 'inf' }, { step: 3, accuracy: 0.75 }]);
    expect(done.last_metric).toMatchObject({ accuracy: 0.75 });
    expect(await adam.does('experiment', '-xp', String(id), 'get')).toMatch(/^gain +inf *$/m);
    const statuses = await statusesOf(id);
    expect(statuses.map(({ status, message }) => [status, message])).toEqual(expect.arrayContaining([['warning', 'the disk is slow'], ['running', null], ['succeeded', null]]));
    expect(Object.keys((await platform.rows<{ data_refs: object }>('SELECT data_refs FROM api_gateway.experiments WHERE id = $1', [id]))[0]?.data_refs ?? {}).sort()).toEqual(['test', 'train']);
    expect(await platform.api('GET', `${iris}/experiments/${id}/coderef`)).toMatchObject({ status: 200, body: { commit: done.code_revision } });
    expect(log).not.toContain('Traceback');
  });

  it('an exception in a managed run is the platform’s to see', async () => {
    const { adam, platform } = stage();
    adam.write('broken.py', `from polyaxon_client.tracking import Experiment\nxp = Experiment()\nxp.log_metrics(loss=2)\nraise ValueError('boom')\n`);
    adam.write('broken.yml', JSON.stringify({ version: 1, kind: 'experiment', run: { cmd: `${adam.venv}/bin/python -W ignore broken.py` } }));
    const done = await platform.done(numberIn(await adam.does('run', '-u', '-f', 'broken.yml')));
    expect(done).toMatchObject({ last_status: 'failed', exit_code: 1, last_metric: { loss: 2 } });
    expect(platform.log(done)).toContain('ValueError: boom');
  });

  it('outside, it makes an experiment that is followed to its end', async () => {
    drives('Experiment(project).create() outside', 'send_logs');
    const { adam, platform } = stage();
    const { code, out, err } = await adam.python(outside);
    expect([code, out, err]).toEqual([0, expect.stringMatching(/^tracked \d+$/m), expect.not.stringContaining('Traceback')]);
    const id = tracked(out);
    const body: ExperimentBody = await platform.done(id);
    expect(body).toMatchObject({ name: 'from-outside', tags: ['mine'], framework: 'keras', backend: 'other', description: 'elsewhere' });
    expect(body).toMatchObject({ is_managed: false, last_status: 'succeeded', user: 'adam', run_env: { user: expect.any(String) } });
    await until('its metric has come', async () => (await platform.experiment(id)).last_metric.loss === 0.125);
    await until('its param has come', async () => (await platform.experiment(id)).params.lr === 0.3);
    expect((await statusesOf(id)).map(({ status }) => status)).toEqual(expect.arrayContaining(['created', 'running', 'succeeded']));
    const text = await until('its lines have come', async () => (await platform.api('GET', `${iris}/experiments/${id}/logs`)).text);
    expect(text).toContain('epoch %s of %s');
    expect(await adam.does('experiment', '-xp', String(id), 'logs')).toContain('epoch %s of %s');
    expect(await adam.refused('experiment', '-xp', String(id), 'resume')).toMatchObject({ status: 409, code: 'experiment-not-managed' });
  });

  it('with the HTTP library of today it uploads, runs and tracks as well', async () => {
    const { adam, platform } = stage();
    const today = { PYTHONPATH: await currentRequests(adam.venv) };
    adam.write('nothing.yml', 'version: 1\nkind: experiment\nrun: {cmd: "true"}\n');
    expect(await adam.cli(['run', '-u', '-l', '-f', 'nothing.yml'], '', today)).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/Files uploaded\.[^]*succeeded \.\.\.[^]*Session ended/) });
    const { out } = await adam.python(`import requests; print('requests', requests.__version__)\n${outside.replace('from-outside', 'from-today')}`, today);
    expect(out).toContain('requests 2.34');
    await platform.done(tracked(out));
    await until('its metric has come', async () => (await platform.experiment(tracked(out))).last_metric.loss === 0.125);
  }, 180_000);

  it('outside, an exception is a failure with its words', async () => {
    drives('log_failed');
    const { adam, platform } = stage();
    const { code, out } = await adam.python(failing);
    expect(code).toBe(1);
    expect(await platform.done(tracked(out))).toMatchObject({ last_status: 'failed', last_status_message: expect.stringContaining('boom') });
    expect((await adam.python(unreachable)).out).toContain('is not managed by Polyaxon');
  });
}
