// Do several processes become pods that find each other, know who they are, and end together?
import { execFileSync } from 'node:child_process';
import type { PodOrder } from '#storage';
import { LaunchFailed } from '../../executor.ts';
import { attemptObjects } from './attempt-objects.ts';
import { attemptWith, settings } from './objects-fixture.ts';
import { beginning } from './replicas.ts';

const distributed = (replicas: object, more: object = {}) => attemptWith({ environment: { resources: { cpu: { limits: 1 } }, replicas, ...more }, framework: 'tensorflow' });
const objects = attemptObjects(distributed({ n_workers: 2, n_ps: 1 }), settings);
const [program] = objects.job.spec!.template.spec!.containers;
const variables = Object.fromEntries((program?.env ?? []).map(({ name, value }) => [name, value ?? '']));

/** As the pod of that index has them. */
function variablesAt(index: number): Record<string, string> {
  const script = beginning.replace(/exec .*$/, 'env -0');
  const said = execFileSync('/bin/sh', ['-c', script], { env: { PATH: process.env.PATH, ...variables, JOB_COMPLETION_INDEX: String(index) } }).toString();
  return Object.fromEntries(said.split('\0').filter(Boolean).map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]));
}

describe('several that train together', () => {
  it('are one job, of which nobody is tried again, with an address each', () => {
    expect(objects.job.spec).toMatchObject({ completionMode: 'Indexed', completions: 4, parallelism: 4, backoffLimit: 0 });
    expect(objects.job.spec).not.toHaveProperty('backoffLimitPerIndex');
    expect(objects.job.spec?.template.spec?.subdomain).toBe('run-31-2');
    expect(objects.service?.metadata).toEqual(objects.secret.metadata);
    expect(objects.service?.spec).toEqual({ clusterIP: 'None', selector: objects.secret.metadata?.labels, publishNotReadyAddresses: true });
  });
  it('have succeeded when all that train have; parameter servers are ended then', () => {
    expect(objects.job.spec?.successPolicy).toEqual({ rules: [{ succeededIndexes: '0-2' }] });
    expect(attemptObjects(distributed({ n_workers: 2 }), settings).job.spec).not.toHaveProperty('successPolicy');
  });
  it('print for themselves', () => expect(objects.console).toBe('pushed:31-2?replicas=master,worker-0,worker-1,ps-0'));
  it('are one pod as ever when there is only the master', () => {
    const alone = attemptObjects(distributed({ n_workers: 0 }), settings);
    expect([alone.service, alone.console, alone.job.spec?.completionMode]).toEqual([undefined, 'pushed:31-2', undefined]);
  });
  it.each(['horovod', 'mpi'])('can not be started by %s', (framework) => {
    const attempt = attemptWith({ environment: { replicas: { n_workers: 1 } }, framework });
    expect(() => attemptObjects(attempt, settings)).toThrow(LaunchFailed);
    expect(() => attemptObjects(attempt, settings)).toThrow(/starts its processes over ssh.*; to mend it: /);
  });
  it('get the most that one of them asks for, and it is said', () => {
    const { job, warnings } = attemptObjects(distributed({ n_workers: 1, default_worker: { resources: { gpu: { limits: 1 } }, node_selector: { disk: 'ssd' } } }), settings);
    expect(job.spec?.template.spec?.containers[0]?.resources).toEqual({ requests: { cpu: '100m', memory: String(128 * 1024 ** 2), 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } });
    expect(warnings).toEqual([
      'environment.replicas: all are of one Job, so each gets the most of cpu, memory and devices that one of them asks for',
      'environment.replicas: all are of one Job, so node_selector is that of the master for all',
    ]);
    expect(objects.warnings).toEqual([]);
  });
});

describe('what each of them is told', () => {
  it.each([
    [0, 'master', 0, 'chief'],
    [1, 'worker', 0, 'worker'],
    [2, 'worker', 1, 'worker'],
    [3, 'ps', 0, 'ps'],
  ])('pod %i is %s %i', (pod, role, index, task) => {
    const told = variablesAt(pod);
    expect(JSON.parse(told.TF_CONFIG ?? '')).toEqual({
      cluster: { chief: ['run-31-2-0.run-31-2:2222'], worker: ['run-31-2-1.run-31-2:2222', 'run-31-2-2.run-31-2:2222'], ps: ['run-31-2-3.run-31-2:2222'] },
      task: { type: task, index },
    });
    expect(told).toMatchObject({ MASTER_ADDR: 'run-31-2-0.run-31-2', MASTER_PORT: '29500', WORLD_SIZE: '3', POLYAXON_ROLE: role, PET_NNODES: '3' });
    expect([told.RANK, told.LOCAL_RANK]).toEqual(role === 'ps' ? [undefined, undefined] : [String(pod), '0']);
    expect(JSON.parse(told.POLYAXON_EXPERIMENT_INFO ?? '')).toEqual({
      project_name: 'mona.iris', experiment_name: 'mona.iris.31', experiment_uuid: 'f3', experiment_group_name: undefined, attempt: 2, role, index, type: 'experiment',
    });
    expect(told).not.toHaveProperty('POLYAXON_TF_CLUSTER');
  });
});

it('they print under names, by which the containers beside them know them', () => {
  const { replicas } = JSON.parse(objects.secret.stringData!.order!) as PodOrder;
  expect(replicas).toEqual(['master', 'worker-0', 'worker-1', 'ps-0']);
});
