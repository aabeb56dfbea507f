// What is known of how far a log goes: is that all, is more coming, or can't it be told?
import { isDone } from '#contracts';
import { count, duration, plural } from '../../text/amounts.ts';
import type { LogIndex } from './log-index.ts';

export interface Standing {
  readonly status: string;
  readonly wasStarted: boolean;
  /** When it was last read how far it goes, in milliseconds; and whether that fails now. */
  readonly readAt: number;
  readonly isAway: boolean;
}

/** So long a program may compute before its silence is worth a word. */
const quietMs = 60_000;
const awayMs = 3000;

/** "Not yet" is another thing than "nothing". */
export function toldOf({ lines, isComplete, grownAt }: LogIndex, { status, wasStarted, readAt, isAway }: Standing, now: number): string {
  if (lines === 0) return emptyText(isComplete, status, wasStarted);
  if (isComplete) return `complete, ${plural(lines, 'line')}`;
  if (isAway && now - readAt > awayMs) return `${count(lines)} lines, collected up to ${new Date(readAt).toLocaleTimeString()}, ${duration(now - readAt)} behind`;
  if (isDone(status)) return `${count(lines)} lines; what it printed last is still being collected`;
  const silence = grownAt === null ? 0 : now - Date.parse(grownAt);
  return silence < quietMs ? `${plural(lines, 'line')} until now` : `${plural(lines, 'line')}; it has printed nothing for ${duration(silence)}`;
}

function emptyText(isComplete: boolean, status: string, wasStarted: boolean): string {
  if (!wasStarted) return isDone(status) ? 'It never started, so it printed nothing.' : 'It has not started yet: what it prints will be here.';
  if (isComplete) return 'It printed nothing.';
  return isDone(status) ? 'What it printed is not all collected yet.' : 'Its program has printed nothing yet.';
}
