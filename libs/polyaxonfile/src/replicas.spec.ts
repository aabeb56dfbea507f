// Is it clear which processes a distributed training has, and what is wrong when it is not?
import { compile } from './compile.ts';
import type { JsonMapping } from './json.ts';
import { parsePolyaxonfile } from './parse.ts';
import { replicasOf } from './replicas.ts';
import { refusalOf } from './samples.ts';

const file = (replicas: string, more = 'framework: tensorflow') =>
  `version: 1\nkind: experiment\n${more}\nparams: {n: 2}\nrun: {cmd: python train.py}\nenvironment:\n  resources: {cpu: {limits: 1}}\n  replicas: ${replicas}\n`;
const environmentOf = (replicas: string, more?: string): JsonMapping => compile(parsePolyaxonfile(file(replicas, more))).environment;

it('are a master, workers and parameter servers, in this order', () => {
  const replicas = replicasOf(environmentOf('{n_workers: "{{ n }}", n_ps: 1}'));
  expect(replicas.map(({ role, index }) => `${role} ${index}`)).toEqual(['master 0', 'worker 0', 'worker 1', 'ps 0']);
});
it('have what is said for all, for their role, and for themselves', () => {
  const asked = '{n_workers: 2, n_ps: 1, default_worker: {resources: {gpu: {limits: 1}}}, worker: [{index: 1, node_selector: {disk: ssd}}], default_ps: {labels: {a: 1}}}';
  const [master, first, second, server] = replicasOf(environmentOf(asked)).map(({ environment }) => environment);
  const resources = { cpu: { limits: 1 } };
  expect(master).toEqual({ resources });
  expect(first).toEqual({ resources: { gpu: { limits: 1 } } });
  expect(second).toEqual({ resources: { gpu: { limits: 1 } }, node_selector: { disk: 'ssd' } });
  expect(server).toEqual({ resources, labels: { a: '1' } });
});
it.each(['{}', '{n_workers: 0}'])('are none with %s: it is one process', (replicas) => expect(replicasOf(environmentOf(replicas))).toEqual([]));
it.each([
  ['{n_worker: 2}', 'replicas.n_worker: unknown key, did you mean n_workers?'],
  ['{n_workers: -1}', 'replicas.n_workers: expected a whole number from 0, found -1'],
  ['{n_workers: 600}', 'replicas: 601 processes with the master, at most 512 can be waited for'],
  ['{n_workers: 2, worker: [{index: 2}]}', 'replicas.worker: there is no worker 2, n_workers is 2 and they are counted from 0'],
  ['{n_workers: 2, worker: [{index: 0}, {index: 0}]}', 'replicas.worker: worker 0 is there twice'],
  ['{n_workers: 2, worker: [{labels: {}}]}', 'replicas.worker[0]: index is missing'],
])('%s is refused: %s', (replicas, problem) => expect(refusalOf(() => environmentOf(replicas)).message).toContain(problem));
it('knows that pytorch has no parameter servers', () =>
  expect(refusalOf(() => environmentOf('{n_ps: 1}', 'framework: pytorch')).message).toContain('replicas.n_ps: pytorch has no parameter servers'));
