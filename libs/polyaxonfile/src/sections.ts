// Which sections may a polyaxonfile have, and what may be in each?
import { namePattern } from '#contracts';
import { build, environment } from './environment.ts';
import { hptuningShape } from './hptuning.ts';
import { entryOf, type Json, type JsonMapping } from './json.ts';
import { checkReplicas } from './replicas.ts';
import {
  about, anything, isGiven, listOf, mappingOf, matching, neverRendered, oneOf, oneOrMore, scalar, schemaOf, section, text, textOrNumber, yesOrNo,
  type Place, type Shape,
} from './shapes.ts';

export const kinds = ['experiment', 'group', 'job', 'build'] as const;
export type Kind = (typeof kinds)[number];

const portTypes = ['int', 'float', 'str', 'bool', 'dict', 'list', 'path', 's3_path', 'gcs_path', 'azure_path', 'uri', 'auth', 'metric', 'metadata'];

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
  version: about('of this format', scalar('1', (value) => value === 1, { const: 1 })),
  kind: about('what it describes', oneOf(...kinds)),
  inputs: about('what it takes: params with a type', ports),
  outputs: about('what it gives', ports),
  params: about('values that templates and the program read', params),
  declarations: about('old name of params', params),
  hptuning: about('the search of a group', hptuningShape),
};
const rendered: Readonly<Record<string, Shape>> = {
  name: about('unique in its project', matching('1 to 64 of [-a-zA-Z0-9_]', namePattern)),
  description: text,
  logging: about('of the program: POLYAXON_LOG_LEVEL', section({ level: oneOf('CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG', 'critical', 'error', 'warning', 'info', 'debug'), formatter: text })),
  tags: oneOrMore(textOrNumber, 'a list of texts'),
  backend: oneOf('native', 'kubeflow', 'mpi', 'external'),
  framework: text,
  environment: about('where and with what it runs', environment),
  build: about('what is done before it runs', build),
  run: about('what it runs', section({ cmd: about('a shell command, or a list of them, joined by &&', oneOrMore(text, 'a command, or a list of them')) }, { required: ['cmd'] })),
};
/** Where templates are rendered; everywhere else braces are only braces, or (in params) are rendered when something refers to them. */
export const renderedSections: readonly string[] = Object.keys(rendered);

const whole: Readonly<Record<string, Shape>> = {
  ...Object.fromEntries(Object.entries(described).map(([name, shape]) => [name, neverRendered(shape)])),
  ...rendered,
};

const sections = section(whole, { required: ['version', 'kind'], word: 'section' });
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
  const checked = sections(value, place);
  checkReplicas(value, place);
  return checked;
}

/** The same as JSON Schema, of what a user writes: for editors, and for programs that write polyaxonfiles. */
export function polyaxonfileSchema(): JsonMapping {
  const demands = kinds.map((kind) => {
    const needed = required[kind].map(isGiven);
    const none = kind === 'group' ? [] : [{ properties: { hptuning: { type: 'null' } } }];
    return { if: { properties: { kind: { const: kind } }, required: ['kind'] }, then: { allOf: [...needed, ...none] } };
  });
  const { anyOf: [mapping] } = schemaOf(sections) as unknown as { anyOf: readonly [JsonMapping] };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'polyaxonfile',
    description: 'An experiment or a group of them, as Polyaxon 0.5 reads it. Templates {{ }} may stand for values outside of params, inputs and hptuning.',
    definitions: { template: { type: 'string', pattern: '\\{[{%]' } },
    ...mapping,
    allOf: [...demands, { not: { required: ['params', 'declarations'] } }],
  };
}
