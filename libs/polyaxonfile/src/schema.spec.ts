// Do the JSON Schema, made of the same shapes, and the parser agree?
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { parsePolyaxonfile } from './parse.ts';
import { valid } from './samples.ts';
import { polyaxonfileSchema } from './sections.ts';

const schema = polyaxonfileSchema();
const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
const accepts = (content: string) => {
  try {
    return parsePolyaxonfile(content) !== null;
  } catch {
    return false;
  }
};

const start = 'version: 1\nkind: experiment\nrun: {cmd: python train.py}\n';
const group = 'version: 1\nkind: group\nrun: {cmd: "python train.py --lr={{ lr }}"}\n';

it.each([
  ['everything', valid],
  ['the least there can be', start],
  ['a group', `${group}hptuning: {concurrency: 2, matrix: {lr: {values: [0.1, 0.2]}}}\n`],
  ['a search', `${group}hptuning: {matrix: {lr: {uniform: [0, 1]}}, random_search: {n_experiments: 3}}\n`],
  ['a build', 'version: 1\nkind: build\nbuild: {dockerfile: Dockerfile}\n'],
  ['a list of commands', 'version: 1\nkind: experiment\nrun: {cmd: [a, b]}\n'],
  ['templates where values are expected', `${start}environment: {max_restarts: "{{ n }}", resources: {cpu: {limits: "{{ cores }}"}}, labels: "{{ labels }}"}\n`],
  ['keys without a value', `${start}name:\nenvironment: {resources: null, labels: ~}\ntags:\n`],
  ['one tag', `${start}tags: mnist\n`],
  ['references', `${start}environment: {outputs: {jobs: [], experiments: [12, model, mnist/model, mona/mnist/model]}}\n`],
  ['stored names', `${start}environment: {secret_refs: [hub, {name: s3, items: [KEY]}], config_map_refs: [shared.settings]}\n`],
  ['quantities', `${start}environment: {resources: {cpu: {requests: 500m, limits: 1.5}, memory: {limits: 512Mi}, gpu: {limits: 2}}}\n`],
])('both accept %s', (_, content) => {
  expect(accepts(content)).toBe(true);
  validate(parse(content));
  expect(validate.errors ?? []).toEqual([]);
});

it.each([
  ['no version', 'kind: experiment\nrun: {cmd: x}\n'],
  ['another version', 'version: 2\nkind: experiment\nrun: {cmd: x}\n'],
  ['an unknown kind', 'version: 1\nkind: notebook\nrun: {cmd: x}\n'],
  ['an experiment without run', 'version: 1\nkind: experiment\n'],
  ['a group without a search', group],
  ['a search outside of a group', `${start}hptuning: {matrix: {lr: {values: [1]}}}\n`],
  ['an unknown section', `${start}enviroment: {}\n`],
  ['an unknown key', `${start}environment: {resource: {}}\n`],
  ['a quantity that is none', `${start}environment: {resources: {memory: {limits: much}}}\n`],
  ['restarts by halves', `${start}environment: {max_restarts: 1.5}\n`],
  ['two images', `${start}build: {image: a, dockerfile: b}\n`],
  ['no image', `${start}build: {build_steps: [make]}\n`],
  ['a variable without a value', `${start}build: {image: a, env_vars: [[A]]}\n`],
  ['params twice', `${start}params: {}\ndeclarations: {}\n`],
  ['a name with blanks', `${start}name: my run\n`],
  ['an unknown type', `${start}inputs: [{name: lr, type: number}]\n`],
  ['an input with default and value', `${start}inputs: [{name: lr, default: 1, value: 2}]\n`],
  ['outputs of jobs', `${start}environment: {outputs: {jobs: [3]}}\n`],
  ['a reference that leads elsewhere', `${start}environment: {outputs: {experiments: ["../../etc"]}}\n`],
  ['a secret that leads elsewhere', `${start}environment: {secret_refs: [../admin-token]}\n`],
  ['two searches', `${group}hptuning: {matrix: {lr: {values: [1]}}, grid_search: {}, random_search: {n_experiments: 1}}\n`],
])('both refuse %s', (_, content) => {
  expect(accepts(content)).toBe(false);
  expect(validate(parse(content))).toBe(false);
});

it('is checked in as docs/polyaxonfile.schema.json; else: npm run generate', () => {
  const checkedIn = readFileSync(new URL('../../../docs/polyaxonfile.schema.json', import.meta.url), 'utf8');
  expect(checkedIn).toBe(`${JSON.stringify(schema, null, 2)}\n`);
});
