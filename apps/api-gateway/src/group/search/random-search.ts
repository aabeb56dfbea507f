// What does random search try?
import type { Hptuning } from '#polyaxonfile';
import { randomFrom } from './random.ts';
import { combinations, sample } from './sample.ts';
import type { Suggestion } from './trial.ts';

export function randomSearch(hptuning: Hptuning): readonly Suggestion[] {
  return sample(hptuning, sizeOfRandomSearch(hptuning), randomFrom(hptuning.seed, 0)).map((params) => ({ params, continues: null }));
}

/** No combination is tried twice. */
export function sizeOfRandomSearch(hptuning: Hptuning): number {
  return Math.min(hptuning.random_search?.n_experiments ?? 0, combinations(hptuning));
}
