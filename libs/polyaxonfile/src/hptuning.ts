// What may a group search for, and how?
import { countedKinds, demandOfEach, distribution, type Distribution } from './distributions.ts';
import { entryOf, isMapping, type Json, type JsonMapping } from './json.ts';
import { listOf, mappingOf, number, scalar, schemaOf, section, shape, text, wholeNumber, yesOrNo, type Place, type Shape } from './shapes.ts';

export type Optimization = 'maximize' | 'minimize';
/** maximize when absent */
export type SearchMetric = { readonly name: string; readonly optimization?: Optimization };

export type Hyperband = {
  /** The most of the resource that one trial gets. */
  readonly max_iter: number;
  readonly eta: number;
  /** float when absent */
  readonly resource: { readonly name: string; readonly type?: 'int' | 'float' };
  readonly metric: SearchMetric;
  /** Trials that are kept go on where they were, and don't start again. */
  readonly resume?: boolean;
};

export type GaussianProcess = {
  readonly kernel?: 'matern' | 'rbf';
  /** Where fitting it begins, as a share of the whole range of a param. */
  readonly length_scale?: number;
  readonly nu?: 0.5 | 1.5 | 2.5;
  readonly n_restarts_optimizer?: number;
};
export type UtilityFunction = {
  readonly acquisition_function?: 'ucb' | 'ei' | 'poi';
  readonly kappa?: number;
  readonly eps?: number;
  readonly gaussian_process?: GaussianProcess;
  readonly n_warmup?: number;
  readonly n_iter?: number;
};
export type BayesianOptimization = {
  readonly n_initial_trials?: number;
  readonly n_iterations: number;
  readonly metric: SearchMetric;
  readonly utility_function?: UtilityFunction;
};

export type StoppingPolicy = {
  readonly kind: 'median' | 'average' | 'truncation';
  /** How many values of the metric lie between two looks at a member; 1 when absent. */
  readonly evaluation_interval?: number;
  /** Of truncation: how many of a hundred are stopped. */
  readonly percent?: number;
};
/** `value`: the whole group stops when a member gets there. `policy`: single members stop. At least one of them. */
export type EarlyStopping = {
  readonly metric: string;
  readonly optimization?: Optimization;
  readonly value?: number;
  readonly policy?: StoppingPolicy;
};

/** In its normal form, as compiling a polyaxonfile of kind group gives it: plain JSON. */
export type Hptuning = {
  readonly seed?: number;
  /** 1 when absent */
  readonly concurrency?: number;
  readonly matrix: { readonly [param: string]: Distribution };
  /** At most one of the four; grid search when there is none. */
  readonly grid_search?: { readonly n_experiments?: number };
  readonly random_search?: { readonly n_experiments: number };
  readonly hyperband?: Hyperband;
  readonly bo?: BayesianOptimization;
  readonly early_stopping?: readonly EarlyStopping[];
};

const searches = ['grid_search', 'random_search', 'hyperband', 'bo'] as const;
export type SearchAlgorithm = (typeof searches)[number];

/** The search that is asked for; nothing asked for is grid search. */
export function searchAlgorithm(hptuning: { readonly [Search in SearchAlgorithm]?: unknown }): SearchAlgorithm {
  return searches.find((name) => (hptuning[name] ?? null) !== null) ?? 'grid_search';
}

const mostBrackets = 100;

/** `ucb`, `UCB` and `Ucb` are one word. */
const word = (...words: readonly string[]): Shape =>
  shape({ enum: words.flatMap((one) => [one, one.toUpperCase(), `${one[0]?.toUpperCase()}${one.slice(1)}`]) }, (value, place) => {
    const small = typeof value === 'string' ? value.toLowerCase() : '';
    return words.includes(small) ? small : place.expected(`one of ${words.join(', ')}`, value);
  });
const above = (limit: number) =>
  scalar(`a number above ${limit}`, (value) => typeof value === 'number' && value > limit, { type: 'number', exclusiveMinimum: limit });
const from = (least: number) => scalar(`a number from ${least}`, (value) => typeof value === 'number' && value >= least, { type: 'number', minimum: least });
const bounded = (least: number, most: number) => {
  const accepts = (value: Json) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
  return scalar(`a whole number from ${least} to ${most}`, accepts, { type: 'integer', minimum: least, maximum: most });
};

const halves = [0.5, 1.5, 2.5];
const optimization = word('maximize', 'minimize');
const metric = section({ name: text, optimization }, { required: ['name'] });

const hyperband = section(
  {
    max_iter: wholeNumber(1),
    eta: above(1),
    resource: section({ name: text, type: word('int', 'float') }, { required: ['name'] }),
    metric,
    resume: yesOrNo,
  },
  { required: ['max_iter', 'eta', 'resource', 'metric'] },
);

const bo = section(
  {
    n_initial_trials: wholeNumber(1),
    n_iterations: wholeNumber(1),
    metric,
    utility_function: section({
      acquisition_function: word('ucb', 'ei', 'poi'),
      kappa: from(0),
      eps: from(0),
      gaussian_process: section({
        kernel: word('matern', 'rbf'),
        length_scale: above(0),
        nu: scalar('one of 0.5, 1.5, 2.5', (value) => halves.includes(value as number), { enum: halves }),
        n_restarts_optimizer: bounded(0, 10),
      }),
      n_warmup: bounded(1, 10_000),
      n_iter: bounded(0, 1000),
    }),
  },
  { required: ['n_iterations', 'metric'] },
);

const policyKind = word('median', 'average', 'truncation');
const policySections = section({ kind: policyKind, evaluation_interval: wholeNumber(1), percent: bounded(1, 99) }, { required: ['kind'] });
/** `policy: median` is short for `policy: {kind: median}`. */
const policy = shape(() => ({ anyOf: [schemaOf(policyKind, false), schemaOf(policySections, false)] }), (value, place) => {
  const checked = policySections(typeof value === 'string' ? { kind: value } : value, place);
  if (place.stage === 'patch' || !isMapping(checked) || typeof checked.kind !== 'string') return checked;
  const [cuts, percent] = [checked.kind === 'truncation', entryOf(checked, 'percent')];
  if (cuts && percent === undefined) return place.wrong('percent is missing: how many of a hundred are to be stopped');
  if (!cuts && percent !== undefined) return place.wrong(`only truncation has percent, ${checked.kind} has not`);
  return checked;
});

const stoppingSections = section({ metric: text, value: number, optimization, policy }, { required: ['metric'] });
const stopping = shape(() => schemaOf(stoppingSections, false), (value, place) => {
  const checked = stoppingSections(value, place);
  const says = isMapping(checked) && (Object.hasOwn(checked, 'value') || Object.hasOwn(checked, 'policy'));
  if (isMapping(checked) && !says && place.stage !== 'patch') place.wrong('expected value (stops the group when a member reaches it), policy (stops members that are behind), or both');
  return checked;
});

const sections = section(
  {
    seed: wholeNumber(0),
    concurrency: wholeNumber(1),
    matrix: mappingOf(distribution, 'a mapping of params to what they may be'),
    grid_search: section({ n_experiments: wholeNumber(1) }),
    random_search: section({ n_experiments: wholeNumber(1) }, { required: ['n_experiments'] }),
    hyperband,
    bo,
    early_stopping: listOf(stopping),
  },
  { required: ['matrix'], atMostOneOf: searches },
);

export const hptuningShape = shape(() => schemaOf(sections, false), (value, place) => {
  const checked = sections(value, place);
  if (place.stage !== 'patch' && isMapping(value)) fits(value, place);
  return checked;
});

/** What holds between the search and what it searches; asked of the value as it was written, whose lines are known. */
function fits(value: JsonMapping, place: Place): void {
  const matrix = entryOf(value, 'matrix');
  if (!isMapping(matrix)) return;
  const spaces = place.within(value, 'matrix');
  if (Object.keys(matrix).length === 0) spaces.wrong('expected at least one param to search, found none');
  if (searches.filter((name) => (entryOf(value, name) ?? null) !== null).length > 1) return;
  const search = searchAlgorithm(value);
  if (search === 'grid_search') {
    const named = Object.hasOwn(value, 'grid_search') ? 'grid search' : 'grid search, the default,';
    demandOfEach(matrix, spaces, countedKinds, (kind) =>
      `${kind} is a distribution; ${named} needs ${countedKinds.join(', ')}; or search with random_search, hyperband or bo`);
  }
  if (search === 'bo') demandOfEach(matrix, spaces, [...countedKinds, 'uniform'], (kind) => `bo can't search ${kind}; expected uniform, ${countedKinds.join(', ')}`);
  if (search === 'hyperband') fitsHyperband(entryOf(value, 'hyperband') as Json, matrix, place.within(value, 'hyperband'));
}

function fitsHyperband(value: Json, matrix: JsonMapping, place: Place): void {
  if (!isMapping(value)) return;
  const resource = entryOf(value, 'resource');
  const name = isMapping(resource) ? entryOf(resource, 'name') : undefined;
  if (isMapping(resource) && typeof name === 'string' && Object.hasOwn(matrix, name))
    place.within(value, 'resource').wrong(`${name} is what hyperband gives to the trials; it can't be searched in the matrix as well`);
  const [most, eta] = [entryOf(value, 'max_iter'), entryOf(value, 'eta')];
  if (typeof most !== 'number' || typeof eta !== 'number' || eta <= 1 || most < 1) return;
  const brackets = Math.floor(Math.log(most) / Math.log(eta)) + 1;
  if (brackets > mostBrackets) place.within(value, 'eta').wrong(`eta ${eta} and max_iter ${most} make ${brackets} brackets; expected at most ${mostBrackets}: choose a bigger eta`);
}
