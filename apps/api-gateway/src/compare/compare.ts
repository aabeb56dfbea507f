// What is different between two experiments, as far as their rows tell?
import type { Difference, ExperimentBody, ExperimentComparison } from '#contracts';
import { difference, type JsonMapping } from '#polyaxonfile';

type ByRows = Pick<ExperimentComparison, 'before' | 'after' | 'specification' | 'command' | 'params' | 'metrics'>;

export function compare(before: ExperimentBody, after: ExperimentBody): ByRows {
  return {
    before: named(before),
    after: named(after),
    specification: difference(specificationOf(before), specificationOf(after)),
    command: { before: before.command, after: after.command },
    params: paramDifferences(before, after),
    metrics: metricDifferences(before.last_metric, after.last_metric),
  };
}

export function paramDifferences({ params: before }: Pick<ExperimentBody, 'params'>, { params: after }: Pick<ExperimentBody, 'params'>): Difference[] {
  return difference({ params: before as JsonMapping }, { params: after as JsonMapping }).map((one) => ({ ...one, path: one.path.replace(/^params\./, '') }));
}

export function isSame({ specification, command, params, metrics, code, outputs }: Omit<ExperimentComparison, 'same'>): boolean {
  const sameFiles = [code.files, outputs.files].every((files) => files === null || files.files.length === 0);
  return [specification, params, metrics].every((list) => list.length === 0) && command.before === command.after && code.before === code.after && sameFiles;
}

function named({ id, unique_name, name, last_status }: ExperimentBody): ExperimentComparison['before'] {
  return { id, unique_name, name, last_status };
}

/** Params are compared as the program got them, which is what counts; so not again as they were written. */
function specificationOf({ content }: ExperimentBody): JsonMapping {
  const parsed = content === '' ? {} : (JSON.parse(content) as JsonMapping);
  return Object.fromEntries(Object.entries(parsed).filter(([section]) => section !== 'params' && section !== 'declarations'));
}

/** A metric that is NaN is null, and different from none. */
function metricDifferences(before: ExperimentBody['last_metric'], after: ExperimentBody['last_metric']): ExperimentComparison['metrics'] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .filter((name) => Object.hasOwn(before, name) !== Object.hasOwn(after, name) || before[name] !== after[name])
    .map((name) => {
      const [was, is] = [before[name] ?? null, after[name] ?? null];
      return { name, before: was, after: is, difference: typeof was === 'number' && typeof is === 'number' ? is - was : null };
    });
}
