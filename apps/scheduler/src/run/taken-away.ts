// The machine took an attempt away: does the run go on, and when?
import type { EndCause, RunFailed, RunPreempted, TakenCause, Time } from '#contracts';
import { outputsAgain, pauseUntil } from './again.ts';
import { lastToPrint, quickSeconds, type Run } from './run.ts';
import { withWhatToDo } from './what-to-do.ts';

/** Apart from `max_restarts`, which is for what the program itself does. */
export interface TakenBudget {
  /** How often the machine may take a run away. Not given: never, it fails at once. */
  readonly preemptionsAllowed?: number;
  /** Before the next attempt of one that was taken away within a minute; it doubles each time that happens in a row. Who got farther goes on at once. */
  readonly quickDelaySeconds?: number;
}

type Ended = RunPreempted['data'] & { readonly cause: TakenCause };

const taken: readonly EndCause[] = ['preempted', 'evicted', 'node-lost', 'infrastructure'] satisfies TakenCause[];

export function isTaken(cause: EndCause): cause is TakenCause {
  return taken.includes(cause);
}

export function takenAway(ended: Ended, run: Run, { preemptionsAllowed = 0, quickDelaySeconds = 0 }: TakenBudget): (RunPreempted | RunFailed)[] {
  const preemptions = run.preemptions + 1;
  if (preemptions > preemptionsAllowed) {
    const { message, cause } = ended;
    const why = preemptionsAllowed === 0 ? message : `${message ?? `attempt ${ended.attempt} was taken away`}; the machine took it away ${preemptions} times, ${preemptionsAllowed} are allowed`;
    return [{ type: 'RunFailed', data: { ...ended, ...lastToPrint(run), message: withWhatToDo('infrastructure', why), reason: 'infrastructure', cause } }];
  }
  const isQuick = livedSeconds(run, ended.endedAt) < quickSeconds;
  const nextAttemptAt = isQuick ? pauseUntil(ended.endedAt, quickDelaySeconds, run.quickPreemptions) : ended.endedAt;
  return [{ type: 'RunPreempted', data: { ...ended, preemptions, preemptionsAllowed, nextAttemptAt, ...outputsAgain(run) } }];
}

/** One that never started has not lived. */
function livedSeconds({ startedAt, wasStarted }: Run, endedAt: Time): number {
  return wasStarted && startedAt !== null ? (Date.parse(endedAt) - Date.parse(startedAt)) / 1000 : 0;
}
