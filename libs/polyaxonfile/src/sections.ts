// Which sections may a polyaxonfile have, and what may be in each?
import { namePattern } from '#contracts';
import { entryOf, type Json, type JsonMapping } from './json.ts';
import { cpuCores, devices, memoryBytes } from './quantities.ts';
import {
  anything, listOf, mappingOf, matching, neverRendered, oneOf, oneOrMore, scalar, section, text, textOrNumber, wholeNumber, yesOrNo, type Place, type Shape,
} from './shapes.ts';

export const kinds = ['experiment', 'group', 'job', 'build'] as const;
export type Kind = (typeof kinds)[number];

const portTypes = ['int', 'float', 'str', 'bool', 'dict', 'list', 'path', 's3_path', 'gcs_path', 'azure_path', 'uri', 'auth', 'metric', 'metadata'];

const number = scalar('a number', (value) => typeof value === 'number');
const texts = listOf(text, 'a list of texts');

const quantity = (example: string, read: (value: Json) => number | undefined): Shape =>
  section({
    requests: scalar(`a quantity such as ${example}`, (value) => read(value) !== undefined),
    limits: scalar(`a quantity such as ${example}`, (value) => read(value) !== undefined),
  });

const environment = section({
  resources: section({
    cpu: quantity('0.5 or "500m"', cpuCores),
    memory: quantity('"512Mi"', memoryBytes),
    gpu: quantity('1', devices),
    tpu: quantity('1', devices),
  }),
  grace_period_seconds: wholeNumber(0),
  max_restarts: wholeNumber(0),
  labels: mappingOf(textOrNumber),
  annotations: mappingOf(textOrNumber),
  node_selector: mappingOf(textOrNumber),
  affinity: mappingOf(anything),
  tolerations: listOf(mappingOf(anything)),
  service_account: text,
  image_pull_secrets: texts,
  secret_refs: texts,
  config_map_refs: texts,
  data_refs: texts,
  artifact_refs: texts,
  persistence: section({ data: anything, outputs: anything }),
  outputs: section({ jobs: listOf(anything), experiments: listOf(anything) }),
  replicas: mappingOf(anything),
});

const variable: Shape = (value, place) =>
  Array.isArray(value) && value.length === 2 ? listOf(textOrNumber)(value, place) : place.expected('a pair [name, value]', value);

const build = section(
  {
    image: text, dockerfile: text, ref: scalar('a number or text', (value) => typeof value === 'number' || typeof value === 'string'),
    context: text, build_steps: texts, env_vars: listOf(variable), lang_env: text, commit: text, branch: text, nocache: yesOrNo,
    backend: oneOf('native', 'kaniko'),
  },
  { exactlyOneOf: ['image', 'dockerfile', 'ref'] },
);

const distributions = [
  'values', 'pvalues', 'range', 'linspace', 'logspace', 'geomspace', 'uniform', 'quniform', 'loguniform', 'qloguniform',
  'normal', 'qnormal', 'lognormal', 'qlognormal',
];
const searches = ['grid_search', 'random_search', 'hyperband', 'bo'];
const direction = oneOf('maximize', 'minimize');
const metric = section({ name: text, optimization: direction }, { required: ['name'] });
const resource = section({ name: text, type: oneOf('int', 'float') }, { required: ['name'] });

const hptuning = section(
  {
    seed: wholeNumber(0),
    concurrency: wholeNumber(1),
    matrix: mappingOf(section(Object.fromEntries(distributions.map((name) => [name, anything])), { exactlyOneOf: distributions })),
    grid_search: section({ n_experiments: wholeNumber(1) }),
    random_search: section({ n_experiments: wholeNumber(1) }, { required: ['n_experiments'] }),
    hyperband: section(
      { max_iter: wholeNumber(1), eta: number, resource, metric, resume: yesOrNo },
      { required: ['max_iter', 'eta', 'resource', 'metric'] },
    ),
    bo: section(
      { n_initial_trials: wholeNumber(1), n_iterations: wholeNumber(1), metric, utility_function: mappingOf(anything) },
      { required: ['n_iterations', 'metric'] },
    ),
    early_stopping: listOf(section({ metric: text, value: number, optimization: direction, policy: anything }, { required: ['metric', 'value'] })),
  },
  { required: ['matrix'], atMostOneOf: searches },
);

const ports = listOf(
  section(
    {
      name: text, description: text, type: oneOf(...portTypes), default: anything, value: anything, is_optional: yesOrNo, is_list: yesOrNo, is_flag: yesOrNo,
      options: listOf(anything),
    },
    { required: ['name'], atMostOneOf: ['default', 'value'] },
  ),
);

const params = mappingOf(anything, 'a mapping of names to values');

const described: Readonly<Record<string, Shape>> = {
  version: scalar('1', (value) => value === 1),
  kind: oneOf(...kinds),
  inputs: ports,
  outputs: ports,
  params,
  declarations: params,
  hptuning,
};
const rendered: Readonly<Record<string, Shape>> = {
  name: matching('1 to 64 of [-a-zA-Z0-9_]', namePattern),
  description: text,
  logging: section({ level: oneOf('CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG', 'critical', 'error', 'warning', 'info', 'debug'), formatter: text }),
  tags: oneOrMore(textOrNumber, 'a list of texts'),
  backend: oneOf('native', 'kubeflow', 'mpi', 'external'),
  framework: text,
  environment,
  build,
  run: section({ cmd: oneOrMore(text, 'a command, or a list of them') }, { required: ['cmd'] }),
};
/** Where templates are rendered; everywhere else braces are only braces, or (in params) are rendered when something refers to them. */
export const renderedSections: readonly string[] = Object.keys(rendered);

const sections: Readonly<Record<string, Shape>> = {
  ...Object.fromEntries(Object.entries(described).map(([name, shape]) => [name, neverRendered(shape)])),
  ...rendered,
};

const required: Readonly<Record<Kind, readonly string[]>> = { experiment: ['run'], job: ['run'], build: ['build'], group: ['hptuning', 'run'] };

/** The whole file. What the kind demands is asked for here, since an override has none. */
export function specification(value: JsonMapping, place: Place): Json {
  const kind = entryOf(value, 'kind');
  const demanded = kinds.includes(kind as Kind) ? required[kind as Kind] : [];
  if (place.stage !== 'patch') {
    for (const name of demanded) if ((value[name] ?? null) === null) place.wrong(`${name} is missing; kind ${String(kind)} needs it`);
    if (kind !== 'group' && (entryOf(value, 'hptuning') ?? null) !== null) place.within(value, 'hptuning').wrong('only kind group has this section');
  }
  if (Object.hasOwn(value, 'params') && Object.hasOwn(value, 'declarations'))
    place.within(value, 'declarations').wrong('is the old name of params; expected only one of them');
  return section(sections, { required: ['version', 'kind'], word: 'section' })(value, place);
}
