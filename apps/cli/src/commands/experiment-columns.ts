// What does a list of experiments show of each, so that a person can compare them?
import type { ExperimentBody } from '#contracts';
import type { Paint } from '../output.ts';
import { ago, measured, paintedStatus, pairs, type Column } from '../tables.ts';

/** A metric and a param of this name both get their column; when any experiment of the page has it. */
export function experimentColumns(rows: readonly ExperimentBody[], paint: Paint, { metrics = false, params = false }: { metrics?: boolean; params?: boolean }): readonly Column<ExperimentBody>[] {
  const measures = metrics ? named(rows, (one) => measured(one.last_metric)) : [{ title: 'METRICS', value: (one: ExperimentBody) => pairs(measured(one.last_metric)), wide: true }];
  const parameters = params ? named(rows, (one) => one.params) : [{ title: 'PARAMS', value: (one: ExperimentBody) => pairs(one.params), wide: true }];
  return [
    { title: 'ID', value: (one) => one.id },
    { title: 'STATUS', value: (one) => paintedStatus(one.last_status, paint) },
    { title: 'NAME', value: (one) => one.name },
    { title: 'CLONED FROM', value: (one) => (one.source_id === null ? '' : `${one.source_id} (${one.cloning_strategy})`) },
    ...parameters,
    ...measures,
    { title: 'CREATED', value: (one) => ago(one.created_at, Date.now()) },
    { title: 'TOOK', value: (one) => one.total_run },
    { title: 'TAGS', value: (one) => one.tags.join(','), wide: true },
    { title: 'OUTPUTS', value: (one) => one.outputs_path, wide: true },
  ];
}

function named(rows: readonly ExperimentBody[], of: (row: ExperimentBody) => Readonly<Record<string, unknown>>): Column<ExperimentBody>[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(of(row))))].sort();
  return names.map((title) => ({ title, value: (row) => cell(of(row)[title]) }));
}

function cell(value: unknown): string {
  return value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}
