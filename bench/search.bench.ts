// Do the searches of a group find more than chance does, for the same price?
import { nextIteration, sizeOf, type Suggestion, type Trial } from '../apps/api-gateway/src/group/search/search.ts';
import type { Hptuning } from '#polyaxonfile';
import { correct, median, type BenchResult } from './result.ts';

const seeds = Array.from({ length: 50 }, (_, index) => index + 1);
/** The most epochs a trial gets, and how many of them everybody may spend: what Hyperband does, in whole trials. */
const epochs = 81;
const trials = 24;

const matrix: Hptuning['matrix'] = { x: { uniform: { low: -5, high: 10 } }, y: { uniform: { low: 0, high: 15 } } };
const metric = { name: 'loss', optimization: 'minimize' } as const;
const searches: Readonly<Record<'random' | 'hyperband' | 'bo', Omit<Hptuning, 'matrix' | 'seed'>>> = {
  random: { random_search: { n_experiments: trials } },
  hyperband: { hyperband: { max_iter: epochs, eta: 3, resource: { name: 'epochs', type: 'int' }, metric } },
  bo: { bo: { n_initial_trials: 5, n_iterations: trials - 5, metric } },
};

export function bench(): Promise<BenchResult[]> {
  const best = (search: keyof typeof searches) => seeds.map((seed) => found({ matrix, seed, ...searches[search] }));
  const chance = best('random');
  return Promise.resolve([...compared('Hyperband', best('hyperband'), chance), ...compared('Bayesian optimisation', best('bo'), chance)]);
}

function compared(name: string, ours: readonly number[], chance: readonly number[]): BenchResult[] {
  const wins = ours.filter((value, index) => value < (chance[index] as number)).length;
  const peer = `random search, ${trials} trials of ${epochs} epochs, the same ${seeds.length} seeds`;
  const [mine, theirs] = [median(ours), median(chance)];
  return [
    { name: `Branin, ${name}: least value, median`, peer, ours: mine, theirs, ratio: mine / theirs, goal: 1, bound: 'at most', unit: '' },
    { name: `Branin, ${name}: seeds that beat random`, peer: null, ours: wins, theirs: null, ratio: null, goal: seeds.length / 2, bound: 'at least', unit: `of ${seeds.length}` },
  ];
}

const measured = ({ params }: Suggestion) => branin(params.x as number, params.y as number, Number(params.epochs ?? epochs) / epochs);

/** Of what was measured exactly, the least. */
function found(hptuning: Hptuning): number {
  const past: (readonly Trial[])[] = [];
  for (let next = nextIteration(hptuning, past); next.length > 0; next = nextIteration(hptuning, past)) {
    past.push(next.map((suggestion) => ({ ...suggestion, metric: measured(suggestion) })));
  }
  const all = past.flat();
  const spent = all.reduce((sum, { params }) => sum + Number(params.epochs ?? epochs), 0);
  correct(`${all.length} trials, ${spent} epochs: no more than was allowed`, all.length <= sizeOf(hptuning) && spent <= trials * epochs);
  const whole = all.filter(({ params }) => Number(params.epochs ?? epochs) === epochs);
  return whole.map(({ params }) => branin(params.x as number, params.y as number)).reduce((least, value) => Math.min(least, value));
}

/** The least value of the true one, 0.397887, is in three places. After some of the epochs it is bent, as by Kandasamy et al. (BOCA, ICML 2017); after all it is exact. */
function branin(x: number, y: number, trained = 1): number {
  const left = 1 - trained;
  const [b, c, t] = [5.1 / (4 * Math.PI ** 2) - 0.01 * left, 5 / Math.PI - 0.1 * left, 1 / (8 * Math.PI) + 0.05 * left];
  return (y - b * x ** 2 + c * x - 6) ** 2 + 10 * (1 - t) * Math.cos(x) + 10;
}
