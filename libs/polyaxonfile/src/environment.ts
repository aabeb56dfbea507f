// Where and with what does a program run, and what is done before it does?
import type { Json } from './json.ts';
import { cpuCores, devices, memoryBytes } from './quantities.ts';
import { replicasShape } from './replicas.ts';
import {
  about, anything, listOf, mappingOf, matching, oneOf, scalar, schemaOf, section, shape, text, textOrNumber, textOrSection, wholeNumber, yesOrNo, type Shape,
} from './shapes.ts';

const texts = listOf(text, 'a list of texts');

const quantity = (example: string, read: (value: Json) => number | undefined, written: string): Shape => {
  const amount = scalar(`a quantity such as ${example}`, (value) => read(value) !== undefined, { anyOf: [{ type: 'number', minimum: 0 }, { type: 'string', pattern: written }] });
  return section({ requests: about('what it needs to start', amount), limits: about('what it may use at most', amount) });
};

const resources = section({
  cpu: about('cores: 0.5, or 500m', quantity('0.5 or "500m"', cpuCores, '^\\d{1,18}(\\.\\d{1,18})?([eE][-+]?\\d{1,2})?m?$')),
  memory: about('bytes, or 512Mi, or 1G', quantity('"512Mi"', memoryBytes, '^\\d{1,18}(\\.\\d{1,18})?([eE][-+]?\\d{1,2})?(m|[KMGTPEkmgtpe]i?)?$')),
  gpu: about('whole devices', quantity('1', devices, '^\\d{1,18}$')),
  tpu: about('whole devices', quantity('1', devices, '^\\d{1,18}$')),
});

/** It becomes the name of a folder, so it leads nowhere else. */
export const storedName = /^[A-Za-z0-9][-A-Za-z0-9_.]{0,127}$/;
const name = matching('a name of letters, digits, -, _ and .', storedName);
const stored = textOrSection(name, section({ name, items: texts, mount_path: text, init: yesOrNo }, { required: ['name'] }));
/** A lone name is as good as a list of one. */
const storedNames = listOf(stored, 'a list of names');

const reference = scalar(
  'the number of an experiment, its name, project/name or user/project/name',
  (value) => (typeof value === 'number' ? Number.isSafeInteger(value) && value > 0 : typeof value === 'string' && /^([-\w]{1,64}\/){0,2}[-\w]{1,64}$/.test(value)),
  { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'string', pattern: '^([-\\w]{1,64}\\/){0,2}[-\\w]{1,64}$' }] },
);

/** They could be written down, and would then silently be missing. */
const noJobs = shape({ type: 'array', maxItems: 0 }, (value, place) => {
  if (Array.isArray(value) && value.length === 0) return [];
  return place.wrong('jobs are not served here, so none has outputs to refer to; name experiments');
});

/** What each of several that train together may have for itself. */
const placement = {
  resources: about('CPU, memory and devices', resources),
  node_selector: about('labels of the machines it may run on', mappingOf(textOrNumber)),
  affinity: mappingOf(anything),
  tolerations: listOf(mappingOf(anything)),
  labels: mappingOf(textOrNumber),
  annotations: mappingOf(textOrNumber),
};

/** Read so that who may not have it is told by name. Nothing is made of it. */
const machineAccess = {
  security_context: about('not had: a run has the rights its installation gives to all', mappingOf(anything)),
  volumes: about('not had: data is named in data_refs', listOf(mappingOf(anything))),
  volume_mounts: about('not had: data is named in data_refs', listOf(mappingOf(anything))),
  host_path: about('not had: data is named in data_refs', anything),
  host_network: about('not had', yesOrNo),
  host_pid: about('not had', yesOrNo),
  host_ipc: about('not had', yesOrNo),
  privileged: about('not had', yesOrNo),
};

export const environment = section({
  ...placement,
  grace_period_seconds: about('time to save when it is stopped, before it is killed', wholeNumber(0)),
  max_restarts: about('how often a failed run is started again, in the same outputs', wholeNumber(0)),
  secret_refs: about('secrets whose keys become environment variables', storedNames),
  config_map_refs: about('settings whose keys become environment variables', storedNames),
  data_refs: about('data stores the program reads', storedNames),
  artifact_refs: about('the store of its outputs', storedNames),
  persistence: about('old name of data_refs and artifact_refs', section({ data: anything, outputs: anything })),
  outputs: section({
    jobs: about('not served', noJobs),
    experiments: about('experiments whose outputs the program reads: number, name, project/name or user/project/name', listOf(reference, 'a list of experiments')),
  }),
  service_account: text,
  image_pull_secrets: texts,
  replicas: about('of a distributed training, beside the master; without a cluster it runs as one process', replicasShape(placement)),
  ...machineAccess,
});

const variable: Shape = shape((templates) => ({ type: 'array', items: schemaOf(textOrNumber, templates), minItems: 2, maxItems: 2 }), (value, place) =>
  Array.isArray(value) && value.length === 2 ? listOf(textOrNumber)(value, place) : place.expected('a pair [name, value]', value));

export const build = section(
  {
    image: about('of a container; recorded, not used on the local executor', text),
    dockerfile: text,
    ref: scalar('a number or text', (value) => typeof value === 'number' || typeof value === 'string', { type: ['number', 'string'] }),
    context: text,
    build_steps: about('commands that run before the command, in its folder', texts),
    env_vars: about('pairs [name, value]', listOf(variable)),
    lang_env: about('becomes LANG, LC_ALL and LANGUAGE', text),
    commit: text, branch: text, nocache: yesOrNo,
    backend: oneOf('native', 'kaniko'),
  },
  { exactlyOneOf: ['image', 'dockerfile', 'ref'] },
);
