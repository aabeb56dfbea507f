// What may a group search for: is every way to write it read, and is what can't be searched refused where it stands?
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { compile, override, parseOverride, parsePolyaxonfile, type Json } from './index.ts';
import { refusalOf } from './samples.ts';
import { polyaxonfileSchema } from './sections.ts';

const group = (hptuning: string) => `version: 1\nkind: group\nrun: {cmd: "train --x={{ x }}"}\nhptuning:\n  ${hptuning.replaceAll('\n', '\n  ')}\n`;
const random = (distribution: string) => group(`random_search: {n_experiments: 3}\nmatrix:\n  x: {${distribution}}`);
const read = (content: string) => compile(parsePolyaxonfile(content)).hptuning;
const said = (content: string) => refusalOf(() => parsePolyaxonfile(content, 'p.yml')).message;
const inEditor = new Ajv({ strict: false, allErrors: true }).compile(polyaxonfileSchema());

it.each<[string, Json]>([
  ['values: [0.1, adam, true, [64, 32], null]', { values: [0.1, 'adam', true, [64, 32], null] }],
  ['pvalues: [[a, 0.3], [b, 0.7]]', { pvalues: [['a', 0.3], ['b', 0.7]] }],
  ['pvalues: [[1, 0.333], [2, 0.333], [3, 0.333]]', { pvalues: [[1, 0.333], [2, 0.333], [3, 0.333]] }],
  ['range: "1:10:2"', { range: { start: 1, stop: 10, step: 2 } }],
  ['range: 0:1:.1', { range: { start: 0, stop: 1, step: 0.1 } }],
  ['range: [-1, 1, 1e-1]', { range: { start: -1, stop: 1, step: 0.1 } }],
  ['range: {start: 1, stop: "10", step: 2}', { range: { start: 1, stop: 10, step: 2 } }],
  ['linspace: 0:1:5', { linspace: { start: 0, stop: 1, num: 5 } }],
  ['logspace: [-3, 0, 4]', { logspace: { start: -3, stop: 0, num: 4 } }],
  ['logspace: {start: 0, stop: 8, num: 3, base: 2}', { logspace: { start: 0, stop: 8, num: 3, base: 2 } }],
  ['geomspace: 1:1000:4', { geomspace: { start: 1, stop: 1000, num: 4 } }],
  ['uniform: 0:1', { uniform: { low: 0, high: 1 } }],
  ['uniform: [0, 1, 20]', { uniform: { low: 0, high: 1 } }],
  ['uniform: {low: 0, high: 1, size: 20}', { uniform: { low: 0, high: 1 } }],
  ['quniform: 0:1:0.25', { quniform: { low: 0, high: 1, q: 0.25 } }],
  ['loguniform: [-7, 0]', { loguniform: { low: -7, high: 0 } }],
  ['qloguniform: [0, 7, 8]', { qloguniform: { low: 0, high: 7, q: 8 } }],
  ['normal: {loc: 0, scale: 2}', { normal: { loc: 0, scale: 2 } }],
  ['qnormal: 0:2:0.5', { qnormal: { loc: 0, scale: 2, q: 0.5 } }],
  ['lognormal: 0:1', { lognormal: { loc: 0, scale: 1 } }],
  ['qlognormal: [0, 1, 2]', { qlognormal: { loc: 0, scale: 1, q: 2 } }],
])('%s', (written, normal) => {
  expect(read(random(written))?.matrix).toEqual({ x: normal });
  expect([inEditor(parse(random(written))), inEditor.errors]).toEqual([true, null]);
});

it.each([
  ['values: []', 'expected at least one value, found none'],
  ['values: 0.1', 'expected a list, found 0.1'],
  ['pvalues: [[a, 0.3], [b, 0.3]]', 'expected probabilities that sum up to 1, found 0.6'],
  ['pvalues: [[a, 0.3], b]', 'hptuning.matrix.x.pvalues[1]: expected a pair [value, probability], as in [0.1, 0.25], found "b"'],
  ['pvalues: [[a, 1.5]]', 'expected a pair [value, probability]'],
  ['range: 1:10', 'expected "start:stop:step", [start, stop, step] or a mapping of start, stop, step, found "1:10"'],
  ['range: [1, ten, 2]', 'expected numbers in "start:stop:step", [start, stop, step] or a mapping of start, stop, step, found "ten"'],
  ['range: {start: 1, stop: ten, step: 2}', 'hptuning.matrix.x.range.stop: expected a number as stop, found "ten"'],
  ['range: {start: 1, stop: 2}', 'step is missing'],
  ['range: {start: 1, stop: 2, steps: 1}', 'unknown key, did you mean step?'],
  ['range: 10:1:1', 'expected start to be less than stop, found 10 and 1'],
  ['range: 1:10:0', 'expected step to be more than 0, found 0'],
  ['range: 1:10:-1', 'expected step to be more than 0, found -1'],
  ['linspace: 0:1:2.5', 'expected num to be a whole number from 1, found 2.5'],
  ['logspace: [0, 1, 2, -3]', 'expected base to be more than 0, found -3'],
  ['geomspace: 0:10:2', 'expected start and stop to be both above or both below 0'],
  ['uniform: 1:1', 'expected low to be less than high, found 1 and 1'],
  ['uniform: .inf', 'expected "low:high", [low, high] or a mapping of low, high'],
  ['quniform: 1.1:1.9:1', 'no multiple of 1 lies between 1.1 and 1.9'],
  ['quniform: 0:1:0', 'expected q to be more than 0, found 0'],
  ['loguniform: 0:1000', 'high is an exponent of e; expected at most 700, found 1000'],
  ['normal: 0:-1', 'expected scale to be more than 0, found -1'],
  ['uniform: "{{ low }}:1"', 'expected numbers in "low:high", [low, high] or a mapping of low, high, found "{{ low }}"'],
  ['uniform: 0:1, values: [1]', 'expected only one of values, pvalues, '],
  ['unifrom: 0:1', 'unknown key, did you mean uniform?'],
])('is refused where it stands: %s', (written, message) => {
  expect(said(random(written))).toContain(message);
  expect(said(random(written))).toMatch(/^p\.yml: line 7[,:]/);
});

describe('a search', () => {
  const matrix = 'matrix: {x: {uniform: 0:1}}';
  const metric = 'metric: {name: loss, optimization: minimize}';
  it.each<[string, string, object]>([
    ['grid search by default', 'matrix: {x: {values: [1]}}', { matrix: { x: { values: [1] } } }],
    ['random search', `seed: 3\nconcurrency: 2\nrandom_search: {n_experiments: 5}\n${matrix}`, { seed: 3, concurrency: 2, random_search: { n_experiments: 5 } }],
    ['Hyperband', `hyperband: {max_iter: 81, eta: 3, resource: {name: epochs, type: INT}, ${metric}, resume: true}\n${matrix}`,
      { hyperband: { max_iter: 81, eta: 3, resource: { name: 'epochs', type: 'int' }, metric: { name: 'loss', optimization: 'minimize' }, resume: true } },
    ],
    ['Bayesian optimisation',
      `bo:\n  n_initial_trials: 5\n  n_iterations: 20\n  ${metric}\n  utility_function:\n    acquisition_function: UCB\n    kappa: 2.5\n` +
        `    gaussian_process: {kernel: Matern, nu: 1.5, length_scale: 1.0}\n${matrix}`,
      { bo: { utility_function: { acquisition_function: 'ucb', kappa: 2.5, gaussian_process: { kernel: 'matern', nu: 1.5, length_scale: 1 } } } },
    ],
    ['early stopping',
      `random_search: {n_experiments: 5}\n${matrix}\nearly_stopping:\n  - {metric: loss, value: 0.1, optimization: minimize}\n` +
        '  - {metric: loss, policy: {kind: truncation, percent: 20, evaluation_interval: 5}}\n  - {metric: loss, policy: median}',
      { early_stopping: [{ metric: 'loss', value: 0.1, optimization: 'minimize' }, { policy: { kind: 'truncation', percent: 20, evaluation_interval: 5 } }, { policy: { kind: 'median' } }] },
    ],
  ])('may be %s', (_, written, normal) => {
    expect(read(group(written))).toMatchObject(normal);
    expect([inEditor(parse(group(written))), inEditor.errors]).toEqual([true, null]);
  });

  it.each([
    ['matrix: {}', 'line 5, column 3, hptuning.matrix: expected at least one param to search, found none'],
    ['grid_search: {}', 'hptuning: matrix is missing'],
    [matrix, 'hptuning.matrix.x: uniform is a distribution; grid search, the default, needs values, range, linspace, logspace, geomspace; or search with random_search, hyperband or bo'],
    [`grid_search: {n_experiments: 3}\n${matrix}`, 'uniform is a distribution; grid search needs'],
    ['matrix: {x: {pvalues: [[1, 0.5], [2, 0.5]]}}', 'pvalues is a distribution; grid search'],
    [`random_search: {}\n${matrix}`, 'hptuning.random_search: n_experiments is missing'],
    [`random_search: {n_experiments: 2}\ngrid_search: {}\n${matrix}`, 'expected only one of grid_search, random_search, hyperband, bo, found random_search and grid_search'],
    [`bo: {n_iterations: 5, ${metric}}\nmatrix: {x: {loguniform: -3:0}}`, "hptuning.matrix.x: bo can't search loguniform; expected uniform, values, range, linspace, logspace, geomspace"],
    [`bo: {n_iterations: 5, ${metric}, utility_function: {acquisition_function: best}}\n${matrix}`, 'expected one of ucb, ei, poi, found "best"'],
    [`bo: {n_iterations: 5, ${metric}, utility_function: {gaussian_process: {nu: 2}}}\n${matrix}`, 'expected one of 0.5, 1.5, 2.5, found 2'],
    [`bo: {n_iterations: 5, ${metric}, utility_function: {n_warmup: 1000000}}\n${matrix}`, 'expected a whole number from 1 to 10000, found 1000000'],
    [`hyperband: {max_iter: 9, eta: 1, resource: {name: e}, ${metric}}\n${matrix}`, 'hptuning.hyperband.eta: expected a number above 1, found 1'],
    [`hyperband: {max_iter: 0, eta: 3, resource: {name: e}, ${metric}}\n${matrix}`, 'hptuning.hyperband.max_iter: expected a whole number from 1, found 0'],
    [`hyperband: {max_iter: 9, eta: 1.001, resource: {name: e}, ${metric}}\n${matrix}`, 'eta 1.001 and max_iter 9 make 2199 brackets; expected at most 100: choose a bigger eta'],
    [`hyperband: {max_iter: 9, eta: 3, resource: {name: x}, ${metric}}\n${matrix}`, "x is what hyperband gives to the trials; it can't be searched in the matrix as well"],
    ['matrix: {x: {values: [1]}}\nearly_stopping: [{metric: loss}]', 'expected value (stops the group when a member reaches it), policy (stops members that are behind), or both'],
    ['matrix: {x: {values: [1]}}\nearly_stopping: [{metric: loss, policy: truncation}]', 'percent is missing'],
    ['matrix: {x: {values: [1]}}\nearly_stopping: [{metric: loss, policy: {kind: median, percent: 5}}]', 'only truncation has percent, median has not'],
  ])('is refused: %s', (written, message) => expect(said(group(written))).toContain(message));
});

describe('an override of a search', () => {
  const base = parsePolyaxonfile(group('random_search: {n_experiments: 3}\nmatrix: {x: {uniform: 0:1}, y: {values: [1, 2]}}'));
  const merged = (patch: string) => compile(override(base, parseOverride(patch))).hptuning;
  it('may change, add and remove params', () => {
    expect(merged('hptuning: {matrix: {x: {uniform: [2, 3]}, y: null, z: {values: [a]}}}')?.matrix).toEqual({ x: { uniform: { low: 2, high: 3 } }, z: { values: ['a'] } });
  });
  it('may change the search', () => {
    expect(merged('hptuning: {random_search: null, grid_search: {}, matrix: {x: null}}')).toEqual({ grid_search: {}, matrix: { y: { values: [1, 2] } } });
  });
  it('is refused when what it makes can not be searched', () => {
    expect(refusalOf(() => merged('hptuning: {random_search: null}')).message).toContain('uniform is a distribution; grid search, the default, needs');
    expect(refusalOf(() => merged('hptuning: {matrix: {x: null, y: null}}')).message).toContain('expected at least one param to search');
  });
});
