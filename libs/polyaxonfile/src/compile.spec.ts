// What will run, given a polyaxonfile, its params and those of the command line?
import fc from 'fast-check';
import { compile, parsePolyaxonfile, override, type CompileOptions, type JsonMapping, type Json } from './index.ts';
import { refusalOf, valid } from './samples.ts';

const experiment = (more: JsonMapping = {}): JsonMapping => ({ version: 1, kind: 'experiment', run: { cmd: 'x' }, ...more });
const cmd = (template: string, params: JsonMapping = {}, options: CompileOptions = {}) =>
  compile(experiment({ params, run: { cmd: template } }), options).run.cmd;
const refused = (raw: JsonMapping, options?: CompileOptions) => refusalOf(() => compile(raw, options)).message;

describe('what will run', () => {
  it('is the whole file, rendered and in its normal form', () => {
    expect(compile(parsePolyaxonfile(valid))).toEqual({
      kind: 'experiment', name: 'mnist-1', description: 'Trains on MNIST.\n', framework: 'pytorch', backend: 'native',
      logging: { level: 'INFO' }, tags: ['mnist', '2019'],
      params: { lr: 0.1, layers: [64, 32], optimizer: { name: 'adam', beta: 0.9 }, epochs: null },
      environment: expect.objectContaining({ grace_period_seconds: 10, labels: { team: 'vision', cost: '12' } }) as unknown,
      build: expect.objectContaining({ env_vars: [['LC_ALL', 'C.UTF-8'], ['THREADS', '4']] }) as unknown,
      inputs: expect.any(Array) as unknown, outputs: [{ name: 'accuracy', type: 'metric' }],
      run: { cmd: 'python prepare.py && python train.py --lr=0.1 --layers="64 32"' },
    });
  });
  it('is what the merged file says: an override of params reaches the command', () => {
    expect(compile(override(parsePolyaxonfile(valid), { params: { lr: 0.5 } })).run.cmd).toContain('--lr=0.5');
    expect(compile(override(experiment({ declarations: { lr: 1 }, run: { cmd: 'x {{ lr }}' } }), { params: { lr: 2 } })).run.cmd).toBe('x 2');
  });
  it('has nothing for sections that are empty', () => {
    expect(compile(experiment({ description: null, environment: null, tags: null }))).toEqual({
      kind: 'experiment', tags: [], params: {}, environment: {}, run: { cmd: 'x' }, inputs: [], outputs: [],
    });
  });
  it('is no command at all for a build', () => expect(compile({ version: 1, kind: 'build', build: { image: 'a' } }).run.cmd).toBe(''));
  it('stays a template in a group, whose members are rendered one by one', () => {
    const group = { version: 1, kind: 'group', hptuning: { matrix: { lr: { values: [1, 2] } } }, run: { cmd: 'train {{ lr }}' } };
    expect(compile(group)).toMatchObject({ kind: 'group', run: { cmd: 'train {{ lr }}' } });
    expect(refused({ ...group, run: { cmd: '{{ lr' } })).toContain('run.cmd: {{ is not closed');
  });

  it('changes no text without a template', () => {
    const plain = fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }).filter((text) => !/\{[{%]/.test(text) && text.trim() !== '');
    fc.assert(fc.property(plain, plain, (one, other) => {
      const specification = compile(experiment({ description: one, tags: [other], run: { cmd: [one, other] }, environment: { service_account: other } }));
      expect(specification).toMatchObject({ description: one, tags: [other], run: { cmd: `${one} && ${other}` }, environment: { service_account: other } });
    }));
  });
  it('is refused when the merged file is none', () => {
    expect(refused(override(experiment({ build: { image: 'a' } }), { build: { dockerfile: 'b' } }))).toBe(
      'polyaxonfile: build: expected only one of image, dockerfile, ref, found image and dockerfile',
    );
    expect(refusalOf(() => compile(override(experiment(), { run: null }), { code: 'override-invalid', label: 'o.yml' }))).toMatchObject({
      code: 'override-invalid', message: 'o.yml: run is missing; kind experiment needs it',
    });
  });
});

describe('a template', () => {
  it.each<[string, JsonMapping, string]>([
    ['train --lr={{ lr }}', { lr: 0.1 }, 'train --lr=0.1'],
    ['{{ a }}{{b}} {{- c }}', { a: 1, b: 'x', c: true }, '1xTrue'],
    ['{{ list }} {{ none }} {{ list[1] }} {{ list[-1] }} {{ list.0 }}', { list: [1, 'a'], none: null }, "[1, 'a'] None a a 1"],
    ['{{ map.key }} {{ map["key"] }}', { map: { key: 'v' } }, 'v v'],
    ['{{ lr * 10 + 1 }} {{ 7 // 2 }} {{ -7 % 3 }} {{ 2 ** 3 }} {{ "a" ~ 1 }}', { lr: 0.5 }, '6 3 2 8 a1'],
    ['{{ name | upper }} {{ x | default(3) }} {{ 3.14159 | round(2) }}', { name: 'adam' }, 'ADAM 3 3.14'],
    ['{{ list | length }} {{ list | join(",") }} {{ list | last }}', { list: [1, 2] }, '2 1,2 2'],
    ['{{ map | tojson }} {{ "5" | int + 1 }}', { map: { a: [true] } }, '{"a":[true]} 6'],
    ['x{% if flag %} --flag{% elif n > 2 %} --many{% else %} --none{% endif %}', { flag: false, n: 3 }, 'x --many'],
    ['{% if a %}{% if b %}both{% endif %}{% endif %}!', { a: 1, b: [] }, '!'],
    ['{{ "yes" if n in [1, 2] and not flag else "no" }}', { n: 1, flag: false }, 'yes'],
    ['{% if x is defined %}x{% endif %}{% if y is not defined %}y{% endif %}', { x: null }, 'xy'],
    ['{% raw %}{{ kept }}{% endraw %} {{ "{{" }}', {}, '{{ kept }} {{'],
    ['echo ${#list[@]} }} %} {# note #}', {}, 'echo ${#list[@]} }} %} {# note #}'],
    ['{% if unknown_is_never_looked_at is defined %}{{ unknown }}{% endif %}x', {}, 'x'],
  ])('%s', (template, params, expected) => expect(cmd(template, params)).toBe(expected));

  it('that is alone keeps the type of its value; where text is expected it becomes text', () => {
    const raw = experiment({
      params: { cores: 2, retries: 3, same: '{{ cores }}', twice: '{{ cores * 2 }}', text: 'x{{ cores }}' },
      description: '{{ retries }}',
      environment: { max_restarts: '{{ retries }}', resources: { cpu: { limits: '{{ cores }}' } } },
    });
    expect(compile(parsePolyaxonfile(JSON.stringify(raw)))).toMatchObject({
      params: { same: 2, twice: 4, text: 'x2' }, description: '3', environment: { max_restarts: 3, resources: { cpu: { limits: 2 } } },
    });
    expect(refused(experiment({ params: { n: 'many' }, environment: { max_restarts: '{{ n }}' } }))).toContain(
      'environment.max_restarts: expected a whole number from 0, found "many"',
    );
  });
  it('in a param may refer to others, in any order, but not in a circle', () => {
    expect(cmd('{{ a }}', { a: '{{ b }}-{{ c }}', b: '{{ c }}', c: 1 })).toBe('1-1');
    expect(refused(experiment({ params: { a: '{{ b }}', b: '{{ a }}' } }))).toContain('params.a: a refers to b refers to a: a circle');
    const long = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`p${index}`, `{{ p${index + 1} }}`]));
    expect(refused(experiment({ params: { ...long, p1000: 1 } }))).toContain('params refer to each other more than 16 deep');
  });
  it('may refer to the context, and params win', () => expect(cmd('{{ project }} {{ a }}', { a: 1 }, { context: { project: 'mnist', a: 2 } })).toBe('mnist 1'));

  it.each<[string, string]>([
    ['{{ lrr }}', 'run.cmd: unknown variable lrr, did you mean lr? known: lr, epochs'],
    ['{{ lr.deep }}', '0.1 has no "deep"'],
    ['{{ nothing }}', 'unknown variable nothing, known: lr, epochs'],
    ['{{ constructor }}', 'unknown variable constructor'],
    ['{{ epochs["constructor"] }}', '5 has no "constructor"'],
    ['{{ lr | shout }}', 'shout: unknown filter, '],
    ['{{ lr is prime }}', 'prime: unknown test, '],
    ['{{ range(10**9) }}', 'functions cannot be called'],
    ['{{ "a".upper() }}', 'functions cannot be called'],
    ['{% for i in range(10**9) %}x{% endfor %}', '{% for %} is not allowed; a polyaxonfile knows {{ expressions }}, {% if %} and {% raw %} only'],
    ['{% macro x() %}{% endmacro %}', '{% macro %} is not allowed'],
    ['{% set a = 1 %}', '{% set %} is not allowed'],
    ['{% if lr %}', '{% if %} without {% endif %}'],
    ['{% endif %}', '{% endif %} without {% if %}'],
    ['{{ lr ', "{{ is not closed by }} within 1000 characters; literal braces are written {{ '{{' }}"],
    ['{{ }}', '{{  }} is not an expression'],
    ['{{ 1 + }}', '{{ 1 + }} is not an expression'],
    ['{{ {"a": 1} }}', 'this part of Jinja has no meaning'],
    ['{{ lr + "a" }}', '+ does not go with 0.1 and "a"; texts are joined by ~'],
    ['{{ 1 / 0 }}', 'division by zero'],
    ['{{ 10 ** 400 }}', 'the result of ** is not a finite number'],
    ['{{ "" }}', 'run.cmd: expected a command, found nothing'],
  ])('is refused: %s', (template, message) => expect(refused(experiment({ params: { lr: 0.1, epochs: 5 }, run: { cmd: template } }))).toContain(message));
});

describe('params', () => {
  it('of the command line win, and look like what they are', () => {
    const params = { lr: '0.9', epochs: '10', flag: 'True', tiny: '1e-5', id: '007', text: '1.x', version: 'v1', most: '-3' };
    expect(compile(experiment({ params: { lr: 0.1, kept: 1 } }), { params }).params).toEqual({
      lr: 0.9, kept: 1, epochs: 10, flag: true, tiny: 0.00001, id: '007', text: '1.x', version: 'v1', most: -3,
    });
  });
  const inputs: Json = [
    { name: 'lr', type: 'float' },
    { name: 'epochs', type: 'int', default: 5 },
    { name: 'tag', type: 'str', is_optional: true },
    { name: 'debug', type: 'bool', is_flag: true, default: false },
    { name: 'layers', type: 'int', is_list: true, default: [8] },
    { name: 'optimizer', type: 'str', default: 'adam', options: ['adam', 'sgd'] },
    { name: 'extra', type: 'dict', is_optional: true },
  ];
  it('are filled up by the defaults of the inputs', () => {
    expect(compile(experiment({ inputs }), { params: { lr: '0.1', tag: '1.10', layers: '[64, 32]', extra: "{'a': 1}" } }).params).toEqual({
      lr: 0.1, epochs: 5, tag: '1.10', debug: false, layers: [64, 32], optimizer: 'adam', extra: { a: 1 },
    });
  });
  it('that are flags are written as flags', () => {
    const raw = experiment({ inputs: [{ name: 'debug', type: 'bool', is_flag: true, default: false }], run: { cmd: 'train {{ debug }}' } });
    expect(compile(raw, { params: { debug: 'true' } }).run.cmd).toBe('train --debug');
    expect(compile(raw).run.cmd).toBe('train ');
  });
  it('are asked for when they are required', () => {
    expect(refused(experiment({ inputs }))).toBe('polyaxonfile: inputs.lr: required, and no param gives it a value; add -P lr=<value>');
  });
  it('must be what the input says', () => {
    expect(refused(experiment({ inputs }), { params: { lr: 'fast', epochs: '1.5', layers: 'many', optimizer: 'adm' } })).toBe(
      'polyaxonfile: params.lr: expected a number, found "fast"; params.epochs: expected a whole number, found "1.5"; ' +
        'params.layers: expected a whole number, found "many"; params.optimizer: expected one of adam, sgd, found "adm"',
    );
  });
});

describe('a bomb among templates', () => {
  const big = 'x'.repeat(100_000);
  const list = Array.from({ length: 20_000 }, () => 1);
  const growing = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`p${index}`, index === 14 ? big : `{{ p${index + 1} }}`.repeat(8)]));
  it.each<[string, string, JsonMapping]>([
    ['a long text many times', '{{ x }}'.repeat(10_000), { x: big }],
    ['a long text many times in one expression', `{{ ${'x ~ '.repeat(90)} x }}`.repeat(100), { x: big }],
    ['a list many times', `{{ ${'x + '.repeat(90)} x }}`, { x: list }],
    ['escapes of escapes', `{{ x ${'| tojson '.repeat(60)} }}`, { x: '"' }],
    ['a list joined by a long text', '{{ list | join(x) }}', { x: big, list }],
    ['many expressions', '{{x}}'.repeat(50_000), { x: 1 }],
    ['parentheses', `{{ ${'('.repeat(490)}x }}`, { x: 1 }],
    ['nots', `{{ ${'not '.repeat(240)}x }}`, { x: 1 }],
    ['choices in choices', '{% if x %}'.repeat(20_000), { x: 1 }],
    ['many choices', '{% if x %}a{% endif %}'.repeat(10_000), { x: 1 }],
    ['quotes never closed', `{{ ${"'\\".repeat(100_000)}`, { x: 1 }],
    ['spaces', `{{ x }}${' '.repeat(250_000)}{{ y }}`, { x: 1 }],
    ['braces', '{'.repeat(250_000), { x: 1 }],
    ['params that grow', '{{ p0 }}', growing],
  ])('is refused within a second: %s', (_, template, params) => {
    const start = performance.now();
    refused(experiment({ params, run: { cmd: template } }));
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('or anything else is rendered or refused', () => {
    const words = ['if', 'else', 'endif', 'raw', 'endraw', 'upper', 'not', 'is', 'in', 'x', '1'];
    const signs = fc.constantFrom('{{', '}}', '{%', '%}', ' ', ...words, ...'-.[](){|~+*\'"\\,=');
    fc.assert(fc.property(fc.array(signs, { maxLength: 25 }), (all) => {
      try {
        expect(typeof cmd(`c ${all.join('')}`, { x: 'v' })).toBe('string');
      } catch (error) {
        expect(error).toMatchObject({ name: 'Refusal' });
      }
    }), { numRuns: 1500 });
  });
});

describe('an input', () => {
  const typed = (type: string, value: unknown) => () =>
    compile(parsePolyaxonfile(JSON.stringify({ version: 1, kind: 'experiment', inputs: [{ name: 'x', type }], params: { x: value }, run: { cmd: 'true' } }))).params.x;

  it.each([
    ['int', '3', 3], ['float', '0.5', 0.5], ['str', 3, '3'], ['bool', 'true', true], ['dict', "{'a': 1}", { a: 1 }], ['list', '[1, 2]', [1, 2]], ['metric', '0.5', 0.5],
    ['metadata', "{'a': 'b'}", { a: 'b' }], ['path', '/data/mnist', '/data/mnist'], ['s3_path', 's3://bucket/key', 's3://bucket/key'], ['gcs_path', 'gs://bucket/key', 'gs://bucket/key'],
    ['azure_path', 'wasbs://c@a.blob.core.windows.net/k', 'wasbs://c@a.blob.core.windows.net/k'], ['uri', 'postgres://host/name', 'postgres://host/name'], ['uri', 'mona:pass@host', 'mona:pass@host'],
    ['auth', 'mona:pass', 'mona:pass'], ['auth', { user: 'mona', password: 'pass' }, { user: 'mona', password: 'pass' }],
  ])('of type %s takes %p', (type, value, expected) => expect(typed(type, value)()).toEqual(expected));

  it.each([
    ['int', 0.5], ['float', 'fast'], ['str', [1]], ['bool', 2], ['dict', [1]], ['list', { a: 1 }], ['metric', 'x'], ['metadata', 'x'], ['path', ''], ['path', 3], ['s3_path', '/data'], ['gcs_path', 's3://b/k'],
    ['azure_path', 'wasb://k'], ['uri', 'host'], ['auth', 'mona'], ['auth', { user: 'mona' }],
  ])('of type %s refuses %p', (type, value) => expect(typed(type, value)).toThrow(/params\.x: expected/));
});

it('what is wrong only once it is rendered is told with its line and column, too', () => {
  const text = 'version: 1\nkind: experiment\ninputs:\n  - {name: lr, type: float}\nparams:\n  epochs: "{{ nobody }}"\nrun:\n  cmd:\n    - train\n    - "{{ nothing }}"\n';
  const said = refusalOf(() => compile(parsePolyaxonfile(text.replace('inputs:\n  - {name: lr, type: float}\n', '').replace('params:\n  epochs: "{{ nobody }}"\n', '')))).message;
  expect(said).toContain('line 6, column 7, run.cmd[1]: ');
  const inputs = refusalOf(() => compile(parsePolyaxonfile(text))).message;
  expect(inputs).toContain('line 3, column 1, inputs.lr: required');
  expect(inputs).toContain('line 6, column 3, params.epochs: ');
});
