// In which order is a list wanted? `-metrics.loss, started_at`
import { unreadable } from './parse-query.ts';

export interface SortKey {
  readonly field: string;
  readonly at: number;
  readonly descending: boolean;
}

/** More than a few say nothing more, and each costs. */
const keysMax = 5;

export function parseSort(text: string): SortKey[] {
  const keys: SortKey[] = [];
  let at = 0;
  for (const part of text.split(',')) {
    const [, before = '', sign, field = ''] = /^(\s*)([-+]?)\s*(.*?)\s*$/s.exec(part) ?? [];
    const start = at + before.length;
    at += part.length + 1;
    if (field === '' && sign === '') continue;
    if (field === '') throw unreadable(start, 'a field is missing behind the -', sortExample);
    keys.push({ field, at: start, descending: sign === '-' });
  }
  if (keys.length > keysMax) throw unreadable(keys[keysMax]?.at ?? 0, `a list is sorted by at most ${keysMax} fields`, sortExample);
  return keys;
}

export const sortExample = '-metrics.loss, started_at';
