// Is this a polyaxonfile, and if not, does the refusal name the line, the path and what was expected?
import fc from 'fast-check';
import { parseOverride, parsePolyaxonfile } from './index.ts';
import { bombs, refusalOf, valid } from './samples.ts';

const minimal = 'version: 1\nkind: experiment\nrun:\n  cmd: python train.py\n';
const said = (text: string) => refusalOf(() => parsePolyaxonfile(text, 'p.yml')).message;

describe('a polyaxonfile', () => {
  it('is YAML or JSON, and comes back as it was written', () => {
    const specification = { version: 1, kind: 'experiment', run: { cmd: 'python train.py' } };
    expect(parsePolyaxonfile(minimal)).toEqual(specification);
    expect(parsePolyaxonfile(JSON.stringify(specification))).toEqual(specification);
    expect(parsePolyaxonfile(JSON.stringify(specification, null, '\t'))).toEqual(specification);
    expect(parsePolyaxonfile(`\uFEFF${minimal}`)).toEqual(specification);
    expect(parsePolyaxonfile(minimal.replaceAll('\n', '\r\n'))).toEqual(specification);
  });

  it('may use every section there is', () => expect(parsePolyaxonfile(valid)).toMatchObject({ kind: 'experiment', params: { lr: 0.1 } }));

  it('may be a group, a job or a build', () => {
    parsePolyaxonfile('version: 1\nkind: group\nhptuning: {matrix: {lr: {values: [0.1, 0.2]}}}\nrun: {cmd: "train --lr={{ lr }}"}');
    parsePolyaxonfile('version: 1\nkind: job\nrun: {cmd: [make data, make clean]}');
    parsePolyaxonfile('version: 1\nkind: build\nbuild: {dockerfile: Dockerfile}');
  });

  it.each([
    ['', 'p.yml: line 1: expected a mapping of sections, found nothing'],
    ['- version', 'p.yml: line 1: expected a mapping of sections, found a list'],
    [`${minimal}enviroment: {}\n`, 'p.yml: line 5, column 1, enviroment: unknown section, did you mean environment?'],
    [`${minimal}environment:\n  resource: {}\n`, 'p.yml: line 6, column 3, environment.resource: unknown key, did you mean resources?'],
    [`${minimal}environment:\n  resources:\n    cpu:\n      limits: lots\n`,
      'p.yml: line 8, column 7, environment.resources.cpu.limits: expected a quantity such as 0.5 or "500m", found "lots"',
    ],
    [`${minimal}environment: []\n`, 'p.yml: line 5, column 1, environment: expected a mapping of resources, '],
    ['version: 1\nkind: experiment\n', 'p.yml: run is missing; kind experiment needs it'],
    ['version: 1\nkind: job\nrun:\n', 'p.yml: run is missing; kind job needs it'],
    ['version: 1\nkind: build\n', 'p.yml: build is missing; kind build needs it'],
    ['version: 1\nkind: group\nrun: {cmd: x}', 'p.yml: hptuning is missing; kind group needs it'],
    ['version: 2\nkind: experiment\nrun: {cmd: x}', 'p.yml: line 1, column 1, version: expected 1, found 2'],
    ['kind: experiment\nrun: {cmd: x}', 'p.yml: version is missing'],
    ['version: 1\nkind: notebook\nrun: {cmd: x}', 'p.yml: line 2, column 1, kind: expected one of experiment, group, job, build, found "notebook"'],
    ['version: 1\nkind: experiment\nrun:\n  cmd: 5', 'p.yml: line 4, column 3, run.cmd: expected a command, or a list of them, found 5'],
    ['version: 1\nkind: experiment\nrun: {}', 'p.yml: line 3, column 1, run: cmd is missing'],
    [`${minimal}build: {}\n`, 'p.yml: line 5, column 1, build: expected one of image, dockerfile, ref, found none'],
    [`${minimal}build: {image: a, ref: 2}\n`, 'p.yml: line 5, column 1, build: expected only one of image, dockerfile, ref, found image and ref'],
    [`${minimal}params: {a: 1}\ndeclarations: {a: 1}\n`, 'p.yml: line 6, column 1, declarations: is the old name of params; expected only one of them'],
    [`${minimal}name: my run\n`, 'p.yml: line 5, column 1, name: expected 1 to 64 of [-a-zA-Z0-9_], found "my run"'],
    [`${minimal}hptuning: {matrix: {}}\n`, 'p.yml: line 5, column 1, hptuning: only kind group has this section'],
    [`${minimal}params: 3\n`, 'p.yml: line 5, column 1, params: expected a mapping of names to values, found 3'],
    [`${minimal}inputs: ['{{ x }}']\n`, 'p.yml: line 5, column 10, inputs[0]: expected a mapping of name, '],
    [`${minimal}name: a\nname: b\n`, 'p.yml: line 6, column 1: "name" is there twice'],
    [`${minimal}params:\n  __proto__: {polluted: true}\n`, 'p.yml: line 6, column 3, params: no key may be called __proto__'],
    [`${minimal}params: *nowhere\n`, 'p.yml: line 5, column 9, params: *nowhere refers to no anchor above it'],
    [`${minimal}params: !!python/object {}\n`, 'p.yml: line 5, column 9: Unresolved tag: tag:yaml.org,2002:python/object'],
    [`${minimal}--- \nversion: 1\n`, 'p.yml: line 5, column 1: a second document starts; expected one only'],
    ['version: 1\n  kind: [\n', 'p.yml: line 1, column 10: is not YAML: '],
    ['version: 1\nkind: experiment\nrun:\n  cmd: {{ x }}', 'line 4, column 9, run.cmd: expected a plain text as key; a value that starts with {{ needs quotes'],
  ])('is refused: %j', (text, message) => {
    expect(said(text)).toContain(message);
    expect(said(text)).not.toContain('\n');
    expect(refusalOf(() => parsePolyaxonfile(text))).toMatchObject({ code: 'polyaxonfile-invalid' });
  });

  it('has up to five problems told at once', () => {
    expect(said('version: 2\nkind: x\nrun: 1\n')).toBe(
      'p.yml: line 1, column 1, version: expected 1, found 2; line 2, column 1, kind: expected one of experiment, group, job, build, found "x"; ' +
        'line 3, column 1, run: expected a mapping of cmd, found 1',
    );
    expect(said(`${minimal}a: 1\nb: 1\nc: 1\nd: 1\ne: 1\nf: 1\ng: 1`)).toMatch(/line 9, column 1, e: unknown section[^;]*; and 2 more$/);
  });

  it('keeps what JSON has no number for as text', () => {
    const { params } = parsePolyaxonfile(`${minimal}params: {seed: 18446744073709551615, most: .inf, least: -.inf, none: .nan, big: 1e999, lr: 1e-5}`);
    expect(params).toEqual({ seed: '18446744073709551615', most: 'inf', least: '-inf', none: 'nan', big: 'inf', lr: 0.00001 });
  });

  it('may repeat itself by aliases', () => {
    expect(parsePolyaxonfile(`${minimal}params: {a: &a [1, 2], b: *a}`).params).toEqual({ a: [1, 2], b: [1, 2] });
  });

  it('never changes the prototype of anything', () => {
    parsePolyaxonfile(`${minimal}params: {constructor: {prototype: {polluted: true}}, toString: 1}`);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('an override', () => {
  it('is any part of a polyaxonfile', () => {
    expect(parseOverride('version: 1\nparams:\n  lr: 0.5\n')).toEqual({ version: 1, params: { lr: 0.5 } });
    const environment = { resources: { gpu: { limits: 1 } }, labels: null };
    expect(parseOverride(JSON.stringify({ environment }))).toEqual({ environment });
    expect(parseOverride('build: {image: other}')).toEqual({ build: { image: 'other' } });
    expect(parseOverride('{params: {lr: 0.5}}')).toEqual({ params: { lr: 0.5 } });
  });

  it('may be the text of a Python dict, as the original command line sends it', () => {
    expect(parseOverride("{'version': 1, 'params': {'lr': 1e-05, 'flag': True, 'none': None, 'text': \"it's\\n\"}}")).toEqual({
      version: 1, params: { lr: 0.00001, flag: true, none: null, text: "it's\n" },
    });
  });

  it.each([
    ['', 'o.yml: line 1: expected a mapping of sections, found nothing'],
    ['just text', 'o.yml: line 1: expected a mapping of sections, found "just text"'],
    ['[1, 2]', 'o.yml: line 1: expected a mapping of sections, found a list'],
    ["{'a', 'b'}", 'o.yml: line 1: expected a mapping of sections, found a list'],
    ['{"params": [1', 'is not YAML'],
    ['parms: {lr: 1}', 'o.yml: line 1, column 1, parms: unknown section, did you mean params?'],
    ['run: {cmd: {}}', 'o.yml: line 1, column 7, run.cmd: expected a command, or a list of them, found a mapping'],
  ])('is refused: %j', (text, message) => {
    const refusal = refusalOf(() => parseOverride(text, 'o.yml'));
    expect(refusal.message).toContain(message);
    expect(refusal.code).toBe('override-invalid');
  });
});

describe('whatever is sent', () => {
  const parses = [parsePolyaxonfile, parseOverride];
  const refusedOrRead = (text: string) => {
    for (const parse of parses) {
      try {
        expect(typeof parse(text)).toBe('object');
      } catch (error) {
        expect(error).toMatchObject({ name: 'Refusal' });
        expect((error as Error).message).not.toMatch(/[\r\n]/);
      }
    }
  };

  it('is read or refused: any text', () => fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), refusedOrRead), { numRuns: 300 }));

  it('is read or refused: the signs of YAML in any order', () => {
    const signs = fc.constantFrom('- ', '? ', ': ', '&a ', '*a ', '!!str ', '  ', '---\n', '<<: ', ...'[]{}|>\'"\n#,x%\t\\');
    fc.assert(fc.property(fc.array(signs, { maxLength: 60 }).map((all) => all.join('')), refusedOrRead), { numRuns: 500 });
  });

  it('is read or refused: a valid file with one part replaced', () => {
    const part = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('\n', ' ', ': ', '- ', '{{', '}', '&a', '*a', 'null'));
    const mutated = fc.tuple(fc.nat(valid.length), fc.nat(30), part).map(([at, length, text]) => valid.slice(0, at) + text + valid.slice(at + length));
    fc.assert(fc.property(mutated, refusedOrRead), { numRuns: 300 });
  });

  it.each(bombs)('is refused within a second: %s', (_, bomb) => {
    for (const parse of parses) {
      const start = performance.now();
      refusalOf(() => parse(bomb));
      expect(performance.now() - start).toBeLessThan(1000);
    }
  });
});
