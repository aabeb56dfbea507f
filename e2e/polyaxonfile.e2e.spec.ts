// Does everything that a polyaxonfile says have an effect, or a word about why not?
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentBody } from '#contracts';
import { created, history, polyaxonfile, run, saveAndEnd, statuses, stop, untilStopped, written } from './asking.ts';
import { Platform } from './platform.ts';

const project = 'root/verbs';
const secret = 'a-value-that-nobody-must-see';

let platform: Platform;

beforeAll(async () => {
  platform = await Platform.start({ POLYAXON_MAX_CONCURRENT_RUNS: '8', POLYAXON_RESTART_DELAY_SECONDS: '0' });
  expect(await platform.api('POST', 'projects', { name: 'verbs' })).toMatchObject({ status: 201 });
  keep('secrets/hub', 'HUB_TOKEN', `${secret}\n`, 0o600);
  keep('config/shared', 'REGION', 'north\n', 0o644);
  mkdirSync(join(platform.home, 'data/mnist'), { recursive: true });
}, 120_000);
afterAll(() => platform.remove());

function keep(folder: string, key: string, value: string, mode: number): void {
  const at = join(platform.home, folder);
  mkdirSync(at, { recursive: true, mode: 0o700 });
  writeFileSync(join(at, key), value);
  chmodSync(join(at, key), mode);
}

const submitted = (content: string) => platform.api('POST', `${project}/experiments`, { content });
const said = async ({ id }: ExperimentBody) => (await statuses(platform, id)).map(({ status, message }) => (message ? `${status}: ${message}` : status));
const names = async ({ id }: ExperimentBody) => (await statuses(platform, id)).map(({ status }) => status);

describe('a run', () => {
  it('is scheduled, starts and runs before it succeeds', async () => {
    const experiment = await run(platform, saveAndEnd);
    await platform.done(experiment.id);
    expect(await names(experiment)).toEqual(['created', 'scheduled', 'starting', 'running', 'succeeded']);
  }, 60_000);

  it('takes a list of commands as one after the other, and stops at the first that fails', async () => {
    const content = JSON.stringify({ version: 1, kind: 'experiment', run: { cmd: ['echo one', 'echo {{ two }}', 'false', 'echo three'] }, params: { two: 2 } });
    const done = await platform.done((await created(submitted(content))).id);
    expect(done).toMatchObject({ last_status: 'failed', exit_code: 1 });
    expect(platform.log(done)).toBe('one\n2\n');
  }, 60_000);

  it('has tags, framework, level of logging, and params of the types it declares', async () => {
    const content = polyaxonfile('env > $POLYAXON_RUN_OUTPUTS_PATH/env; echo {{ epochs + 1 }} {{ flag }}', {
      tags: ['mnist', 2019], framework: 'pytorch', logging: { level: 'debug' },
      inputs: [{ name: 'epochs', type: 'int' }, { name: 'flag', type: 'bool', is_flag: true, default: true }], params: { epochs: '3' },
    });
    const done = await platform.done((await created(submitted(content))).id);
    expect(done).toMatchObject({ last_status: 'succeeded', tags: ['mnist', '2019'], framework: 'pytorch', params: { epochs: 3, flag: true } });
    expect(platform.log(done)).toBe('4 --flag\n');
    expect(await written(platform, done, 'env')).toContain('POLYAXON_LOG_LEVEL=DEBUG\n');
  }, 60_000);

  it.each([
    ['a required input without a value', { inputs: [{ name: 'lr', type: 'float' }] }, 'inputs.lr: required, and no param gives it a value; add -P lr=<value>'],
    ['a param of another type', { inputs: [{ name: 'lr', type: 'float' }], params: { lr: 'fast' } }, 'params.lr: expected a number, found "fast"'],
    ['a path in a store of another kind', { inputs: [{ name: 'data', type: 's3_path' }], params: { data: 'gs://bucket/x' } }, 'params.data: expected a path such as s3://bucket/key, found "gs://bucket/x"'],
    ['another store', { environment: { artifact_refs: ['far-away'] } }, 'artifact_refs: there is no store far-away; known are default'],
    ['outputs of jobs', { environment: { outputs: { jobs: [3] } } }, 'environment.outputs.jobs: jobs are not served here'],
    ['outputs of nobody', { environment: { outputs: { experiments: [999_999] } } }, 'environment.outputs.experiments: there is no experiment 999999 that root may read'],
    ['a secret that leads elsewhere', { environment: { secret_refs: ['../admin-token'] } }, 'environment.secret_refs[0]: expected a name'],
  ])('is refused with %s', async (_, more, detail) => {
    const answer = await submitted(polyaxonfile('true', more));
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining(detail) as string } });
  });

  it('names line and column of what is wrong', async () => {
    const answer = await submitted('version: 1\nkind: experiment\nenvironment:\n  max_restarts: many\nrun:\n  cmd: x\n');
    expect(answer.body.detail).toContain('line 4, column 3, environment.max_restarts: expected a whole number from 0, found "many"');
  });
});

describe('max_restarts', () => {
  /** Fails until it has been there often enough. */
  const third = 'n=$(($(cat $POLYAXON_RUN_OUTPUTS_PATH/n 2>/dev/null || echo 0) + 1)); echo $n > $POLYAXON_RUN_OUTPUTS_PATH/n; echo try $n; [ $n -ge 3 ]';

  it('starts a failed run again, in the same outputs, and its log goes on', async () => {
    const experiment = await run(platform, third, { environment: { max_restarts: 2 } });
    const done = await platform.done(experiment.id);
    expect(done).toMatchObject({ last_status: 'succeeded', attempt: 3 });
    expect(platform.log(done)).toBe('try 1\n--- attempt 2 of 3 ---\ntry 2\n--- attempt 3 of 3 ---\ntry 3\n');
    const lines = await said(experiment);
    expect(lines).toContain('warning: attempt 1 of 3 failed: exited with code 1; the next starts now');
    expect(lines.at(-1)).toBe('succeeded');
  }, 60_000);

  it('is used up', async () => {
    const experiment = await run(platform, 'exit 7', { environment: { max_restarts: 1 } });
    expect(await platform.done(experiment.id)).toMatchObject({ last_status: 'failed', exit_code: 7, attempt: 2 });
  }, 60_000);

  it('ends with a stop', async () => {
    const experiment = await run(platform, untilStopped, { environment: { max_restarts: 5 } });
    await written(platform, experiment, 'model');
    expect(await stop(platform, experiment.id)).toMatchObject({ last_status: 'stopped', attempt: 1 });
    expect(await history(platform, experiment.id)).not.toContain('RunAttemptFailed');
  }, 60_000);
});

describe('build', () => {
  it('runs its steps before the command, in its folder, with its variables', async () => {
    const experiment = await run(platform, 'cat made; echo $GREETING $LANG', {
      build: { image: 'python:3', build_steps: ['echo building', 'echo $GREETING > made'], env_vars: [['GREETING', 'hello']], lang_env: 'C.UTF-8' },
    });
    const done = await platform.done(experiment.id);
    expect(platform.log(done)).toBe('build step 1 of 2: echo building\nbuilding\nbuild step 2 of 2: echo $GREETING > made\nhello\nhello C.UTF-8\n');
    expect((await names(experiment)).filter((status) => status !== 'warning')).toEqual(['created', 'scheduled', 'starting', 'building', 'running', 'succeeded']);
    expect(await said(experiment)).toContain('warning: build: image has no effect on this machine: no container is made, the program runs with what is installed here');
  }, 60_000);

  it('fails the run with the step that fails', async () => {
    const experiment = await run(platform, 'echo never', { build: { image: 'python:3', build_steps: ['true', 'no-such-tool install'] } });
    const done = await platform.done(experiment.id);
    expect(done).toMatchObject({ last_status: 'failed', exit_code: 127 });
    expect(done.last_status_message).toMatch(/^build step 2 of 2 \(no-such-tool install\) failed: .*not found/);
    expect(platform.log(done)).not.toContain('never');
  }, 60_000);
});

describe('secrets, settings and data', () => {
  it('are in the environment of the program, and a secret is nowhere else', async () => {
    const experiment = await run(platform, '[ ${#HUB_TOKEN} = 28 ] && echo $REGION $POLYAXON_RUN_DATA_PATHS', {
      environment: { secret_refs: ['hub'], config_map_refs: [{ name: 'shared', items: ['REGION'] }], data_refs: ['mnist'] },
    });
    const done = await platform.done(experiment.id);
    expect(done.last_status).toBe('succeeded');
    expect(platform.log(done)).toBe(`north {"mnist":"${platform.home}/data/mnist"}\n`);
    const [{ found }] = (await platform.rows<{ found: number }>(`SELECT count(*)::int AS found FROM event_store.messages WHERE data::text LIKE $1`, [`%${secret}%`])) as [{ found: number }];
    expect(found).toBe(0);
    expect((await platform.api('GET', `${project}/experiments/${experiment.id}`)).text).not.toContain(secret);
  }, 60_000);

  it.each([
    ['that is not there', { secret_refs: ['nowhere'] }, /environment\.secret_refs: nowhere is not on this machine, .*to mend it: mkdir -p -m 700/],
    ['without a key that is asked for', { secret_refs: [{ name: 'hub', items: ['OTHER'] }] }, /environment\.secret_refs: hub has no .*\/OTHER; to mend it/],
    ['of data that is not there', { data_refs: ['nowhere'] }, /environment\.data_refs: nowhere is not on this machine/],
  ])('fail the run %s, with the command that mends it', async (_, environment, message) => {
    const done = await platform.done((await run(platform, 'true', { environment })).id);
    expect(done.last_status).toBe('failed');
    expect(done.last_status_message).toMatch(message);
  }, 60_000);

  it('fail the run when others may read a secret', async () => {
    keep('secrets/open', 'KEY', 'x', 0o644);
    const done = await platform.done((await run(platform, 'true', { environment: { secret_refs: ['open'] } })).id);
    expect(done.last_status_message).toMatch(/others on this machine may read .*; to mend it: chmod 600 /);
  }, 60_000);

  it('what means nothing on one machine is kept, and said once', async () => {
    const experiment = await run(platform, 'exit 1', { environment: { node_selector: { disk: 'fast' }, labels: { team: 'vision' }, max_restarts: 1 } });
    await platform.done(experiment.id);
    const warnings = (await said(experiment)).filter((line) => line.includes('no effect'));
    expect(warnings).toEqual(['warning: environment: node_selector, labels have no effect on this machine, which runs it as one process']);
  }, 60_000);
});

describe('outputs of other experiments', () => {
  it('are found by the program, by number and by name, also those of a resume', async () => {
    const source = await created(platform.api('POST', `${project}/experiments`, { content: polyaxonfile(saveAndEnd), name: 'teacher' }));
    await platform.done(source.id);
    const resumed = await created(platform.api('POST', `${project}/experiments/${source.id}/resume`, {}));
    await platform.done(resumed.id);
    const program = `python3 -c 'from polyaxon_client.tracking import get_outputs_refs_paths as refs; print([open(path + "/model").read() for path in refs()["experiments"]])'`;
    const experiments = [source.id, resumed.id, 'teacher', 'verbs/teacher', 'root/verbs/teacher'];
    const student = await run(platform, program, { environment: { outputs: { experiments } } });
    const done = await platform.done(student.id);
    expect(platform.log(done)).toBe(`${JSON.stringify(experiments.map(() => 'trained\\n')).replaceAll('"', "'").replaceAll('\\\\', '\\').replaceAll(',', ', ')}\n`);
  }, 90_000);

  it('stay as long as somebody reads them', async () => {
    const source = await run(platform, saveAndEnd);
    await platform.done(source.id);
    const reader = await run(platform, untilStopped, { environment: { outputs: { experiments: [source.id] } } });
    await written(platform, reader, 'model');
    const refused = await platform.api('DELETE', `${project}/experiments/${source.id}`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'outputs-in-use', detail: `the outputs of experiment ${source.id} are used by experiment ${reader.id}` } });
    await stop(platform, reader.id);
    expect(await platform.api('DELETE', `${project}/experiments/${source.id}`)).toMatchObject({ status: 204 });
    expect(await platform.api('POST', `${project}/experiments/${reader.id}/restart`, {})).toMatchObject({ status: 400, body: { code: 'reference-invalid' } });
  }, 90_000);

  it('of another user’s private project are as if they were not there', async () => {
    await platform.api('POST', 'users', { username: 'mona', password: 'the password of mona' });
    const { body: { token } } = await platform.api('POST', 'users/token', new URLSearchParams({ username: 'mona', password: 'the password of mona' }).toString(), {
      token: null, headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    await platform.api('POST', 'projects', { name: 'closed', is_public: false });
    const closed = await created(platform.api('POST', 'root/closed/experiments', { content: polyaxonfile(saveAndEnd) }));
    await platform.api('POST', 'projects', { name: 'hers' }, { token });
    const answer = await platform.api('POST', 'mona/hers/experiments', { content: polyaxonfile('true', { environment: { outputs: { experiments: [closed.id] } } }) }, { token });
    expect(answer).toMatchObject({ status: 400, body: { code: 'reference-invalid', detail: expect.stringContaining(`there is no experiment ${closed.id} that mona may read`) as string } });
  }, 60_000);
});

describe('what a program reports', () => {
  it('may be NaN or infinite, and is shown as that', async () => {
    const experiment = await created(platform.api('POST', `${project}/experiments`, { is_managed: false }));
    const body = '[{"values": {"loss": NaN, "best": Infinity, "worst": -Infinity, "lr": 0.5}}]';
    expect(await platform.api('POST', `${project}/experiments/${experiment.id}/metrics`, body, { headers: { 'content-type': 'application/json' } })).toMatchObject({ status: 201 });
    const values = { loss: 'nan', best: 'inf', worst: '-inf', lr: 0.5 };
    expect((await platform.experiment(experiment.id)).last_metric).toEqual(values);
    expect((await platform.api('GET', `${project}/experiments/${experiment.id}/metrics`)).body.results[0].values).toEqual(values);
    expect((await platform.cli(platform.folder, 'experiment', '-p', project, '-xp', String(experiment.id), 'metrics')).out).toContain('nan');
  }, 60_000);

  it('is one line for one end, with a beginning', async () => {
    const experiment = await created(platform.api('POST', `${project}/experiments`, { is_managed: false }));
    await platform.api('POST', `${project}/experiments/${experiment.id}/_heartbeat`);
    await platform.api('POST', `${project}/experiments/${experiment.id}/statuses`, { status: 'running' });
    await platform.api('POST', `${project}/experiments/${experiment.id}/statuses`, { status: 'failed', message: 'no more data', traceback: 'line 3' });
    expect(await names(experiment)).toEqual(['created', 'running', 'failed']);
    expect(await platform.experiment(experiment.id)).toMatchObject({ last_status: 'failed', last_status_message: 'no more data', started_at: expect.any(String) as string, finished_at: expect.any(String) as string });
    const { body } = await platform.api('GET', `${project}/experiments/${experiment.id}/_heartbeat`);
    expect(Date.parse(body.last_at as string)).toBeGreaterThan(0);
  });

  it('quantities that are text are numbers in the answers', async () => {
    const { resources } = await run(platform, 'true', { environment: { resources: { cpu: { limits: '500m' }, memory: { requests: '512Mi' } } } });
    expect(resources).toEqual({ cpu: { limits: 0.5, requests: null }, memory: { limits: null, requests: 512 * 1024 * 1024 }, gpu: null, tpu: null });
  });
});

it('the schema of polyaxonfiles is served and printed for editors', async () => {
  const served = await platform.api('GET', 'polyaxonfile.schema.json', undefined, { token: null });
  expect(served).toMatchObject({ status: 200, body: { title: 'polyaxonfile' } });
  expect(JSON.parse((await platform.cli(platform.folder, 'check', '--schema')).out)).toEqual(served.body);
});
