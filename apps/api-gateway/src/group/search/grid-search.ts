// What does grid search try?
import type { Hptuning, Json } from '#polyaxonfile';
import { counted, type Counted } from './counted.ts';
import type { Suggestion } from './trial.ts';

/** Every combination, the last param of the matrix changing fastest; as many as asked for. */
export function grid(hptuning: Hptuning): readonly Suggestion[] {
  const params = Object.entries(hptuning.matrix).map(([name, distribution]) => [name, mustCount(name, counted(distribution))] as const).reverse();
  return Array.from({ length: sizeOfGrid(hptuning) }, (_, number) => {
    let left = number;
    const entries = params.map(([name, { count, at }]): [string, Json] => {
      const index = left % count;
      left = Math.floor(left / count);
      return [name, at(index)];
    });
    return { params: Object.fromEntries(entries.reverse()), continues: null };
  });
}

export function sizeOfGrid({ matrix, grid_search }: Hptuning): number {
  const combinations = Object.entries(matrix).reduce((product, [name, distribution]) => product * mustCount(name, counted(distribution)).count, 1);
  return Math.min(combinations, grid_search?.n_experiments ?? Infinity);
}

function mustCount(name: string, values: Counted | null): Counted {
  if (!values) throw new Error(`grid search over ${name}, whose values can't be counted: the polyaxonfile was not checked`);
  return values;
}
