// Is a user told what means nothing here, and not bothered otherwise?
import type { ExperimentOrder } from '#contracts';
import { noEffect } from './no-effect.ts';

const said = (environment: object, build: object | null = null) => noEffect({ environment, build } as unknown as ExperimentOrder);

it('is said in one line for each section', () => {
  expect(said({ replicas: { n_workers: 2 }, tolerations: [{ key: 'gpu' }], max_restarts: 1 }, { image: 'python:3', build_steps: ['make'] })).toEqual([
    'environment: tolerations, replicas have no effect on this machine, which runs it as one process',
    'build: image has no effect on this machine: no container is made, the program runs with what is installed here',
  ]);
});

it('says nothing of what is empty or has an effect', () => {
  expect(said({ labels: {}, image_pull_secrets: [], service_account: null, resources: { cpu: { limits: 1 } } }, { nocache: false, build_steps: ['make'] })).toEqual([]);
});
