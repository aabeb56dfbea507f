// What do users read while its process or pod can't start yet?
import type { RunPending } from '#contracts';
import { isLive, type Run } from './run.ts';
import { withWhatToExpect } from './what-to-do.ts';

export interface PendRun {
  readonly type: 'PendRun';
  readonly data: RunPending['data'];
}

/** Clusters say the same in many ways: how many machines have no room changes with every machine. */
const sameCauseSeconds = 60;

/** Each cause when it is new, and what is new about it once in a minute; that nothing holds it up any more only when something did. */
export function pend({ data }: PendRun, run: Run): RunPending[] {
  if (!isLive(run, data.attempt) || run.state !== 'scheduled' || run.stopRequested) return [];
  const reason = withWhatToExpect(data.cause, data.reason);
  const { pending } = run;
  if (pending === null && data.cause === 'starting' && reason === null) return [];
  if (pending?.cause === data.cause) {
    if (pending.reason === reason || Date.parse(data.pendingAt) - Date.parse(pending.pendingAt) < 1000 * sameCauseSeconds) return [];
  }
  return [{ type: 'RunPending', data: { ...data, reason } }];
}
