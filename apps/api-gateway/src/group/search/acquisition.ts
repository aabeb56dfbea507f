// How much is trying a point worth, given what is expected there?
import type { UtilityFunction } from '#polyaxonfile';
import type { Expectation } from './gaussian-process.ts';

/** Bigger is better, of the metric as of the worth. `best` is the best that was seen. */
export function worth({ acquisition_function: kind = 'ei', kappa = 2.576, eps = 0 }: UtilityFunction, { mean, deviation }: Expectation, best: number): number {
  const above = mean - best - eps;
  switch (kind) {
    case 'ucb':
      return mean + kappa * deviation;
    case 'poi':
      return probabilityBelow(above / deviation);
    case 'ei':
      return above * probabilityBelow(above / deviation) + deviation * density(above / deviation);
  }
}

function density(z: number): number {
  return Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/** Of the standard normal distribution. Far below 0 it is tiny and still exact, so that hopeless points can be told apart. */
export function probabilityBelow(z: number): number {
  if (z > 0) return 1 - probabilityBelow(-z);
  if (z > -3) {
    let [term, sum] = [z, z];
    for (let odd = 3; odd < 80; odd += 2) sum += term *= (z * z) / odd;
    return 0.5 + sum * density(z);
  }
  let fraction = -z;
  for (let step = 60; step >= 1; step--) fraction = -z + step / fraction;
  return density(z) / fraction;
}
