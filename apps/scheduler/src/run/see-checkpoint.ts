// Is it news whether a program has read the checkpoint it was given, and has its user to be warned?
import type { RunCheckpointSeen, RunWarned } from '#contracts';
import { isLive, type Run } from './run.ts';

export interface SeeCheckpoint {
  readonly type: 'SeeCheckpoint';
  /** hasFailed: it ended with an error, so that it says little that it had not got so far. */
  readonly data: RunCheckpointSeen['data'] & { readonly hasFailed: boolean };
}

/** Once for each attempt that was given one. */
export function seeCheckpoint({ data: { hasFailed, ...data } }: SeeCheckpoint, run: Run): (RunCheckpointSeen | RunWarned)[] {
  const { experimentId, attempt, read, seenAt } = data;
  const offered = run.checkpoint?.offered;
  if (!offered || !isLive(run, attempt) || run.seenAttempt === attempt) return [];
  const seen: RunCheckpointSeen = { type: 'RunCheckpointSeen', data };
  if (read !== 'not-read' || (hasFailed && !run.stopRequested)) return [seen];
  const message = `its program did not read ${offered.path}, the checkpoint it was given: it started at the beginning, or from something else`;
  return [seen, { type: 'RunWarned', data: { experimentId, attempt, message, warnedAt: seenAt } }];
}
