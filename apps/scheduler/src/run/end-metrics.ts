// How did runs end, and did those that were given a checkpoint read it?
import type { Event, RunCheckpointSeen, RunPreempted } from '#contracts';
import { counter } from '#service-host';

type Told = Pick<Event, 'type' | 'data'>;

const outcomes = { RunSucceeded: 'succeeded', RunFailed: 'failed', RunStopped: 'stopped' } as const;
const results = { read: 'proven', 'not-read': 'not_loaded', unknown: 'unknown' } as const;

/** Of the events that were committed together, since the end of an attempt says what it means that a checkpoint was not read. */
export function openEndMetrics(): (events: readonly Told[]) => void {
  const finished = counter('runs_finished_total');
  const failed = counter('run_attempts_failed_total');
  const preempted = counter('runs_preempted_total');
  const loads = counter('resume_loads_total');
  return (events) => {
    for (const { type, data } of events) {
      if (type === 'RunSucceeded' || type === 'RunFailed' || type === 'RunStopped') finished.inc({ outcome: outcomes[type] });
      if ((type === 'RunFailed' || type === 'RunAttemptFailed') && 'reason' in data) failed.inc({ reason: data.reason as 'program' });
      if (type === 'RunPreempted') preempted.inc({ cause: (data as RunPreempted['data']).cause ?? 'infrastructure' });
      if (type === 'RunCheckpointSeen') loads.inc({ result: resultOf(data as RunCheckpointSeen['data'], events) });
    }
  };
}

/** Who failed, or was taken away, before it got so far has not ignored anything. */
function resultOf({ experimentId, read }: RunCheckpointSeen['data'], events: readonly Told[]): (typeof results)[keyof typeof results] {
  const hasFailed = events.some(({ type, data }) => (type === 'RunFailed' || type === 'RunAttemptFailed' || type === 'RunPreempted') && (data as { experimentId: number }).experimentId === experimentId);
  return read === 'not-read' && hasFailed ? 'unknown' : results[read];
}
