// What do users read while it waits for a slot?
import type { RunHeld } from '#contracts';
import { isReady, type Run } from './run.ts';

export interface HoldRun {
  readonly type: 'HoldRun';
  readonly data: RunHeld['data'];
}

/** Said once for each reason, however often the slots are looked at. */
export function hold({ data }: HoldRun, run: Run): RunHeld[] {
  return isReady(run) && run.heldReason !== data.reason ? [{ type: 'RunHeld', data }] : [];
}
