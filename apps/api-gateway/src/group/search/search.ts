// What does a group try next?
import { searchAlgorithm, type Hptuning } from '#polyaxonfile';
import { bayesianOptimization, sizeOfBayesianOptimization } from './bayesian-optimization.ts';
import { grid, sizeOfGrid } from './grid-search.ts';
import { hyperband, sizeOfHyperband } from './hyperband.ts';
import { randomSearch, sizeOfRandomSearch } from './random-search.ts';
import type { Suggestion, Trial } from './trial.ts';

export { searchAlgorithm };
export type { Suggestion, Trial };

/** The same search with the same past always goes on in the same way. [] = the search is over. */
export function nextIteration(hptuning: Hptuning, past: readonly (readonly Trial[])[]): readonly Suggestion[] {
  switch (searchAlgorithm(hptuning)) {
    case 'grid_search':
      return past.length === 0 ? grid(hptuning) : [];
    case 'random_search':
      return past.length === 0 ? randomSearch(hptuning) : [];
    case 'hyperband':
      return hyperband(hptuning, past);
    case 'bo':
      return bayesianOptimization(hptuning, past);
  }
}

/** How many members the group will have at most; nothing is listed to find out. */
export function sizeOf(hptuning: Hptuning): number {
  switch (searchAlgorithm(hptuning)) {
    case 'grid_search':
      return sizeOfGrid(hptuning);
    case 'random_search':
      return sizeOfRandomSearch(hptuning);
    case 'hyperband':
      return sizeOfHyperband(hptuning);
    case 'bo':
      return sizeOfBayesianOptimization(hptuning);
  }
}
