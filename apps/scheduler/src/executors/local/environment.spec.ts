// Does a program find what it needs, and nothing that isn't its business?
import type { ExperimentOrder } from '#contracts';
import { readRunToken } from '#service-host';
import type { AttemptSpec } from '../executor.ts';
import { environmentOf, type Surroundings } from './environment.ts';

const order = {
  experimentId: 31, uuid: 'f3', user: 'mona', project: 'iris', groupId: null, content: '{"logging":{"level":"debug"}}', params: { lr: 0.1 },
  outputsPath: 'mona/iris/experiments/23', logsPath: 'mona/iris/experiments/31',
} as unknown as ExperimentOrder;
const spec: AttemptSpec = { experimentId: 31, attempt: 2, order, cloningStrategy: 'resume', sourceExperimentId: 23 };
const surroundings: Surroundings = {
  outputsRoot: '/home/outputs', logsRoot: '/home/logs', gatewayUrl: 'http://127.0.0.1:8000', runTokenSecret: 'secret', pythonClient: '/platform/clients/python',
  inherited: { PATH: '/opt/bin:/bin', HOME: '/root', PYTHONPATH: '/mine', POLYAXON_DATABASE_URL: 'postgres://x', POLYAXON_INTERNAL_TOKEN: 'x', POLYAXON_RUN_TOKEN_SECRET: 'secret', AWS_SECRET_ACCESS_KEY: 'x' },
};

describe('the environment of a run', () => {
  const environment = environmentOf(spec, surroundings, 'polyaxon-home-31-2');

  it('says where and what it is', () => {
    expect(environment).toMatchObject({
      POLYAXON_IS_MANAGED: 'true', POLYAXON_RUN_OUTPUTS_PATH: '/home/outputs/mona/iris/experiments/23', POLYAXON_LOGS_PATH: '/home/logs/mona/iris/experiments/31',
      POLYAXON_PARAMS: '{"lr":0.1}', POLYAXON_DECLARATIONS: '{"lr":0.1}', POLYAXON_CLONING_STRATEGY: 'resume', POLYAXON_ORIGINAL_NAME: 'mona.iris.23', POLYAXON_LOG_LEVEL: 'DEBUG',
      POLYAXON_API_HTTP_HOST: 'http://127.0.0.1:8000', POLYAXON_API_WS_HOST: 'ws://127.0.0.1:8000', POLYAXON_RUN_MARKER: 'polyaxon-home-31-2',
      PYTHONPATH: '/platform/clients/python:/mine', PATH: '/opt/bin:/bin', HOME: '/root',
    });
    expect(JSON.parse(environment.POLYAXON_EXPERIMENT_INFO ?? '')).toEqual({
      project_name: 'mona.iris', experiment_name: 'mona.iris.31', experiment_uuid: 'f3', attempt: 2, role: 'master', type: 'experiment',
    });
  });
  it('knows the span it was launched in, if there is one', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect(environmentOf({ ...spec, traceparent }, surroundings, 'x').TRACEPARENT).toBe(traceparent);
    expect(environment).not.toHaveProperty('TRACEPARENT');
  });
  it('has a token of its own attempt', () => expect(readRunToken('secret', environment.POLYAXON_SECRET_USER_TOKEN ?? '')).toEqual({ experimentId: 31, attempt: 2 }));
  it('has no secret of the platform or its user', () => {
    expect(Object.keys(environment).filter((name) => /DATABASE|INTERNAL|TOKEN_SECRET|AWS/.test(name))).toEqual([]);
    expect(Object.values(environment)).not.toContain('secret');
  });
  it('says from which checkpoint it goes on, when it was given one', () => {
    const offered = { path: 'a/ckpt-7', framework: 'tensorflow', step: 7, sizeBytes: 1, modifiedAt: '2026-11-24T10:00:00.000Z', complete: true, problem: null };
    const given = environmentOf({ ...spec, attempt: 1, checkpoint: { offered, parts: ['a/ckpt-7.index'], setAside: [] } }, surroundings, 'm');
    expect(given).toMatchObject({ POLYAXON_CHECKPOINT_PATH: '/home/outputs/mona/iris/experiments/23/a/ckpt-7', POLYAXON_CHECKPOINT_STEP: '7', POLYAXON_CHECKPOINT_FRAMEWORK: 'tensorflow' });
    expect(Object.keys(environment).filter((name) => name.startsWith('POLYAXON_CHECKPOINT'))).toEqual([]);
  });
  it('names no original of a fresh experiment', () => {
    const fresh = environmentOf({ ...spec, cloningStrategy: null, sourceExperimentId: null, order: { ...order, content: '' } }, surroundings, 'm');
    expect(fresh).not.toHaveProperty('POLYAXON_CLONING_STRATEGY');
    expect(fresh).not.toHaveProperty('POLYAXON_ORIGINAL_NAME');
    expect(fresh.POLYAXON_LOG_LEVEL).toBe('INFO');
  });

  it('has what its user brings along, which wins over the machine and never over the platform', () => {
    const build = { image: 'python:3', lang_env: 'C.UTF-8', env_vars: [['GREETING', 'hello'], ['POLYAXON_RUN_OUTPUTS_PATH', '/elsewhere'], ['PYTHONPATH', '/hers']] };
    const provisions = { variables: { HUB_TOKEN: 'x', GREETING: 'overridden', HOME: '/brought' }, dataPaths: { mnist: '/data/mnist' }, referencedOutputs: ['/home/outputs/12'] };
    expect(environmentOf({ ...spec, order: { ...order, build, logLevel: 'ERROR' } }, surroundings, 'm', provisions)).toMatchObject({
      LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', GREETING: 'hello', HUB_TOKEN: 'x', HOME: '/brought', PYTHONPATH: '/platform/clients/python:/hers', POLYAXON_LOG_LEVEL: 'ERROR',
      POLYAXON_RUN_OUTPUTS_PATH: '/home/outputs/mona/iris/experiments/23', POLYAXON_RUN_DATA_PATHS: '{"mnist":"/data/mnist"}',
      POLYAXON_REFS_OUTPUTS_PATHS: '{"jobs":[],"experiments":["/home/outputs/12"]}',
    });
  });
});
