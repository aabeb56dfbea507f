// What does Bayesian optimisation try? Some trials by chance; then, one at a time, the point that a model of all that was seen holds to be worth most.
import type { BayesianOptimization, Hptuning } from '#polyaxonfile';
import { worth } from './acquisition.ts';
import { axisOf, type Axis } from './axis.ts';
import { fitted, posterior, type Point } from './gaussian-process.ts';
import { randomFrom, type Random } from './random.ts';
import { combinations, keyOf, sample, type Params } from './sample.ts';
import { merit, type Suggestion, type Trial } from './trial.ts';

interface Observation {
  readonly shares: readonly number[];
  /** Bigger is better. */
  readonly value: number;
}

const initialTrials = 5;
const effort = { n_warmup: 1000, n_iter: 150 };
const localSearches = 5;
/** A model of more would take minutes: the best and the latest say most. */
const observationsMost = 150;

export function bayesianOptimization(hptuning: Hptuning, past: readonly (readonly Trial[])[]): readonly Suggestion[] {
  const { n_initial_trials = initialTrials, n_iterations } = settingsOf(hptuning);
  const random = randomFrom(hptuning.seed, past.length);
  const started = (params: Params): Suggestion => ({ params, continues: null });
  if (past.length === 0) return sample(hptuning, n_initial_trials, random).map(started);
  if (past.length > n_iterations) return [];
  const axes = Object.entries(hptuning.matrix).map(([name, distribution]) => axisOf(name, distribution));
  const trials = past.flat();
  const taken = new Set(trials.map(({ params }) => keyOf(Object.fromEntries(axes.map(({ name }) => [name, params[name] ?? null])))));
  const observations = observed(trials, axes, settingsOf(hptuning));
  if (observations.length === 0) return sample(hptuning, 1, random, taken).map(started);
  return mostWorth(hptuning, axes, observations, taken, random).map(started);
}

export function sizeOfBayesianOptimization(hptuning: Hptuning): number {
  const { n_initial_trials = initialTrials, n_iterations } = settingsOf(hptuning);
  return Math.min(n_initial_trials + n_iterations, combinations(hptuning));
}

/** A trial that failed counts as bad as the worst that did not: whatever made it fail is likely to be near. None, when all have failed. */
function observed(trials: readonly Trial[], axes: readonly Axis[], { metric }: BayesianOptimization): readonly Observation[] {
  const merits = trials.map((trial) => merit(trial.metric, metric));
  const worst = merits.reduce<number | null>((lowest, one) => (one === null ? lowest : Math.min(one, lowest ?? one)), null);
  if (worst === null) return [];
  const all = trials.flatMap(({ params }, index): Observation[] => {
    const shares = axes.map(({ name, shareOf }) => shareOf(params[name] ?? null));
    return shares.some((share) => share === null) ? [] : [{ shares: shares as readonly number[], value: squarable(merits[index] ?? worst) }];
  });
  if (all.length <= observationsMost) return all;
  const best = [...all].sort((one, other) => other.value - one.value).slice(0, observationsMost / 2);
  const latest = all.filter((one) => !best.includes(one)).slice(-observationsMost / 2);
  return [...best, ...latest];
}

/** A training that diverges may report anything; beyond this, deviations of it would be infinite and nothing could be compared. */
function squarable(value: number): number {
  return Math.min(Math.max(value, -1e150), 1e150);
}

/** Empty when every combination has been tried. */
function mostWorth(hptuning: Hptuning, axes: readonly Axis[], observations: readonly Observation[], taken: ReadonlySet<string>, random: Random): readonly Params[] {
  const utility = settingsOf(hptuning).utility_function ?? {};
  const { n_warmup = effort.n_warmup, n_iter = effort.n_iter } = utility;
  const pointOf = (shares: readonly number[]): Point => axes.flatMap(({ coordinatesOf }, axis) => coordinatesOf(shares[axis] as number));
  const paramsOf = (shares: readonly number[]): Params => Object.fromEntries(axes.map(({ name, valueAt }, axis) => [name, valueAt(shares[axis] as number)]));
  const worthOf = worthGiven(observations, axes, pointOf, utility, random);

  const candidates: (readonly number[])[] = sample(hptuning, n_warmup, random, taken).map((params) => axes.map(({ name, shareOf }) => shareOf(params[name] ?? null) as number));
  const ranked = candidates.map((shares) => ({ shares, worth: worthOf(shares) })).sort((one, other) => other.worth - one.worth);
  const tops: Ranked[] = ranked.slice(0, localSearches);
  const best = [...observations].sort((one, other) => other.value - one.value)[0];
  if (best && tops.length > 0) tops.push({ shares: best.shares, worth: -Infinity });
  const improved = tops.map((start) => climbed(start, worthOf, (shares) => !taken.has(keyOf(paramsOf(shares))), n_iter, random));
  const found = improved.sort((one, other) => other.worth - one.worth)[0];
  return found && found.worth > -Infinity ? [paramsOf(found.shares)] : [];
}

/** Values are seen from their mean, in units of their deviation, so that no metric is too big or too small for the model. */
function worthGiven(
  observations: readonly Observation[], axes: readonly Axis[], pointOf: (shares: readonly number[]) => Point, utility: NonNullable<BayesianOptimization['utility_function']>, random: Random,
): (shares: readonly number[]) => number {
  const points = observations.map(({ shares }) => pointOf(shares));
  const mean = observations.reduce((sum, { value }) => sum + value / observations.length, 0);
  const unit = Math.sqrt(observations.reduce((sum, { value }) => sum + (value - mean) ** 2 / observations.length, 0)) || 1;
  const values = observations.map(({ value }) => (value - mean) / unit);
  const { kernel: family = 'matern', nu = 2.5, length_scale: lengthScale = 0.5, n_restarts_optimizer: restarts = 0 } = utility.gaussian_process ?? {};
  const widths = axes.flatMap(({ coordinatesOf }, axis) => coordinatesOf(0).map(() => axis));
  const expected = posterior(points, values, fitted(points, values, { family, nu, lengthScale, restarts, axes: widths }, random));
  const scaled = { ...utility, eps: (utility.eps ?? 0) / unit };
  const best = Math.max(...values);
  return (shares) => worth(scaled, expected(pointOf(shares)), best);
}

interface Ranked {
  readonly shares: readonly number[];
  readonly worth: number;
}

/** Steps by chance, longer after one that led up, shorter after one that did not. */
function climbed(start: Ranked, worthOf: (shares: readonly number[]) => number, isNew: (shares: readonly number[]) => boolean, most: number, random: Random): Ranked {
  let best = start;
  let length = 0.1;
  for (let step = 0; step < most; step++) {
    const along = random.below(start.shares.length * 2);
    const shares = best.shares.map((share, axis) => {
      const moves = along >= start.shares.length || along === axis;
      return moves ? Math.min(Math.max(share + length * random.normal(), 0), 1) : share;
    });
    const found = worthOf(shares);
    const leads = found > best.worth && isNew(shares);
    if (leads) best = { shares, worth: found };
    length = Math.min(Math.max(length * (leads ? 1.5 : 0.93), 1e-4), 0.5);
  }
  return best;
}

function settingsOf({ bo }: Hptuning): BayesianOptimization {
  if (!bo) throw new Error('this group does not search by Bayesian optimisation');
  return bo;
}
