// Do several processes become what an operator starts and ends together, each as it is in one Job of ours?
import { execFileSync } from 'node:child_process';
import type { V1JobSpec } from '@kubernetes/client-node';
import { attemptObjects } from './attempt-objects.ts';
import { attemptWith, settings } from './objects-fixture.ts';
import { beginning } from './replicas.ts';
import type { JobSet, ReplicasAs } from './workload.ts';

const environment = {
  resources: { cpu: { limits: 1 } }, node_selector: { disk: 'ssd' },
  replicas: { n_workers: 2, n_ps: 1, default_worker: { resources: { gpu: { limits: 1 } }, node_selector: { zone: 'a' } } },
};
const objectsOf = (replicasAs: ReplicasAs, order: object = { environment }) => attemptObjects(attemptWith(order), { ...settings, replicasAs, queueName: 'team' });
const { instead, console: place, secret } = objectsOf('jobset');
const set = instead?.set as JobSet;
const jobs = Object.fromEntries((set.spec.replicatedJobs ?? []).map(({ name, template }) => [name, template.spec]));
const programOf = (job: V1JobSpec | undefined) => job?.template.spec?.containers[0];

/** As the pod of that index has them, in the Job of its role. */
function variablesOf(role: string, index: number): Record<string, string> {
  const given = Object.fromEntries((programOf(jobs[role])?.env ?? []).map(({ name, value }) => [name, value ?? '']));
  const said = execFileSync('/bin/sh', ['-c', beginning.replace(/exec .*$/, 'env -0')], { env: { PATH: process.env.PATH, ...given, JOB_COMPLETION_INDEX: String(index) } }).toString();
  return Object.fromEntries(said.split('\0').filter(Boolean).map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]));
}

describe('several that train together, where JobSets are wanted', () => {
  it('are one set with the name and the labels of the attempt, in its queue', () => {
    const labels = { ...secret.metadata?.labels, 'kueue.x-k8s.io/queue-name': 'team' };
    expect(set).toMatchObject({ apiVersion: 'jobset.x-k8s.io/v1alpha2', kind: 'JobSet', metadata: { name: 'run-31-2', namespace: 'runs', labels } });
    expect(place).toBe('pushed:31-2?replicas=master,worker-0,worker-1,ps-0');
  });
  it('are one Job for each role, of which nobody is tried again', () => {
    const alike = { completionMode: 'Indexed', backoffLimit: 0, podReplacementPolicy: 'Failed' };
    const so = (count: number) => ({ ...alike, completions: count, parallelism: count });
    expect(jobs).toMatchObject({ master: so(1), worker: so(2), ps: so(1) });
    expect(set.spec.failurePolicy).toEqual({ maxRestarts: 0 });
  });
  it('have succeeded when all that train have', () => expect(set.spec.successPolicy).toEqual({ operator: 'All', targetReplicatedJobs: ['master', 'worker'] }));
  it('have the containers and marks that they have in a Job of ours', () => {
    const alone = objectsOf('job').job.spec?.template;
    for (const [role, { template }] of Object.entries(jobs)) {
      expect(template.metadata).toEqual({ ...alone?.metadata, labels: { ...alone?.metadata?.labels, 'polyaxon.io/role': role } });
      expect([...(template.spec?.initContainers ?? []), ...(template.spec?.containers ?? [])].map(({ name }) => name)).toEqual(['bring', 'carrier', 'experiment']);
    }
  });
  it('have what their role asks for', () => {
    expect(jobs.master?.template.spec?.nodeSelector).toEqual({ disk: 'ssd' });
    expect(jobs.worker?.template.spec?.nodeSelector).toEqual({ zone: 'a' });
    expect(programOf(jobs.master)?.resources?.limits).toEqual({ cpu: '1000m' });
    expect(programOf(jobs.worker)?.resources?.limits).toEqual({ 'nvidia.com/gpu': '1' });
  });
  it('are told where those of one role differ, and only then', () => {
    expect(objectsOf('jobset').warnings).toEqual([]);
    const warnings = objectsOf('jobset', { environment: { replicas: { n_workers: 2, worker: [{ index: 1, labels: { first: 'no' } }] } } }).warnings;
    expect(warnings).toEqual(['environment.replicas: all of role worker are of one Job, so labels is that of worker 0 for all']);
  });
  it.each([
    ['master', 0, 0, 'master', 'chief', '0'],
    ['worker', 0, 1, 'worker', 'worker', '1'],
    ['worker', 1, 2, 'worker', 'worker', '2'],
    ['ps', 0, 3, 'ps', 'ps', undefined],
  ])('%s %i is pod %i of all', (role, index, of, isRole, task, rank) => {
    const told = variablesOf(role, index);
    const at = (name: string) => `run-31-2-${name}.run-31-2`;
    expect(JSON.parse(told.TF_CONFIG ?? '')).toEqual({
      cluster: { chief: [`${at('master-0-0')}:2222`], worker: [`${at('worker-0-0')}:2222`, `${at('worker-0-1')}:2222`], ps: [`${at('ps-0-0')}:2222`] },
      task: { type: task, index },
    });
    expect(told).toMatchObject({ MASTER_ADDR: at('master-0-0'), WORLD_SIZE: '3', JOB_COMPLETION_INDEX: String(of), POLYAXON_ROLE: isRole });
    expect(told.RANK).toBe(rank);
    expect(told).not.toHaveProperty('POLYAXON_FIRST_REPLICA');
  });
  it('are one Job as ever when it is one process', () => expect(objectsOf('jobset', { environment: {} }).instead).toBeUndefined());
});

it('where TrainJobs are wanted, it is the same set, made by the trainer', () => {
  const { runtime, set: trainJob } = objectsOf('trainjob').instead!;
  expect(trainJob).toMatchObject({ kind: 'TrainJob', metadata: set.metadata, spec: { runtimeRef: { apiGroup: 'trainer.kubeflow.org', kind: 'TrainingRuntime', name: 'run-31-2' } } });
  expect(runtime).toMatchObject({ kind: 'TrainingRuntime', metadata: secret.metadata });
  expect(runtime?.spec.template.spec).toEqual(set.spec);
});
