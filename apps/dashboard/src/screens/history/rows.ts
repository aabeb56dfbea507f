// In which rows is a history shown: what happened, what is folded, and where nothing happened for long?
import type { HistoryEntry, WaitBody } from '#contracts';
import { isTechnical } from './sentences.ts';

export interface Happening {
  readonly position: number;
  readonly entry: HistoryEntry;
}

export type Row =
  | { readonly is: 'event'; readonly happening: Happening; readonly afterMs: number | null }
  | { readonly is: 'folded'; readonly happenings: readonly [Happening, ...Happening[]] }
  | { readonly is: 'idle'; readonly ms: number; readonly key: string };

/** Shorter pauses are told as the time after the event before. */
const idleMs = 60_000;

export function rowsOf(history: readonly HistoryEntry[]): Row[] {
  const rows: Row[] = [];
  let beforeMs: number | null = null;
  history.forEach((entry, index) => {
    const happening = { position: index + 1, entry };
    const atMs = Date.parse(entry.time);
    const afterMs = beforeMs === null ? null : atMs - beforeMs;
    if (afterMs !== null && afterMs >= idleMs) rows.push({ is: 'idle', ms: afterMs, key: entry.id });
    const last = rows.at(-1);
    if (!isTechnical(entry)) rows.push({ is: 'event', happening, afterMs });
    else if (last?.is === 'folded') rows.splice(-1, 1, { is: 'folded', happenings: [...last.happenings, happening] });
    else rows.push({ is: 'folded', happenings: [happening] });
    beforeMs = atMs;
  });
  return rows;
}

/** What was asked for and is not there is as much of a story as what happened; a moment is nobody's fault. */
const missedAfterMs = 2000;

export function missingEffect(waits: WaitBody | null, now: number): WaitBody | null {
  return waits && (waits.kind !== 'missing' || now - Date.parse(waits.since) > missedAfterMs) ? waits : null;
}

/** The place of an event that something else leads to; null: it is not in this history. */
export function positionOf(eventId: string | null, history: readonly HistoryEntry[]): number | null {
  const index = history.findIndex(({ id }) => id === eventId);
  return index < 0 ? null : index + 1;
}

/** A place in the history that is there; null: as it is now. */
export function positionIn(text: string | null, of: number): number | null {
  const position = Number(text);
  return text !== null && Number.isInteger(position) && position >= 1 && position <= of ? position : null;
}
