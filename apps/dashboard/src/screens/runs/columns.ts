// Which columns does the list of runs have, and what stands in them?
import type { ExperimentBody } from '#contracts';
import { age, duration, measure, plain } from '../../text/amounts.ts';
import { wordsOf } from '../../text/statuses.ts';

const titles: Readonly<Record<string, string>> = {
  status: 'Status', name: 'Name', from: 'From', user: 'Started by', created_at: 'Created', started_at: 'Started', finished_at: 'Finished', duration: 'Duration', tags: 'Tags', message: 'Reason',
  framework: 'Framework', commit: 'Code',
};
const fixed = Object.keys(titles);
const usual: readonly string[] = ['status', 'name', 'from', 'created_at', 'duration'];
/** Those that can't be sorted by: they are put together here. */
const unsorted = new Set(['duration', 'message', 'from', 'tags']);
const ofARun = /^(params|metrics)\..{1,200}$/;
const columnsMax = 30;

/** Of what the address says; what isn't a column is left out. */
export function columnsIn(text: string | null): readonly string[] {
  if (text === null) return usual;
  const asked = [...new Set(text.split(',').map((one) => one.trim()))];
  return asked.filter((one) => one in titles || ofARun.test(one)).slice(0, columnsMax);
}

/** Null: the usual ones, which need not be said. */
export function columnsText(columns: readonly string[]): string | null {
  return columns.join() === usual.join() ? null : columns.join(',');
}

/** All that could be chosen: also each param and metric of the runs that are shown. */
export function offeredColumns(rows: readonly ExperimentBody[], chosen: readonly string[]): readonly string[] {
  const found = (kind: 'params' | 'metrics', of: (row: ExperimentBody) => object) => [...new Set(rows.flatMap((row) => Object.keys(of(row))))].sort().map((name) => `${kind}.${name}`);
  return [...new Set([...fixed, ...found('metrics', (row) => row.last_metric), ...found('params', (row) => row.params), ...chosen])];
}

export function titleOf(column: string): string {
  return titles[column] ?? column.replace(/^(params|metrics)\./, '');
}

export function sortOf(column: string): string | null {
  return unsorted.has(column) ? null : column;
}

export function isNumber(column: string): boolean {
  return column.startsWith('metrics.') || column === 'duration' || column === 'id';
}

export function cellText(column: string, row: ExperimentBody, now: number): string {
  const [, kind, key = ''] = /^(params|metrics)\.(.*)$/.exec(column) ?? [];
  if (kind === 'metrics') return measure(row.last_metric[key]);
  if (kind === 'params') return row.params[key] === undefined ? '–' : plain(row.params[key]);
  if (column === 'duration') return spent(row, now);
  if (column.endsWith('_at')) return ageOf(row[column as 'created_at' | 'started_at' | 'finished_at'], now);
  const texts: Readonly<Record<string, string | null>> = {
    status: wordsOf(row.last_status), name: row.name, user: row.user, tags: row.tags.join(', '), message: row.last_status_message, framework: row.framework,
    commit: row.code_revision?.slice(0, 12) ?? null,
    from: row.source_id === null ? null : `${row.cloning_strategy ?? 'clone'} of ${row.source_id}`,
  };
  return texts[column] || '–';
}

export function spent({ started_at: from, finished_at: until }: Pick<ExperimentBody, 'started_at' | 'finished_at'>, now: number): string {
  return from === null ? '–' : duration((until === null ? now : Date.parse(until)) - Date.parse(from));
}

function ageOf(time: string | null, now: number): string {
  return time === null ? '–' : age(time, now);
}

/** Largest first, then smallest first, then as it was. */
export function nextSort(sort: string, field: string): string {
  if (sort === `-${field}`) return field;
  return sort === field ? '' : `-${field}`;
}
